import { describe, expect, it } from "vitest";
import { printReport } from "../../src/cli/output/report.ts";
import { runAmongCanaries } from "../support/canaries.ts";
import { makeSealedProject, unfold } from "../support/cli.ts";
import { WAYS } from "./canary-ways/all-ways.ts";

/** Codes after which there is nothing to do, and why. */
const WITHOUT_HINT: Readonly<Record<string, string>> = {
  INTERRUPTED: "the user ended the command and knows why; nothing is left half-done",
};

const MAX_COLUMNS = 100;

/** Whether a line fits; a list below an error has one thing a line, and is not looked at. It fits where it is short, or is a single word that can't be broken, such as a path. */
function fits(line: string): boolean {
  return line.length <= MAX_COLUMNS || !line.trim().includes(" ");
}

/** What a report prints on stderr. */
function printed(message: string, hints: readonly string[]): string {
  let stderr = "";
  const io = {
    writeOut: () => undefined,
    writeError: (text: string) => {
      stderr += text;
    },
  };
  const facts = { ok: false, code: "WRITE_FAILED", message, details: {}, exit_code: 4 } as const;
  const report = { facts, text: "", error: { message, hints } };
  printReport(report, { json: false, writeAnswer: io.writeOut }, io);
  return stderr;
}

describe("every error of the program", () => {
  describe.concurrent("has its code, a hint, and lines of at most 100 columns:", () => {
    it.each(WAYS.filter(({ code }) => code !== "OK"))("$what", async (way) => {
      using project = await makeSealedProject();
      way.arrange?.(project);
      const { stderr } = await runAmongCanaries(project, way);
      const lines = unfold(stderr).split("\n");
      expect(lines, stderr).toContainEqual(expect.stringMatching(new RegExp(`^error: ${way.code}: .`)));
      const isHinted = lines.some((line) => line.startsWith("hint: "));
      expect(isHinted || way.code in WITHOUT_HINT, stderr).toBe(true);
      const ours = stderr.split("\n").filter((line) => /^(?:error|hint|note|warning): |^ {6}\S/.test(line));
      expect(ours.filter((line) => !fits(line))).toEqual([]);
    });
  });

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
