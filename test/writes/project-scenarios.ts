/**
 * Commands that write into a project: seal, run and prune.
 *
 * @module
 */

import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { FIRST_SEED } from "../support/bundles/bundle.ts";
import { namesIn } from "../support/command/cli.ts";
import { filesBelow, placeKey } from "./home-files.ts";
import type { WriteCell } from "./write-cell.ts";
import type { Ended, WriteScenario } from "./write-matrix.ts";

/** What a project's own folder may hold when nothing is at work. */
const KNOWN = [".gitignore", "HEAD", "objects", "packs", "runs", "scratch"];

/** The remembered head, and objects that were hashed; the second is there only if objects were left alone for seconds. */
const STATE_FILE = /\/(?:heads\/[0-9a-f]{64}\.json|objects\/[0-9a-f]{64})$/;

/** The runs before, and the one that the command adds. */
export interface Expected {
  readonly before: readonly string[];
  readonly added: string;
  readonly keeps: boolean;
  /** Whether the store was damaged before: then a collection comes before the store is judged. */
  readonly isDamaged?: boolean;
  /** Whether there are links and an empty folder beside the files. */
  readonly hasLinks?: boolean;
  /** The command that comes next: what a killed run leaves, the next run clears away. */
  readonly next: readonly string[];
}

const NEXT = ["seal", "out", "--id", "next"];
/** A first seal that keeps its outputs. */
export const FIRST: Expected = { before: [], added: "new", keeps: true, next: NEXT };
/** A seal after the run `one`. */
export const LATER: Expected = { ...FIRST, before: ["one"] };

const MAKE = "echo made > out/c.txt; ln -sfn c.txt out/made; mkdir -p out/hollow";
const COMMAND = ["--output", "out", "--", "sh", "-c", MAKE];
const RUN = ["run", "--id", "new", ...COMMAND];

export const PROJECT_SCENARIOS: readonly WriteScenario[] = [
  sealing("seal, first", ["seal", "out", "--id", "new"], FIRST),
  sealing("seal, first, --no-keep", ["seal", "out", "--id", "new", "--no-keep"], { ...FIRST, keeps: false }),
  sealing("seal, later", ["seal", "out", "--id", "new"], LATER),
  sealing("seal, later, --no-keep", ["seal", "out", "--id", "new", "--no-keep"], { ...LATER, keeps: false }),
  sealing("seal, later, links", ["seal", "out", "--id", "new"], { ...LATER, hasLinks: true }),
  sealing("run", RUN, { ...LATER, next: ["run", "--id", "next", ...COMMAND] }),
  {
    name: "prune",
    prepare: prepareGarbage,
    args: () => ["prune"],
    judge: (cell, ended) => judgeCollected(cell, ended),
  },
  {
    name: "prune of snapshots",
    prepare: prepareOldRuns,
    args: () => FORGET.args,
    judge: (cell, ended) => judgeForgotten(cell, ended, FORGET),
  },
  {
    name: "prune of bytes",
    prepare: prepareOldRuns,
    args: () => DROP.args,
    judge: (cell, ended) => judgeForgotten(cell, ended, DROP),
  },
];

/** A prune of old runs: what it leaves of the line, and the file that it signs. */
interface OldRuns {
  readonly args: readonly string[];
  readonly left: readonly string[];
  readonly file: string;
}

const FORGET: OldRuns = {
  args: ["prune", "--bundles", "--keep-last", "2"],
  left: ["three", "four"],
  file: "CUT.json",
};

const DROP: OldRuns = {
  args: ["prune", "--keep-last", "2"],
  left: ["one", "two", "three", "four"],
  file: "DROPPED.json",
};

/** A line of four runs with a file of its own each, and a failed run that the third one lists. */
async function prepareOldRuns(cell: WriteCell): Promise<void> {
  await prepareRuns(cell, []);
  for (const run of ["one", "two", "three", "four"]) {
    writeFileSync(join(cell.project, "out/own.txt"), run);
    await cell.done(["seal", "out", "--id", run]);
    if (run === "two") await cell.run(["run", "--id", "bad", "--", "false"]);
  }
}

