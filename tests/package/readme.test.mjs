// Every ```js block of the README and of the pages that are named below, run as it stands: each in a process of its own, against the assembled package.
//
// What a block prints has to be what its `// → ...` comments say, line by line. Knows Markdown fences and nothing of the
// package, so that a snippet fails here exactly as it would fail for the person who copies it.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const HOME = join(ROOT, "build", `readme-${process.pid}`);
const DOCUMENTS = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "pkg-template/docs/values.md", "pkg-template/docs/testing.md"];

mkdirSync(join(HOME, "node_modules"), { recursive: true });
symlinkSync(join(ROOT, "pkg"), join(HOME, "node_modules", "endpoint-cache"), "dir");
after(() => rmSync(HOME, { recursive: true, force: true }));

for (const document of DOCUMENTS.filter((name) => existsSync(join(ROOT, name)))) {
  const text = readFileSync(join(ROOT, document), "utf8");

  for (const { code, line } of blocks(text, "js")) {
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
    const anchors = new Set([...text.matchAll(/^#+ (.*)$/gm)].map(([, title]) => anchor(title)));
    for (const [, target] of text.matchAll(/\]\(([^)]+)\)/g)) {
      if (target.startsWith("#")) assert.ok(anchors.has(target.slice(1)), `no heading for ${target}`);
      else if (!/^https?:/.test(target)) assert.ok(existsSync(join(ROOT, dirname(document), target.split("#")[0])), `no file ${target}`);
    }
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

/** A heading's anchor, as GitHub makes it. */
function anchor(title) {
  return title.toLowerCase().replace(/[^\p{L}\p{N}\s-]/gu, "").replace(/\s/g, "-");
}
