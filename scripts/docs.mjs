// The API reference: node scripts/docs.mjs   (make docs) -> build/api
//
// Made from the types of the package and from nothing else, one module for each entry of `exports`, with the README and the
// guides as its pages. A warning ends it like an error: a link to nothing, a type that is named and not exported.
// Knows where the types are and what the entries are called; needs a build, which writes the types.
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { entriesOf, formsOf } from "./exports.mjs";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const PACKAGE = join(ROOT, "pkg");
const SOURCE = join(ROOT, "build", "api-source");
const OUT = join(ROOT, "build", "api");

const tools = createRequire(join(ROOT, "scripts", "release", "package.json"));
const { Application } = await import(pathToFileURL(tools.resolve("typedoc")).href);

const entries = typedEntries();
lay(SOURCE);
const app = await Application.bootstrap({
  name: "endpoint-cache",
  entryPoints: [...entries.keys()].map((file) => join(SOURCE, file)),
  basePath: SOURCE,
  tsconfig: join(ROOT, "scripts", "release", "tsconfig.docs.json"),
  readme: join(SOURCE, "README.md"),
  projectDocuments: readdirSync(join(SOURCE, "docs"))
    // That page is for those who change the sources.
    .filter((name) => name.endsWith(".md") && name !== "architecture.md")
    .map((name) => join(SOURCE, "docs", name)),
  out: OUT,
  includeVersion: false,
  disableSources: true,
  hideGenerator: true,
  treatWarningsAsErrors: true,
  validation: { notExported: true, invalidLink: true, invalidPath: true, rewrittenLink: true, notDocumented: false },
});
const project = await app.convert();
if (project) {
  for (const module of project.children ?? []) {
    const file = [...entries.keys()].find((path) => path === `${module.name}.d.ts`);
    module.name = file ? `endpoint-cache${entries.get(file)}` : module.name;
  }
  app.validate(project);
  if (!app.logger.hasErrors() && !app.logger.hasWarnings()) await app.generateOutputs(project);
}
if (!project || app.logger.hasErrors() || app.logger.hasWarnings()) {
  console.error("docs: the types or the documents have to be mended; each line above names its place");
  process.exit(1);
}
console.log(`docs: build/api/index.html, ${project.children?.length ?? 0} entries`);

/** The file of types of each entry, with what follows the package's name in an import. */
function typedEntries() {
  const { exports } = JSON.parse(readFileSync(join(ROOT, "pkg-template", "package.json"), "utf8"));
  /** @type {Map<string, string>} */
  const found = new Map();
  for (const [subpath, entry] of entriesOf(exports)) {
    const file = formsOf(entry).types.replace("./", "");
    if (!found.has(file)) found.set(file, subpath.slice(1));
  }
  return found;
}

/** The types and documents in a folder where the frameworks' own types are found. */
function lay(/** @type {string} */ dir) {
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true });
  for (const path of readdirSync(PACKAGE, { recursive: true, encoding: "utf8" })) {
    if (!/\.(d\.ts|svg)$/.test(path) || /^(cjs|node_modules)\//.test(path)) continue;
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    cpSync(join(PACKAGE, path), join(dir, path));
  }
  for (const name of ["CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "examples"]) {
    cpSync(join(ROOT, name), join(dir, name), { recursive: true, filter: (path) => !path.endsWith("node_modules") });
  }
  // What the documents link to lies beside them here, as in the package.
  for (const name of ["README.md", ...readdirSync(join(ROOT, "docs")).map((page) => `docs/${page}`)]) {
    const text = readFileSync(join(ROOT, name), "utf8").replaceAll("](pkg-template/", "](").replaceAll("](../pkg-template/", "](../");
    writeFileSync(join(dir, name), text);
  }
  symlinkSync(join(ROOT, "tests", "adapters", "node_modules"), join(dir, "node_modules"), "dir");
}
