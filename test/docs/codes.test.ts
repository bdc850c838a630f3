import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ALL_CODES } from "../../src/cli/codes/codes.ts";
import { exitCodeOf } from "../../src/cli/codes/exit-code.ts";
import { explain } from "../../src/cli/codes/explanations.ts";

const page = readFileSync(new URL("../../docs/codes.md", import.meta.url), "utf8");
const rows = page.split("\n").filter((line) => line.startsWith("| `"));

describe("docs/codes.md", () => {
  it.each(ALL_CODES.map((code) => [code]))("says of %s what the program says", (code) => {
    const { meaning, remedy } = explain(code);
    expect(rows).toContain(`| \`${code}\` | ${exitCodeOf(code)} | ${meaning} | ${remedy} |`);
  });

  it("has no code that the program doesn't have", () => {
    expect(rows).toHaveLength(ALL_CODES.length);
  });
});
