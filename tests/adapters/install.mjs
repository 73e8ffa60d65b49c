// Puts a copy of the built package where the frameworks are installed, as a user's project has it: node tests/adapters/install.mjs
//
// The files of examples/ find both there too.
import { cpSync, rmSync, symlinkSync } from "node:fs";
import { fileURLToPath } from "node:url";

const path = (/** @type {string} */ name) => fileURLToPath(new URL(name, import.meta.url));
const from = path("../../pkg");
const to = path("./node_modules/endpoint-cache");
rmSync(to, { recursive: true, force: true });
cpSync(from, to, { recursive: true, filter: (name) => !name.startsWith(`${from}/node_modules`) });

const examples = path("../../examples/node_modules");
rmSync(examples, { recursive: true, force: true });
symlinkSync("../tests/adapters/node_modules", examples, "dir");
