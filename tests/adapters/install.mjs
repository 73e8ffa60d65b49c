// Puts a copy of the built package where the frameworks are installed, as a user's project has it: node tests/adapters/install.mjs
import { cpSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

const from = fileURLToPath(new URL("../../pkg", import.meta.url));
const to = fileURLToPath(new URL("./node_modules/endpoint-cache", import.meta.url));
rmSync(to, { recursive: true, force: true });
cpSync(from, to, { recursive: true, filter: (path) => !path.startsWith(`${from}/node_modules`) });
