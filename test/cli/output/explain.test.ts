import { describe, expect, it } from "vitest";
import { ALL_CODES } from "../../../src/cli/codes/all-codes.ts";
import { EXIT_CODES } from "../../../src/cli/codes/exit-code.ts";
import { type CliEnd, makeProject } from "../../support/command/cli.ts";
import { runInProcess } from "../../support/command/cli-in-process.ts";

/** Runs the same program in this process: the codes are not worth a process each. */
async function explain(text: string): Promise<CliEnd> {
  return await runInProcess(["explain", text], { cwd: "/", env: {} });
}

describe.concurrent("runseal explain", () => {
  it("gives the same with --json, and takes any case of letters", async () => {
    using project = makeProject({});
    const facts = await project.json(["explain", "hash_Mismatch"]);
    expect(facts).toEqual({
      ok: true,
      code: "OK",
      message: expect.any(String),
      details: {},
      explained: "HASH_MISMATCH",
      meaning: expect.stringMatching(/sealed/),
      remedy: expect.stringMatching(/Restore the file/),
      reasons: [],
      explained_exit_code: 1,
      exit_code: 0,
    });
    const { stdout } = await project.changesNothing(["explain", "HASH_MISMATCH"]);
    expect(stdout).toBe((await explain("HASH_MISMATCH")).stdout);
    const inOneLine = stdout.replaceAll("\n", " ");
    expect(inOneLine).toContain(String(facts["meaning"]));
    expect(inOneLine).toContain(String(facts["remedy"]));
  });

  it.each([
    ["HASH_MISSMATCH", "HASH_MISMATCH"],
    ["hash-mismatch:", undefined],
    ["SIGNER_UNKOWN", "SIGNER_UNKNOWN"],
    ["TRUTS_POLICY_MISSING", "TRUST_POLICY_MISSING"],
    ["ROLLED_BACK", "HISTORY_ROLLED_BACK"],
    ["bundle root mismatch", undefined],
  ])("suggests for %s the code that was meant", async (text, meant) => {
    using project = makeProject({});
    const { exitCode, stderr } = await project.run(["explain", text]);
    if (meant === undefined) expect(exitCode).toBe(0);
    else
      expect(stderr).toMatch(new RegExp(`^error: USAGE: [^\\n]+\\nhint: did you mean [^\\n]*\\b${meant}\\b`));
  });

  it.each(Object.entries(EXIT_CODES))("explains the exit code %s", async (exit, words) => {
    const { exitCode, stdout } = await explain(exit);
    expect(exitCode).toBe(0);
    expect(stdout.split(/\s+/).join(" ")).toContain(`exit code ${exit} ${words} `);
    expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it("lists every code by its exit code where no word is given", async () => {
    const { exitCode, stdout } = await runInProcess(["explain"], { cwd: "/", env: {} });
    expect(exitCode).toBe(0);
    expect(stdout.match(/^exit code \d+$/gm)).toEqual(
      Object.keys({ ...EXIT_CODES, 127: "", 143: "" }).map((exit) => `exit code ${exit}`),
    );
    expect(stdout.split(/\s+/).filter((word) => ALL_CODES.some((code) => code === word))).toHaveLength(
      ALL_CODES.length,
    );
    using project = makeProject({});
    const { exit_codes: exits } = await project.json(["explain"]);
    expect(exits).toContainEqual(
      expect.objectContaining({ explained: "1", codes: expect.arrayContaining(["HASH_MISMATCH"]) }),
    );
  });

  it("lists the codes that end with an exit code", async () => {
    using project = makeProject({});
    expect(await project.json(["explain", "3"])).toMatchObject({
      explained: "3",
      meaning: EXIT_CODES[3],
      explained_exit_code: 3,
      codes: expect.arrayContaining(["SIGNER_UNKNOWN", "TRUST_POLICY_MISSING"]),
    });
    const shown = await project.done(["explain", "3"]);
    expect(shown.stdout).toContain("SIGNER_UNKNOWN");
    expect(await project.json(["explain", "42"])).toMatchObject({ code: "USAGE", exit_code: 2 });
    expect((await explain("143")).stdout).toContain("exit code 143\n");
  });
});
