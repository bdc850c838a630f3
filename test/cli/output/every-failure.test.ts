import { describe, expect, it } from "vitest";
import { ALL_CODES, exitCodeOf, reasonsOf } from "../../../src/cli/codes/all-codes.ts";
import { EVIDENCE_RECORDS } from "../../../src/cli/codes/check-codes.ts";
import { FILE_PROOF_RECORDS } from "../../../src/cli/codes/file-proof-codes.ts";
import { OPERATION_RECORDS } from "../../../src/cli/codes/operation-codes.ts";
import { RESTORE_RECORDS } from "../../../src/cli/codes/restore-codes.ts";
import { runAmongCanaries } from "../../support/command/canaries.ts";
import { type CliEnd, makeSealedProject, type Project } from "../../support/command/cli.ts";
import { runInProcess } from "../../support/command/cli-in-process.ts";
import {
  documentedExit,
  expectFacts,
  expectLog,
  expectNoCanary,
  expectText,
  stampsOf,
  type Visit,
} from "../../support/command/failure-visit.ts";
import { drawn } from "../../support/rings/ring.ts";
import { WAYS } from "./failing-ways/all-ways.ts";
import type { Way } from "./failing-ways/way.ts";

/** Codes that end no command: a success, or a note. */
const HARMLESS: readonly string[] = [
  "HISTORY_BYTES_DROPPED",
  "HISTORY_CUT",
  "OK",
  "ANY_SIGNER",
  "INVALID_CHAIN_REFERENCE",
  "VALIDATOR_UNSUPPORTED",
  "COUNTERSIGNATURE_INVALID",
  "COUNTERSIGNATURE_INVALID",
];

/** The records of codes that may stand for several cases. */
const RECORDS: Readonly<Record<string, object>> = {
  ...EVIDENCE_RECORDS,
  ...FILE_PROOF_RECORDS,
  ...RESTORE_RECORDS,
  ...OPERATION_RECORDS,
};

/** Each code that stands for one case, and each case of the others: `CODE reason`. */
const ALL_CASES: readonly string[] = ALL_CODES.flatMap((code) => {
  const cases = reasonsOf(code).map(({ reason }) => `${code} ${reason}`);
  return cases.length === 0 || "message" in (RECORDS[code] ?? {}) ? [code, ...cases] : cases;
});

/** Cases that no call of this walk ends with, and why. Other tests have most of them. */
const WITHOUT_WAY: Readonly<Record<string, string>> = {
  ...because(
    "not the code of an error",
    ["ANY_SIGNER", "INVALID_CHAIN_REFERENCE", "VALIDATOR_UNSUPPORTED", "COUNTERSIGNATURE_INVALID"],
    ["COUNTERSIGNATURE_INVALID", "HISTORY_BYTES_DROPPED", "HISTORY_CUT"],
    // A policy that names no authority of a new token keeps it: only an older one is reported so.
    ["TIMESTAMP_INVALID authority-unknown"],
  ),
  ...because("the sentence of cases that have none of their own", [
    "EVIDENCE_INCOMPLETE",
    "FILE_EXISTS",
    "TIMESTAMP_INVALID",
  ]),
  ...because("said by the core, whose details tell which files may be meant", ["AMBIGUOUS file"]),
  ...because(
    "a flaw of single bytes of an archive, which test/core/move/archive and test/node/move/archive change",
    ["end-marker", "extended-header", "header", "padding", "index", "kind", "pack", "target", "order"].map(
      (flaw) => `CARRIED_RUN_MALFORMED ${flaw}`,
    ),
  ),
  ...because(
    "needs a network, an agent or a machine that breaks",
    ["REGISTRY_UNREACHABLE lost", "REGISTRY_UNREACHABLE no-host", "REGISTRY_UNREACHABLE proxy"],
    ["TSA_UNREACHABLE proxy", "AGENT_UNREACHABLE no-permission", "SIGNER_FAILED command-not-started"],
  ),
  ...because("reserved (PROTOCOL 8)", ["IDENTITY_MULTIPLE", "SIGNATURE_MULTIPLE"]),
  ...because(
    "needs another process at the right moment",
    ["INTERRUPTED", "COMMAND_INTERRUPTED", "CHANGED_WHILE_READ", "LOCKED file", "SCRATCH_CHANGED"],
    ["TSA_UNREACHABLE interrupted", "UNDO_FILES_OPEN", "GUARD_BUSY", "GUARD_UNRECOVERED"],
    ["RESTORE_BUSY", "RESTORE_SOURCE_MISSING", "RESTORE_STAGING_HASH_MISMATCH"],
    ["RESTORE_OUTPUT_HASHES_MISSING", "RESTORE_OUTPUT_HASHES_MALFORMED"],
    ["RESTORE_OUTPUT_HASHES_HASHES_MISSING", "RESTORE_OUTPUT_HASHES_HASHES_EMPTY"],
    ["RESTORE_OUTPUT_MISSING_AFTER_RESTORE", "RESTORE_HASH_MISMATCH_AFTER_RESTORE"],
  ),
  ...because(
    "needs a disk that fails, or that is read-only",
    ["RESTORE_RESULT_ARTIFACT_WRITE_FAILED", "RESTORE_ROLLBACK_FAILED"],
    ["LOCKED unavailable", "PROJECT_LOCK_NOT_RELEASED"],
  ),
  ...because(
    "needs an ssh-agent",
    [
      "AGENT_UNREACHABLE timeout",
      "AGENT_UNREACHABLE malformed",
      "KEY_NOT_FOUND agent-empty",
      "KEY_NOT_FOUND agent-no-ed25519",
      "SIGNER_FAILED agent-refused",
    ],
    ["KEY_NOT_FOUND agent", "AMBIGUOUS agent-key", "SIGNER_FAILED agent-too-large"],
  ),
  ...because("needs a terminal", ["PASSPHRASE_UNUSABLE mismatch", "DECLINED"]),
  ...because("needs a system without /proc", ["SYSTEM_UNSUPPORTED"]),
  ...because("needs a machine without libsodium", ["SYSTEM_UNSUPPORTED key-encryption"]),
  ...because("needs a process with few descriptors", ["RESTORE_TOO_FEW_DESCRIPTORS"]),
  ...because("needs a system on which folders can't be held by descriptor", ["RESTORE_PARENT_SHARED"]),
  ...because("no sealer writes such a bundle", ["HISTORY_GUARD_MISSING"]),
  ...because("needs hundreds of megabytes", ["FILE_PROOF_TOO_LARGE", "INPUT_MALFORMED task-too-large"]),
  ...because("needs ten thousand files of a megabyte", ["PUSH_TOO_MANY_BLOBS"]),
  ...because("runseal tries for half a minute before it ends with it", ["REGISTRY_UNREACHABLE timeout"]),
  ...because("needs a registry on another machine", [
    "REGISTRY_UNREACHABLE plain-http",
    "REGISTRY_UNREACHABLE tls",
  ]),
  ...because("can't come from the command line, which resolves and judges paths before", [
    "RESTORE_TARGET_NOT_ABSOLUTE",
    "RESTORE_PATH_TRAVERSAL_DETECTED",
    "RESTORE_PATH_NULL_BYTE_DETECTED",
  ]),
};
function because(reason: string, ...codes: readonly (readonly string[])[]): Record<string, string> {
  return Object.fromEntries(codes.flat().map((code) => [code, reason]));
}

