/** Small helpers over the document. Text goes in as text, never as markup. */

export const $ = (id) => document.getElementById(id);

/** An element with properties and children; `class`, `data-*`, `aria-*` and the like are attributes. */
export function el(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value);
  }
  node.append(...children);
  return node;
}

export function svg(name, attributes = {}, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

/** Sets text only where it differs, so that nothing is laid out again for nothing. */
export function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export const percent = (share) => `${(share * 100).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`;

export function seconds(value) {
  if (!Number.isFinite(value)) return "never";
  const size = Math.abs(value);
  if (size >= 3600) return `${(value / 3600).toFixed(1)} h`;
  if (size >= 100) return `${Math.floor(value / 60)} m ${String(Math.floor(value % 60)).padStart(2, "0")} s`;
  return `${value.toFixed(size < 10 ? 1 : 0)} s`;
}
