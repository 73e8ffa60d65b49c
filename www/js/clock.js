/** The clock that is injected into the cache: it runs at a speed, stands still, and jumps. */
export class DemoClock {
  #base = 1_700_000_000_000;
  #since = performance.now();
  #speed = 1;
  start = this.#base;

  now() {
    return Math.floor(this.#base + (performance.now() - this.#since) * this.#speed);
  }

  get speed() {
    return this.#speed;
  }

  set speed(speed) {
    this.#base = this.now();
    this.#since = performance.now();
    this.#speed = speed;
  }

  advance(ms) {
    this.#base += ms;
  }

  /** Time since the page began, by this clock, as hh:mm:ss. */
  face(at = this.now()) {
    const total = Math.max(0, Math.floor((at - this.start) / 1000));
    return [total / 3600, (total / 60) % 60, total % 60].map((part) => String(Math.floor(part)).padStart(2, "0")).join(":");
  }
}
