/**
 * Commands that seal without a signer, sign what another process sealed, and attest a verdict.
 *
 * @module
 */

import { join } from "node:path";
import { namesIn } from "../support/command/cli.ts";
import { textOf } from "./home-files.ts";
import { garbage, leftovers, prepareRuns } from "./project-scenarios.ts";
import type { WriteCell } from "./write-cell.ts";
import type { Ended, WriteScenario } from "./write-matrix.ts";

const ARTIFACTS = "OUTPUT_HASHES.json,OUTPUT_TREE.json,PROOF.json,STATUS.json,TASK_SPEC.json";

const SEAL = ["seal", "out", "--unsigned", "--id"];
const COMMAND = ["--output", "out", "--", "sh", "-c", "echo made > out/c.txt"];
const VERDICT = "verdict.json";

export const SIGN_SCENARIOS: readonly WriteScenario[] = [
  sealing("seal --unsigned, first", [], [...SEAL, "new"], [...SEAL, "next"]),
  sealing("seal --unsigned, later", ["one"], [...SEAL, "new"], [...SEAL, "next"]),
  sealing(
    "run --unsigned",
    ["one"],
    ["run", "--unsigned", "--id", "new", ...COMMAND],
    ["run", "--unsigned", "--id", "next", ...COMMAND],
  ),
  signing("sign, first", []),
  signing("sign, later", ["one"]),
  signing("sign, later, --no-keep", ["one"], "--no-keep"),
  {
    name: "export --format verdict",
    prepare: async (cell) => await prepareRuns(cell, ["one"]),
    args: () => ["export", "one", "--format", "verdict", "-o", VERDICT],
    judge: judgeAttested,
  },
];

function sealing(
  name: string,
  before: readonly string[],
  args: readonly string[],
  next: readonly string[],
): WriteScenario {
  return {
    name,
    prepare: async (cell) => await prepareRuns(cell, before),
    args: () => args,
    judge: async (cell, ended) => await judgeUnsigned(cell, ended, before, next),
  };
}

function signing(name: string, before: readonly string[], ...options: readonly string[]): WriteScenario {
  return {
    name,
    prepare: async (cell) => {
      await prepareRuns(cell, before);
      await cell.done([...SEAL, "new"]);
    },
    args: () => ["sign", "new", "--yes", ...options],
    judge: async (cell, ended) => await judgeSigned(cell, ended, before),
  };
}

/** What is wrong, collected. */
class Problems {
  readonly found: string[] = [];

  check(holds: boolean, problem: string): void {
    if (!holds) this.found.push(problem);
  }
}

/** The artifacts of an unsigned bundle; empty where there is none. */
function unsignedNames(cell: WriteCell, id: string): string {
  return namesIn(join(cell.project, ".runseal/unsigned", id)).join();
}

function unsignedFolders(cell: WriteCell): readonly string[] {
  return namesIn(join(cell.project, ".runseal/unsigned"));
}

async function lineOf(cell: WriteCell): Promise<{ readonly runs: string; readonly ok: boolean }> {
  const { ok, run_ids: runs } = await cell.look(["verify", "--history", "--project", cell.project]);
  return { runs: Array.isArray(runs) ? runs.join() : "", ok: ok === true };
}

/** After a single failure that was reported, nothing stands. On a disk that is gone nothing can be rolled back. */
function mustBeUndone({ exitCode, fault }: Ended): boolean {
  return exitCode !== null && exitCode !== 0 && exitCode !== 9 && fault?.mode.endsWith("+") !== true;
}

/** An unsigned bundle is there or is not, the next one works, both can be signed, and the line is whole. */
async function judgeUnsigned(
  cell: WriteCell,
  ended: Ended,
  before: readonly string[],
  next: readonly string[],
): Promise<readonly string[]> {
  const problems = new Problems();
  const { runs } = await lineOf(cell);
  problems.check(runs === before.join(), `the line has ${runs}`);
  const names = unsignedNames(cell, "new");
  problems.check(names === "" || names === ARTIFACTS, `the unsigned bundle has ${names}`);
  if (ended.exitCode === 0) problems.check(names !== "", "exit 0, and the unsigned bundle is not there");
  if (mustBeUndone(ended)) problems.check(names === "", `exit ${ended.exitCode}, and the bundle stands`);
  const followed = await cell.run(next);
  problems.check(
    followed.exitCode === 0,
    `the next command ends with ${followed.exitCode}: ${followed.stderr}`,
  );
  const isThere = unsignedNames(cell, "new") !== "";
  problems.check(names === "" || isThere, "the next command dropped a bundle that stood");
  const line = [...before, ...(isThere ? ["new"] : []), "next"];
  for (const id of line.slice(before.length)) {
    const signed = await cell.run(["sign", id, "--yes"]);
    problems.check(signed.exitCode === 0, `sign ${id} ends with ${signed.exitCode}: ${signed.stderr}`);
  }
  return await judgeLine(cell, line, problems);
}

