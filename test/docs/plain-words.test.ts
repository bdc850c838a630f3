import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { EXAMPLES, unplainLines } from "../support/bundles/plain-words.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

const FOLDERS = ["src", "packages", "test", "docs", "bench", "build", "demo", "schemas"];

/** Data: vectors, and the rules themselves. */
const EXEMPT = /^test\/(?:vectors|data)\//;

function* files(): Generator<string> {
  for (const folder of FOLDERS) {
    for (const name of readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })) {
      const path = join(folder, name);
      if (/\.(?:ts|mjs|md|json)$/.test(path) && !/node_modules|\/dist\//.test(path) && !EXEMPT.test(path))
        yield path;
    }
  }
  for (const name of readdirSync(root)) if (name.endsWith(".md")) yield name;
}

const lines = [...files()].flatMap((path) => unplainLines(path, readFileSync(join(root, path), "utf8")));

describe("plain English", () => {
  it("is the language of comments, messages, test names and pages", () => {
    expect(lines).toEqual([]);
  });

  it.each(EXAMPLES)("breaks $unplain rules in: $line", ({ line, unplain }) => {
    expect(unplainLines("a.ts", line)).toHaveLength(unplain);
  });
});
