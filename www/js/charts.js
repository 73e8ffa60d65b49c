/** Three small charts over the last minute, in SVG. They show what they are given, and say their last value as text. */
import { el, say, svg } from "./dom.js";

const POINTS = 120;
const [WIDTH, HEIGHT] = [300, 96];

/**
 * @param {HTMLElement} host
 * @param {{ title: string, series: { name: string, style: string, area?: boolean }[], top?: number, format: (values: number[]) => string, unit: (top: number) => string }} options
 */
export function chart(host, { title, series, top, format, unit }) {
  const value = el("span");
  const upper = el("span");
  const image = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img", "aria-label": title });
  for (const share of [0, 0.5, 1]) image.append(svg("line", { class: "gridline", x1: 0, x2: WIDTH, y1: HEIGHT * share, y2: HEIGHT * share }));
  const drawn = series.map(({ style, area }) => {
    const fill = area ? image.appendChild(svg("path", { class: `area ${style}` })) : null;
    return { fill, line: image.appendChild(svg("path", { class: `line ${style}` })), points: [] };
  });
  const names = series.length > 1 ? series.map(({ name, style }) => el("span", {}, el("i", { class: `swatch ${style}` }), name)) : [];
  host.append(el("div", { class: "panel chart" }, el("header", {}, el("b", {}, title), value), image, el("footer", {}, upper, el("span"), el("span", {}, ...(names.length ? names : ["last minute"])))));

  return (...values) => {
    drawn.forEach(({ points }, i) => {
      points.push(values[i]);
      if (points.length > POINTS) points.shift();
    });
    const highest = top ?? nice(Math.max(...drawn.flatMap(({ points }) => points)));
    for (const { points, line, fill } of drawn) {
      const x = (i) => (WIDTH - ((points.length - 1 - i) * WIDTH) / (POINTS - 1)).toFixed(1);
      const path = points.map((point, i) => `${i ? "L" : "M"}${x(i)} ${(HEIGHT - (Math.min(point, highest) / highest) * HEIGHT).toFixed(1)}`).join("");
      line.setAttribute("d", path);
      fill?.setAttribute("d", `${path}L${WIDTH} ${HEIGHT}L${x(0)} ${HEIGHT}Z`);
    }
    const text = format(values);
    say(value, text);
    say(upper, unit(highest));
    image.setAttribute("aria-label", `${title}: now ${text}`);
  };
}

/** The next of 1, 2, 5, 10 … that is not below. */
function nice(value) {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1)));
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= value) ?? 1;
}