/** The bundle is in the line or waits unsigned, never both once the next command is done, and can be signed in the end. */
async function judgeSigned(
  cell: WriteCell,
  ended: Ended,
  before: readonly string[],
): Promise<readonly string[]> {
  const problems = new Problems();
  const { ok, runs } = await lineOf(cell);
  const isNew = runs === [...before, "new"].join() && ok;
  const isOld = runs === before.join() && (ok || before.length === 0);
  problems.check(isNew || isOld, `the line has ${runs}`);
  if (ended.exitCode === 0) problems.check(isNew, "exit 0, and the run is not in the line");
  if (mustBeUndone(ended)) problems.check(!isNew, `exit ${ended.exitCode}, and the run stands`);
  if (isOld) problems.check(unsignedNames(cell, "new") === ARTIFACTS, "neither signed nor whole");
  const isLeft = ended.exitCode === 0 && unsignedNames(cell, "new") !== "";
  problems.check(!isLeft || ended.fault !== undefined, "exit 0, and the unsigned bundle is there");
  const followed = await cell.run(["seal", "out", "--id", "next"]);
  problems.check(
    followed.exitCode === 0,
    `the next command ends with ${followed.exitCode}: ${followed.stderr}`,
  );
  const then = await lineOf(cell);
  const isSigned = then.runs.split(",").includes("new");
  if (isNew) problems.check(isSigned, "the next command dropped a run that stood");
  const waits = unsignedNames(cell, "new");
  if (isSigned) problems.check(waits === "" || isLeft, `signed, and the unsigned bundle has ${waits}`);
  else {
    const signed = await cell.run(["sign", "new", "--yes"]);
    problems.check(signed.exitCode === 0, `sign ends with ${signed.exitCode}: ${signed.stderr}`);
  }
  const line = isSigned ? [...before, "new", "next"] : [...before, "next", "new"];
  // An empty folder whose removal failed does no harm.
  const mayStay = isLeft || (ended.fault !== undefined && unsignedFolders(cell).length === 0);
  return await judgeLine(cell, line, problems, mayStay ? ["unsigned"] : []);
}

/** The line is whole, and nothing else is left. */
async function judgeLine(
  cell: WriteCell,
  line: readonly string[],
  problems: Problems,
  tolerated: readonly string[] = [],
): Promise<readonly string[]> {
  const { ok, runs } = await lineOf(cell);
  problems.check(runs === line.join() && ok, `in the end the line has ${runs}`);
  const collected = await cell.look(["prune", "--project", cell.project]);
  problems.check(collected["ok"] === true, `prune says ${collected["code"]}`);
  return [...problems.found, ...(await garbage(cell)), ...leftovers(cell, line, tolerated)];
}

/** The attestation is there, whole, or is not; the verdict and the line are as they were. */
async function judgeAttested(cell: WriteCell, ended: Ended): Promise<readonly string[]> {
  const problems = new Problems();
  const text = textOf(join(cell.project, VERDICT));
  const isWhole = text?.endsWith(`"}]}\n`) === true;
  problems.check(text === undefined || isWhole, "half an attestation is there");
  if (ended.exitCode === 0) problems.check(isWhole, "exit 0, and there is no attestation");
  if (mustBeUndone(ended)) problems.check(text === undefined, `exit ${ended.exitCode}, and a file is there`);
  const next = await cell.run(["export", "one", "--format", "verdict", "-o", "next.json"]);
  problems.check(next.exitCode === 0, `the next command ends with ${next.exitCode}: ${next.stderr}`);
  // A killed command, and one that may not remove anything, leave the file that was to be linked.
  const isPartial = (name: string): boolean =>
    ended.fault !== undefined && /^verdict\.json\.[0-9a-f]{16}\.new$/.test(name);
  const tolerated = namesIn(cell.project).filter(
    (name) => name === VERDICT || name === "next.json" || isPartial(name),
  );
  return [...problems.found, ...leftovers(cell, ["one"], tolerated)];
}
