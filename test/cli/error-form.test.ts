import { describe, expect, it } from "vitest";
import { ALL_CODES } from "../../src/cli/codes/codes.ts";
import { printReport } from "../../src/cli/output/report.ts";
import { runAmongCanaries } from "../support/canaries.ts";
import { makeSealedProject, unfold } from "../support/cli.ts";
import { drawn } from "../support/ring.ts";
import { WAYS } from "./canary-ways/all-ways.ts";

/** Codes after which there is nothing to do, and why. */
const WITHOUT_HINT: Readonly<Record<string, string>> = {
  INTERRUPTED: "the user ended the command and knows why; nothing is left half-done",
};

/** Codes that no call of these walks ends with, and why. Other tests have most of them. */
const WITHOUT_WAY: Readonly<Record<string, string>> = {
  ...because(
    "not the code of an error",
    ["ANY_SIGNER", "INVALID_CHAIN_REFERENCE", "VALIDATOR_UNSUPPORTED", "COUNTERSIGNATURE_INVALID"],
    ["COUNTERSIGNATURE_MALFORMED", "HISTORY_CUT"],
    // A policy that names no authority of a new token keeps it: only an older one is reported so.
    ["TIMESTAMP_AUTHORITY_UNKNOWN"],
  ),
  ...because("reserved (PROTOCOL 8)", ["IDENTITY_MULTIPLE", "SIGNATURE_MULTIPLE"]),
  ...because(
    "needs another process at the right moment",
    ["INTERRUPTED", "COMMAND_INTERRUPTED", "CHANGED_WHILE_READ", "FILE_LOCKED", "SCRATCH_CHANGED"],
    ["TSA_INTERRUPTED", "REVERT_FILES_OPEN", "GUARD_BUSY", "GUARD_UNRECOVERED"],
    ["RESTORE_BUSY", "RESTORE_SOURCE_MISSING", "RESTORE_STAGING_HASH_MISMATCH"],
    ["RESTORE_OUTPUT_HASHES_MISSING", "RESTORE_OUTPUT_HASHES_MALFORMED"],
    ["RESTORE_OUTPUT_HASHES_HASHES_MISSING", "RESTORE_OUTPUT_HASHES_HASHES_EMPTY"],
    ["RESTORE_OUTPUT_MISSING_AFTER_RESTORE", "RESTORE_HASH_MISMATCH_AFTER_RESTORE"],
  ),
  ...because(
    "needs a disk that fails, or that is read-only",
    ["RESTORE_RESULT_ARTIFACT_WRITE_FAILED", "RESTORE_ROLLBACK_FAILED", "RESTORE_IN_DOUBT"],
    ["PROJECT_LOCK_UNAVAILABLE", "PROJECT_LOCK_NOT_RELEASED"],
  ),
  ...because(
    "needs an ssh-agent",
    ["AGENT_TIMEOUT", "AGENT_MALFORMED", "AGENT_EMPTY", "AGENT_NO_ED25519", "AGENT_REFUSED"],
    ["AGENT_KEY_NOT_FOUND", "AGENT_KEY_AMBIGUOUS", "AGENT_MESSAGE_TOO_LARGE"],
  ),
  ...because("needs a terminal", ["PASSPHRASE_MISMATCH", "SIGNING_DECLINED"]),
  ...because("needs a machine without libsodium", ["KEY_ENCRYPTION_UNAVAILABLE"]),
  ...because("needs a process with few descriptors", ["RESTORE_TOO_FEW_DESCRIPTORS"]),
  ...because("needs a system on which folders can't be held by descriptor", ["RESTORE_PARENT_SHARED"]),
  ...because("no sealer writes such a bundle", ["HISTORY_GUARD_MISSING"]),
  ...because("needs hundreds of megabytes", ["FILE_PROOF_TOO_LARGE", "TASK_TOO_LARGE"]),
  ...because("needs ten thousand files of a megabyte", ["PUSH_TOO_MANY_BLOBS"]),
  ...because("runseal tries for half a minute before it ends with it", [
    "REGISTRY_UNREACHABLE",
    "REGISTRY_TIMEOUT",
  ]),
  ...because("needs a registry on another machine", ["REGISTRY_PLAIN_HTTP", "REGISTRY_TLS_FAILED"]),
  ...because("can't come from the command line, which resolves and judges paths before", [
    "RESTORE_TARGET_NOT_ABSOLUTE",
    "RESTORE_PATH_TRAVERSAL_DETECTED",
    "RESTORE_PATH_NULL_BYTE_DETECTED",
  ]),
};

function because(reason: string, ...codes: readonly (readonly string[])[]): Record<string, string> {
  return Object.fromEntries(codes.flat().map((code) => [code, reason]));
}

const MAX_COLUMNS = 100;

/** Whether a line fits; a list below an error has one thing a line, and is not looked at. It fits where it is short, or is a single word that can't be broken, such as a path. */
function fits(line: string): boolean {
  return line.length <= MAX_COLUMNS || !line.trim().includes(" ");
}

/** What a report prints on stderr. */
function printed(message: string, hints: readonly string[]): string {
  let stderr = "";
  const io = {
    errorColour: false,
    writeOut: () => undefined,
    writeBytes: async () => expect.unreachable("no object is written"),
    readIn: () => expect.unreachable("nothing is read from stdin"),
    writeError: (text: string) => {
      stderr += text;
    },
  };
  const facts = { ok: false, code: "WRITE_FAILED", message, details: {}, exit_code: 4 } as const;
  const report = { facts, text: "", error: { message, hints } };
  printReport(report, { colour: false, json: false, writeAnswer: io.writeOut }, io);
  return stderr;
}

const FAILING = WAYS.filter(({ code }) => code !== "OK");

describe("every error of the program", () => {
  it("has a call that ends with it, or a reason why it has none", () => {
    const tried = new Set(WAYS.map(({ code }) => code));
    expect(ALL_CODES.filter((code) => !tried.has(code)).sort()).toEqual(Object.keys(WITHOUT_WAY).sort());
  });

  describe.concurrent("has its code, a hint, and lines of at most 100 columns:", () => {
    it.each(drawn(FAILING, 100))("$what", async (way) => {
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
