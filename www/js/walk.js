/** A walk, step by step: miss, hit, write, miss again, expired. Every line shows what the response said. */
import { $, say, sleep } from "./dom.js";

const LIST = { endpoint: "storycore.prompt.list", params: { project: "demo" }, userId: "alice" };
const PAUSE_MS = 1100;

/** @returns {Promise<string[]>} what `metadata.cache` said at each step */
export async function walk(world, controls) {
  const traffic = controls.running;
  const { speed } = world.clock;
  controls.start(false);
  controls.speed(1);
  // What is on its way would land in the middle of the story.
  while (world.cache.getStats().loading > 0) await sleep(20);
  world.cache.clear();
  const seen = [];
  const steps = [...$("walk-steps").children];
  for (const step of steps) {
    step.className = "";
    say(step.querySelector("output"), "");
  }
  const play = async (name, act) => {
    const step = steps.find((each) => each.dataset.step === name);
    step.className = "now";
    const start = performance.now();
    const metadata = await act();
    const took = performance.now() - start;
    seen.push(metadata.cache);
    const rest = metadata.cache === "mutation" ? `, ${metadata.invalidated} removed` : `, expires in ${Math.round(metadata.ttl)} s`;
    say(step.querySelector("output"), `${metadata.cache} after ${took < 10 ? took.toFixed(1) : took.toFixed(0)} ms${rest}`);
    await sleep(PAUSE_MS);
    step.className = "done";
  };
  const read = async () => (await world.request(LIST)).response.metadata;
  await play("miss", read);
  await play("hit", read);
  await play("create", async () => (await world.mutate("storycore.prompt.create")).metadata);
  await play("again", read);
  await play("expired", () => {
    world.clock.advance(181_000);
    return read();
  });
  controls.speed(speed);
  controls.start(traffic);
  return seen;
}
