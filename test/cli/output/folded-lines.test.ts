import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { printReport } from "../../../src/cli/output/report.ts";
import { makeSealedProject, type Project, unfold } from "../../support/command/cli.ts";
import { HAS_PTY, runAtTerminal } from "../../support/command/pty.ts";

const MAX_COLUMNS = 80;

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

const WIDTHS = [60, 80, 120] as const;

/** Commands that print more than fits, on stdout. */
const LONG = [
  ["--help"],
  ["verify", "--help"],
  ["undo", "-h"],
  ["explain", "hash_mismatch"],
  ["explain", "3"],
  ["doctor"],
];

describe.skipIf(!HAS_PTY)("at a terminal", () => {
  let project: Project;
  beforeAll(async () => {
    project = await makeSealedProject();
  });
  afterAll(() => project[Symbol.dispose]());

  /** The lines on a terminal of so many columns that are longer, and could be broken. */
  async function broken(args: readonly string[], columns: number): Promise<readonly string[]> {
    const setting = {
      cwd: project.root,
      env: { ...project.env, NO_COLOR: "1" },
      columns,
      screen: true,
    } as const;
    const { terminal } = await runAtTerminal(args, [], setting);
    expect(terminal.length).toBeGreaterThan(100);
    return terminal.split(/\r*\n/).filter((line) => line.length > columns && line.trim().includes(" "));
  }

  it.each(WIDTHS)("of %i columns help and explanations break at blanks", async (columns) => {
    for (const args of LONG) expect(await broken(args, columns), args.join(" ")).toEqual([]);
  });

  it.each(WIDTHS)("of %i columns errors and hints break at blanks", async (columns) => {
    expect(await broken(["verify", "nope", "--stored"], columns)).toEqual([]);
    expect(await broken(["verfy"], columns)).toEqual([]);
  });
});
