import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { unplainLines } from "../support/plain-words.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

const FOLDERS = ["src", "test", "docs", "bench", "build", "demo", "schemas"];

/** Bytes that are fixed for another reason, and the rules themselves. */
const EXEMPT =
  /^test\/(?:vectors|data)\/|^test\/support\/plain-words\.ts$|^test\/docs\/plain-words\.test\.ts$/;

/** Files that still need rewording, one a line. Only remove lines. */
const TO_DO = new Set(
  readFileSync(join(root, "test/data/unplain-files.txt"), "utf8")
    .split("\n")
    .filter((line) => line !== ""),
);

function* files(): Generator<string> {
  for (const folder of FOLDERS) {
    for (const name of readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })) {
      const path = join(folder, name);
      if (/\.(?:ts|mjs|md|json)$/.test(path) && !/node_modules/.test(path) && !EXEMPT.test(path)) yield path;
    }
  }
  for (const name of readdirSync(root)) if (name.endsWith(".md")) yield name;
}

const found = new Map(
  [...files()].map((path) => [path, unplainLines(path, readFileSync(join(root, path), "utf8"))] as const),
);

describe("plain English", () => {
  it("is the language of comments, messages, test names and pages", () => {
    const lines = [...found].flatMap(([path, unplain]) => (TO_DO.has(path) ? [] : unplain));
    expect(lines).toEqual([]);
  });

  it("has a list of files to reword that names no file without such lines", () => {
    expect([...TO_DO].filter((path) => (found.get(path) ?? []).length === 0)).toEqual([]);
  });

  it.each([
    ["// Nobody waits here.", 1],
    ['const text = "held against the manifest";', 1],
    ["const nobody = 65_534;", 0],
    ["// No caller waits here.", 0],
  ])("%s has %i unplain wordings", (line, count) => {
    expect(unplainLines("a.ts", line)).toHaveLength(count);
  });
});
