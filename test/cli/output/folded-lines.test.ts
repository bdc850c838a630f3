import { describe, expect, it } from "vitest";
import { printReport } from "../../../src/cli/output/report.ts";
import { unfold } from "../../support/command/cli.ts";

const MAX_COLUMNS = 100;

/** What a report prints on stderr. */
function printed(message: string, hints: readonly string[]): string {
  let stderr = "";
  const io = {
    errorColour: false,
    writeError: (text: string) => {
      stderr += text;
    },
  };
  const facts = { ok: false, code: "WRITE_FAILED", message, details: {}, exit_code: 4 } as const;
  const report = { facts, text: "", error: { message, hints } };
  printReport(report, { colour: false, json: false, quiet: false, writeAnswer: () => undefined }, io);
  return stderr;
}

describe("a long line of an error", () => {
  it("is folded at blanks, behind six of them, and nothing is lost", () => {
    const long = "word ".repeat(60).trim();
    const text = printed(long, [long, "short"]);
    expect(text.split("\n").filter((line) => line.length > MAX_COLUMNS)).toEqual([]);
    expect(unfold(text)).toBe(`error: WRITE_FAILED: ${long}\nhint: ${long}\nhint: short\n`);
    expect(text).toMatch(/\n {6}word/);
  });

  it("keeps a longer word whole", () => {
    const word = "x".repeat(150);
    expect(printed(`could not write "${word}": no`, [])).toContain(`"${word}":\n`);
  });
});
