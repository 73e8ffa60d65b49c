/** What is worth sharing of the page's state, kept behind the `#` of its address when somebody asks for a link. */

const FIELDS = ["speed", "rate", "latency", "kind", "pattern", "theme"];

/** The state in the address. A plain anchor such as `#race` has none. */
export function read() {
  const given = new URLSearchParams(location.hash.slice(1));
  return Object.fromEntries(FIELDS.filter((field) => given.has(field)).map((field) => [field, given.get(field)]));
}

/** The address of this page in this state. Writes it into the address bar, without a step in the history. */
export function write(state) {
  const fields = Object.entries(state).filter(([field]) => FIELDS.includes(field));
  history.replaceState(null, "", `#${new URLSearchParams(fields)}`);
  return location.href;
}
