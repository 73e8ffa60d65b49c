/** The controls beside the table: traffic, clock, writes, and invalidation by hand with its preview. */
import { $, el, say } from "./dom.js";
import * as address from "./state.js";
import { OPERATIONS } from "./world.js";

/** A pattern of each kind that matches something, so that nobody has to guess. */
const EXAMPLES = {
  endpoint: "storycore.prompt.*",
  userId: "alice",
  tag: "project:demo",
  glob: "storycore.*.list:*",
  prefix: "storycore.character",
  regex: "\\.(get|search):user:(alice|bob)",
};

export class Controls {
  #world;
  #entries;
  #log;
  #traffic = { on: false, due: 0, last: performance.now(), writeDue: 0 };
  #texts = { ...EXAMPLES };

  constructor(world, entries, log) {
    this.#world = world;
    this.#entries = entries;
    this.#log = log;
    this.#bindTraffic();
    this.#bindClock();
    this.#bindWrites();
    this.#bindPattern();
    this.#restore();
    setInterval(() => this.#tick(), 50);
  }

  // -------------------------------------------------------------- traffic

  start(on = true) {
    this.#traffic.on = on;
    this.#traffic.last = performance.now();
    $("traffic").setAttribute("aria-pressed", String(on));
    say($("traffic"), on ? "Stop traffic" : "Start traffic");
  }

  get running() {
    return this.#traffic.on;
  }

  #bindTraffic() {
    $("traffic").addEventListener("click", () => this.start(!this.#traffic.on));
    const show = () => {
      this.#world.latency = Number($("latency").value);
      say($("latency-out"), `${$("latency").value} ms`);
      say($("rate-out"), `${$("rate").value} /s`);
    };
    for (const id of ["rate", "latency"]) $(id).addEventListener("input", show);
    show();
  }

  /** As many requests as are due since the last tick; a tab that slept does not make up for it. */
  #tick() {
    const now = performance.now();
    const passed = Math.min(now - this.#traffic.last, 250) / 1000;
    this.#traffic.last = now;
    if (!this.#traffic.on) return;
    this.#traffic.due += passed * Number($("rate").value);
    for (; this.#traffic.due >= 1; this.#traffic.due -= 1) this.#world.any();
    if (!$("writes").checked) return;
    this.#traffic.writeDue += passed / 2;
    for (; this.#traffic.writeDue >= 1; this.#traffic.writeDue -= 1) this.#world.anyWrite();
  }

  // -------------------------------------------------------------- clock

  speed(value) {
    this.#world.clock.speed = Number(value);
    for (const radio of document.querySelectorAll('input[name="speed"]')) radio.checked = radio.value === String(value);
  }

  #bindClock() {
    const { cache, clock } = this.#world;
    $("speeds").addEventListener("change", ({ target }) => this.speed(target.value));
    this.speed(10);
    $("skip30").addEventListener("click", () => clock.advance(30_000));
    $("cleanup").addEventListener("click", () => {
      const count = cache.cleanupExpired();
      this.#log(`cleanupExpired() removed ${entries(count)}`);
    });
    $("clear").addEventListener("click", () => cache.clear());
  }

  // -------------------------------------------------------------- writes

  #bindWrites() {
    for (const operation of OPERATIONS) {
      $("mutations").append(el("button", {
        type: "button",
        "data-operation": operation,
        onclick: async () => {
          const endpoint = `${$("resource").value}.${operation}`;
          say($("mutated"), `${endpoint} is under way …`);
          const { metadata } = await this.#world.mutate(endpoint);
          say($("mutated"), `${endpoint} removed ${entries(metadata.invalidated ?? 0)}.`);
        },
      }, operation));
    }
  }

  // -------------------------------------------------------------- invalidation by hand

  get #kind() {
    return document.querySelector('input[name="kind"]:checked').value;
  }

  get #pattern() {
    return { [this.#kind]: $("pattern").value };
  }

  #bindPattern() {
    $("kinds").addEventListener("change", () => {
      $("pattern").value = this.#texts[this.#kind];
      this.preview();
    });
    $("pattern").addEventListener("input", () => {
      this.#texts[this.#kind] = $("pattern").value;
      this.preview();
    });
    $("pattern").addEventListener("keydown", ({ key }) => {
      if (key === "Enter" && !$("invalidate").disabled) $("invalidate").click();
    });
    $("invalidate").addEventListener("click", () => {
      try {
        const count = this.#world.cache.invalidate(this.#pattern);
        this.preview(`invalidate(${JSON.stringify(this.#pattern)}) removed ${entries(count)}.`);
      } catch (error) {
        this.#fail(error);
      }
    });
    $("share").addEventListener("click", async () => {
      const link = address.write({ speed: this.#world.clock.speed, rate: $("rate").value, latency: $("latency").value, kind: this.#kind, pattern: $("pattern").value, theme: document.documentElement.dataset.theme });
      const copied = await navigator.clipboard?.writeText(link).then(() => true, () => false);
      say($("share"), copied ? "Copied" : "It is in the address bar");
      setTimeout(() => say($("share"), "Copy link to this state"), 1500);
    });
    $("pattern").value = this.#texts[this.#kind];
  }

  /** What the pattern would remove now: outlined in the table, counted, or an error in words. */
  preview(said) {
    try {
      const keys = this.#world.cache.preview(this.#pattern);
      this.#entries.match(keys);
      $("pattern").setAttribute("aria-invalid", "false");
      $("preview").className = "note";
      $("invalidate").disabled = false;
      if (said) this.#said = { text: said, until: performance.now() + 2500 };
      const shown = this.#said && performance.now() < this.#said.until ? this.#said.text : `Matches ${entries(keys.length)} of ${this.#world.cache.size}.`;
      say($("preview"), shown);
    } catch (error) {
      this.#fail(error);
    }
  }

  #said = undefined;

  #fail(error) {
    this.#entries.match([]);
    $("pattern").setAttribute("aria-invalid", "true");
    $("preview").className = "note error";
    $("invalidate").disabled = true;
    say($("preview"), `${error.code ?? error.name}: ${error.message}`);
  }

  // -------------------------------------------------------------- state in the address

  #restore() {
    const { speed, rate, latency, kind, pattern } = address.read();
    if (["0", "1", "10", "60"].includes(speed)) this.speed(speed);
    for (const [id, value] of [["rate", rate], ["latency", latency]]) {
      if (value === undefined) continue;
      $(id).value = value;
      $(id).dispatchEvent(new Event("input"));
    }
    if (Object.hasOwn(EXAMPLES, kind ?? "")) {
      document.querySelector(`input[name="kind"][value="${kind}"]`).checked = true;
      if (pattern !== undefined) this.#texts[kind] = pattern;
      $("pattern").value = this.#texts[kind];
    }
    this.preview();
  }
}

export const entries = (count) => `${count} ${count === 1 ? "entry" : "entries"}`;