/** The line verifies, whole or from its cut on. The next call removes what is left, and the next seal goes on from there. */
async function judgeForgotten(
  cell: WriteCell,
  { exitCode }: Ended,
  { args, file, left }: OldRuns,
): Promise<readonly string[]> {
  const verify = ["verify", "--history", "--project", cell.project, "--stored"];
  const problems: string[] = [];
  const check = (holds: boolean, problem: string): void => {
    if (!holds) problems.push(problem);
  };
  const verdict = await cell.look(verify);
  const runs = runsOf(verdict);
  const isOld = sameRuns(runs, ["one", "two", "three", "four"]);
  const isSigned = existsSync(join(cell.project, ".runseal", file));
  const isNew = sameRuns(runs, left) && isSigned;
  check(verdict["ok"] === true && (isOld || isNew), `verify --history says ${verdict["code"]}, runs ${runs}`);
  if (exitCode === 0) check(isNew, "exit 0, and nothing was forgotten");
  const next = await cell.run(args);
  check(next.exitCode === 0, `the next prune ends with ${next.exitCode}: ${next.stderr.trim()}`);
  const pruned = await cell.look(["prune", "--project", cell.project]);
  check(pruned["ok"] === true, `prune says ${pruned["code"]}`);
  const sealed = await cell.run(NEXT);
  check(sealed.exitCode === 0, `the next seal ends with ${sealed.exitCode}: ${sealed.stderr.trim()}`);
  const then = await cell.look(verify);
  check(
    then["ok"] === true && sameRuns(runsOf(then), [...left, "next"]),
    `after the next seal verify --history says ${then["code"]}, runs ${runsOf(then)}`,
  );
  problems.push(...(await garbage(cell)));
  return [
    ...problems,
    ...leftovers(cell, [...left, "next"], [file, ...(left.includes("one") ? ["bad"] : [])]),
  ];
}

function sealing(name: string, args: readonly string[], expected: Expected): WriteScenario {
  return {
    name,
    prepare: async (cell) => {
      await prepareRuns(cell, expected.before);
      if (expected.hasLinks === true) addLinks(cell);
    },
    args: () => args,
    judge: (cell, ended) => judgeSealed(cell, ended, expected),
  };
}

/** A key, and a line of runs that all seal `out/a.txt`. A second file is there then. */
export async function prepareRuns(cell: WriteCell, runs: readonly string[]): Promise<void> {
  placeKey(cell, "alice", FIRST_SEED);
  mkdirSync(join(cell.project, "out"));
  writeFileSync(join(cell.project, "out/a.txt"), "alpha\n");
  for (const run of runs) await cell.done(["seal", "out", "--id", run]);
  writeFileSync(join(cell.project, "out/b.txt"), "beta\n");
}

/** What a tree has beside files, in folders of its own and beside files. */
function addLinks(cell: WriteCell): void {
  mkdirSync(join(cell.project, "out/deep/hollow"), { recursive: true });
  symlinkSync("a.txt", join(cell.project, "out/latest"));
  symlinkSync("../b.txt", join(cell.project, "out/deep/up"));
  symlinkSync("not/there", join(cell.project, "out/deep/nothing"));
}

/** A run, objects of another one that was undone, and what a killed seal leaves in the store. */
async function prepareGarbage(cell: WriteCell): Promise<void> {
  await prepareRuns(cell, []);
  const own = join(cell.project, ".runseal");
  await cell.done(["seal", "out", "--id", "one"]);
  const head = readFileSync(join(own, "HEAD"));
  const [remembered = ""] = filesBelow(cell.at("home/.local"));
  writeFileSync(join(cell.project, "out/gone.txt"), "gone\n");
  await cell.done(["seal", "out", "--id", "two"]);
  rmSync(join(cell.project, "out/gone.txt"));
  rmSync(join(own, "runs/two"), { recursive: true });
  writeFileSync(join(own, "HEAD"), head);
  writeFileSync(cell.at("home/.local", remembered), head);
  const partial = join(own, "objects/.0123456789abcdef.partial");
  mkdirSync(partial, { recursive: true, mode: 0o700 });
  writeFileSync(join(partial, "0"), "half");
  writeFileSync(join(own, "packs/.0123456789abcdef.partial"), "half", { mode: 0o600 });
}

