// The documents: every ```js block is run as it stands, each in a process of its own, against the assembled package; every link leads somewhere.
//
// What a block prints has to be what its `// → ...` comments say, line by line. Knows Markdown fences and nothing of the
// package, so that a snippet fails here exactly as it would fail for the person who copies it. What is shown and not run has
// another fence: ```ts, ```sh.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const HOME = join(ROOT, "build", `readme-${process.pid}`);
const DOCUMENTS = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", ...pages(ROOT)];
/** Their blocks are run where the frameworks are: by tests/adapters and tests/next. */
const ELSEWHERE = ["docs/adapters.md", "docs/nextjs.md"];

mkdirSync(join(HOME, "node_modules"), { recursive: true });
symlinkSync(join(ROOT, "pkg"), join(HOME, "node_modules", "endpoint-cache"), "dir");
after(() => rmSync(HOME, { recursive: true, force: true }));

for (const document of DOCUMENTS) {
  const text = readFileSync(join(ROOT, document), "utf8");

  for (const { code, line } of ELSEWHERE.includes(document) ? [] : blocks(text, "js")) {
    test(`${document}:${line} runs and prints what it says`, async () => {
      const file = join(HOME, `${document.replaceAll("/", "-")}-${line}.mjs`);
      writeFileSync(file, code);
      const { stdout } = await promisify(execFile)(process.execPath, [file], { timeout: 30_000, env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: "0" } });
      const said = [...code.matchAll(/\/\/ → (.*)$/gm)].map(([, words]) => words);
      assert.ok(said.length > 0, "a snippet shows what it prints");
      assert.deepEqual(stdout.trimEnd().split("\n"), said);
    });
  }

  test(`${document}: its links lead somewhere`, () => {
    for (const { file, heading } of links(text)) {
      const path = file === "" ? document : join(dirname(document), file);
      assert.ok(existsSync(join(ROOT, path)), `no file ${path}`);
      if (heading !== undefined) assert.ok(anchors(readFileSync(join(ROOT, path), "utf8")).has(heading), `no heading ${heading} in ${path}`);
    }
  });
}

test("documents in the package: their links lead to what it holds, or what the repository does", () => {
  for (const document of ["README.md", ...pages(join(ROOT, "pkg"))]) {
    for (const { file } of links(readFileSync(join(ROOT, "pkg", document), "utf8"))) {
      const path = join(dirname(document), file);
      assert.ok(existsSync(join(ROOT, "pkg", path)) || existsSync(join(ROOT, path)), `${document}: no file ${path}`);
    }
  }
});

test("every page of docs/ is linked from the README or CONTRIBUTING", () => {
  const linked = [...links(readFileSync(join(ROOT, "README.md"), "utf8")), ...links(readFileSync(join(ROOT, "CONTRIBUTING.md"), "utf8"))];
  assert.deepEqual(pages(ROOT).filter((page) => !linked.some(({ file }) => file === page)), []);
});

/** Pages of `docs/`, by their path from `root`. */
function pages(root) {
  const names = readdirSync(join(root, "docs")).filter((name) => name.endsWith(".md"));
  return names.map((name) => `docs/${name}`);
}

/** Links that stay in the repository: the file, "" for the document itself, and the heading in it. */
function links(text) {
  const prose = text.replace(/^```[\s\S]*?^```$/gm, "");
  const targets = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target);
  return targets.filter((target) => !/^(https?|mailto):/.test(target)).map((target) => {
    const [file, heading] = target.split("#");
    return { file, heading };
  });
}

/** Fenced blocks of one language, with the line their code begins on. */
function blocks(text, language) {
  const found = [];
  for (const match of text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, "gm"))) {
    found.push({ code: match[1], line: text.slice(0, match.index).split("\n").length + 1 });
  }
  return found;
}

/** The headings of a document as GitHub links to them. */
function anchors(text) {
  const titles = [...text.matchAll(/^#+ (.*)$/gm)].map(([, title]) => title);
  return new Set(titles.map((title) => title.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, "").replace(/\s/g, "-")));
}