/** Commands that are but a word before others. */
const GROUPS: readonly unknown[] = ["key", "store", "trust"];

/** Options behind the words of the command: further behind, one would be the value of an option that lacks it. */
function withOptions(args: readonly string[], options: readonly string[]): readonly string[] {
  return args.toSpliced(GROUPS.includes(args[0]) ? 2 : 1, 0, ...options);
}

async function arranged({ arrange }: Way): Promise<Project> {
  const project = await makeSealedProject();
  await arrange?.(project);
  return project;
}

/** Calls once, and sees that a failure leaves everything as it was, unless it is known to change something. */
async function callIn(project: Project, way: Way, ...options: readonly string[]): Promise<Visit> {
  const before = stampsOf(project);
  const end = await runAmongCanaries(project, { ...way, args: withOptions(way.args, options) });
  const after = stampsOf(project, before);
  if (way.changes === undefined) expect(after, "a failure changes nothing").toEqual(before);
  return { end, project };
}

/** What `runseal explain` prints of a code. */
async function explained(code: string): Promise<CliEnd> {
  return await runInProcess(["explain", code], { cwd: "/", env: {} });
}

describe("every code", () => {
  it("has a call that ends with it, or a reason why it has none", () => {
    const tried = new Set(WAYS.map(({ code }) => code));
    const untried = ALL_CASES.filter((one) => !tried.has(one));
    const known = Object.keys(WITHOUT_WAY);
    expect(untried.filter((one) => !known.includes(one))).toEqual([]);
    expect(known.filter((one) => !untried.includes(one))).toEqual([]);
    const whats = WAYS.map(({ what }) => what);
    expect(new Set(whats).size, "each way has a name of its own").toBe(whats.length);
  });

  it.each(ALL_CODES)("%s is documented, and explained with what to do", async (code) => {
    const exit = exitCodeOf(code);
    expect(documentedExit(code)).toBe(exit);
    expect(exit === 0).toBe(HARMLESS.includes(code));
    const { exitCode, stdout, stderr } = await explained(code);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    const [head, meaning = "", remedy = "", reasons, ...rest] = stdout.split("\n\n");
    expect({ head, rest }).toEqual({ head: `${code} (exit code ${exit})`, rest: [] });
    const explainedReasons = (reasons ?? "").match(/^ {2}[a-z0-9-]+(?=:)/gm) ?? [];
    expect(explainedReasons.map((reason) => reason.trim())).toEqual(
      reasonsOf(code).map(({ reason }) => reason),
    );
    expect(stdout, "a sentence whose facts can't be explained has a meaning").not.toContain("undefined");
    expect(reasonsOf(code).filter((reason) => reason.meaning === "")).toEqual([]);
    const inOneLine = (text: string): string => text.trimEnd().replaceAll("\n", " ");
    expect(inOneLine(meaning)).toMatch(/^[A-Zr"][^\n]{10,}\.$/);
    // A sentence, or one that begins with the command to run.
    expect(inOneLine(remedy)).toMatch(/^What to do: (?:[A-Z]|runseal |ssh-|eval )[^\n]{5,}\.$/);
  });
});

describe.concurrent("a failure has its code, exit code, hint, schema and log, and tells nothing else:", () => {
  it.each(drawn(WAYS, 100))("$what", async (way) => {
    using project = await arranged(way);
    using second = way.changes === undefined ? undefined : await arranged(way);
    using third = way.changes === undefined ? undefined : await arranged(way);
    const text = await callIn(project, way);
    const json = await callIn(second ?? project, way, "--json");
    const debug = await callIn(third ?? project, way, "--json", "--debug");
    expectText(way, text, expectFacts(way, json));
    expectNoCanary(text);
    expectNoCanary(json);
    expectLog(way, debug);
  });
});