/** A seal is there or is not, the next one works, and the store holds what the line names. */
export async function judgeSealed(
  cell: WriteCell,
  { exitCode, fault }: Ended,
  { added, before, isDamaged, keeps, next: nextArgs }: Expected,
): Promise<readonly string[]> {
  const root = ["--project", cell.project];
  const problems: string[] = [];
  const check = (holds: boolean, problem: string): void => {
    if (!holds) problems.push(problem);
  };
  const verdict = await cell.look(["verify", "--history", ...root]);
  const runs = runsOf(verdict);
  const isOld = sameRuns(runs, before) && (verdict["ok"] === true || before.length === 0);
  const isNew = sameRuns(runs, [...before, added]) && verdict["ok"] === true;
  check(isOld || isNew, `verify --history says ${verdict["code"]}, runs ${runs}`);
  if (exitCode === 0) check(isNew, "exit 0, and the run is not there");
  // On a disk that is gone nothing can be rolled back. After a single failure the run must not stand.
  if (exitCode !== null && exitCode !== 0 && exitCode !== 9 && fault?.mode.endsWith("+") !== true)
    check(!isNew, `exit ${exitCode}, and the run stands`);
  const next = await cell.run(nextArgs);
  check(next.exitCode === 0, `the next command ends with ${next.exitCode}: ${next.stderr.trim()}`);
  const then = runsOf(await cell.look(["verify", "--history", ...root]));
  const line = [...before, ...(then.includes(added) ? [added] : []), "next"];
  check(sameRuns(then, line), `after the next command verify --history lists ${then}`);
  if (isNew) check(then.includes(added), "the next command dropped a run that stood");
  if (isDamaged === true) await cell.run(["prune"]);
  const notKept = !keeps && then.includes(added) ? [] : await missingObjects(cell);
  check(notKept.length === 0, `the store lacks objects of ${notKept}`);
  problems.push(...leftovers(cell, line));
  const pruned = await cell.look(["prune", ...root]);
  check(pruned["ok"] === true, `prune says ${pruned["code"]}`);
  problems.push(...(await garbage(cell)));
  return problems;
}

/** A collection took nothing that is needed, and the next one takes the rest. */
export async function judgeCollected(
  cell: WriteCell,
  { exitCode }: Ended,
  runs: readonly string[] = ["one"],
): Promise<readonly string[]> {
  const problems: string[] = [];
  const stored = await cell.look(["verify", "--history", "--project", cell.project, "--stored"]);
  if (stored["ok"] !== true) problems.push(`an object that a run needs is gone: ${stored["message"]}`);
  if (exitCode === 0) problems.push(...(await garbage(cell)).map((left) => `exit 0, and ${left}`));
  const next = await cell.run(["prune"]);
  if (next.exitCode !== 0) problems.push(`the next prune ends with ${next.exitCode}: ${next.stderr.trim()}`);
  const after = await cell.look(["verify", "--history", "--project", cell.project, "--stored"]);
  if (after["ok"] !== true) problems.push(`the next prune removed an object that a run needs`);
  return [...problems, ...(await garbage(cell)), ...leftovers(cell, runs)];
}

function runsOf(verdict: Readonly<Record<string, unknown>>): readonly string[] {
  const runs = verdict["run_ids"];
  return Array.isArray(runs) ? runs.map(String) : [];
}

function sameRuns(found: readonly string[], wanted: readonly string[]): boolean {
  return found.join() === wanted.join();
}

/** Runs of which the store keeps a part only, and objects that are not what their names say. */
async function missingObjects(cell: WriteCell): Promise<readonly string[]> {
  const { corrupted, not_kept, ok, strays } = await cell.look(["store", "check", "--project", cell.project]);
  const found = [corrupted, not_kept, strays].flat().map((each) => JSON.stringify(each));
  return ok === true ? found : [...found, "store check fails"];
}

/** What the next prune would remove. */
export async function garbage(cell: WriteCell): Promise<readonly string[]> {
  const left = await cell.look(["prune", "--dry-run", "--project", cell.project]);
  const isClean = left["ok"] === true && left["removed"] === 0 && left["partial"] === 0;
  return isClean ? [] : [`prune left ${left["removed"]} objects and ${left["partial"]} partial folders`];
}

/** Names that are unknown, or useless by now. Partial objects may wait for prune. */
export function leftovers(
  cell: WriteCell,
  runs: readonly string[],
  tolerated: readonly string[] = [],
): readonly string[] {
  const own = join(cell.project, ".runseal");
  const state = filesBelow(cell.at("home/.local")).filter((path) => !STATE_FILE.test(path));
  const left = [
    ...readdirSync(own).filter((name) => !KNOWN.includes(name)),
    ...namesIn(join(own, "runs")).filter((name) => !runs.includes(name)),
    ...namesIn(cell.project).filter((name) => name !== "out" && name !== ".runseal"),
    ...state,
  ].filter((name) => !tolerated.includes(name));
  return left.length === 0 ? [] : [`leaves ${left}`];
}
