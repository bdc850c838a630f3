/**
 * Guarded runs: whatever fails or kills them, the folder can be taken back to what it was before the command.
 *
 * @module
 */

import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FIRST_SEED } from "../support/bundles/bundle.ts";
import { namesIn } from "../support/command/cli.ts";
import { snapshotTree, type TreeSnapshot } from "../support/files/tree.ts";
import { placeKey } from "./home-files.ts";
import type { WriteCell } from "./write-cell.ts";
import type { Ended, WriteScenario } from "./write-matrix.ts";

const COMMAND = "rm a.txt; echo other > b.txt; mkdir d; echo new > d/new; ln -sfn d/new l";
const GUARD = ["run", "--guard", "."];

/** What a guard's own folder may hold when nothing is at work. A killed run leaves its records. */
const KNOWN = [".gitignore", "HEAD", "objects", "packs", "runs", "running", "unlisted"];

/** The folder before the command. It is the same in each cell. */
let wanted: TreeSnapshot | undefined;

/** The folder behind the command, which a revert takes back. */
let changed: TreeSnapshot | undefined;

export const GUARDED_RUN_SCENARIOS: readonly WriteScenario[] = [
  {
    name: "run --guard, first",
    prepare,
    args: () => [...GUARD, "--id", "new", "--", "sh", "-c", COMMAND],
    judge: judgeGuarded,
  },
  {
    name: "run --guard, later",
    prepare: async (cell) => {
      await prepare(cell);
      await cell.done([...GUARD, "--id", "one", "--", "true"]);
    },
    args: () => [...GUARD, "--id", "new", "--", "sh", "-c", COMMAND],
    judge: judgeGuarded,
  },
  {
    name: "revert",
    prepare: async (cell) => {
      await prepare(cell);
      await cell.done([...GUARD, "--id", "one", "--", "sh", "-c", COMMAND]);
      changed = snapshotTree(cell.project);
    },
    args: () => ["undo", "one", "--id", "back"],
    judge: judgeRevert,
  },
];

async function prepare(cell: WriteCell): Promise<void> {
  placeKey(cell, "alice", FIRST_SEED);
  for (const name of ["a.txt", "b.txt"]) writeFileSync(join(cell.project, name), `${name}\n`);
  mkdirSync(join(cell.project, "empty"));
  symlinkSync("a.txt", join(cell.project, "l"));
  wanted = snapshotTree(cell.project);
}

/** The command ran only if the snapshot from before it is there, and the folder can be taken back to it. */
async function judgeGuarded(cell: WriteCell, { exitCode }: Ended): Promise<readonly string[]> {
  const problems: string[] = [];
  const check = (holds: boolean, problem: string): void => {
    if (!holds) problems.push(problem);
  };
  const hasRun = existsSync(join(cell.project, "d"));
  if (exitCode === 0) check(hasRun, `exit ${exitCode}, and nothing was run`);
  const guards = cell.at("home/.local/share/runseal/guards");
  // The guard by its own address: commands in this process do not resolve relative paths.
  const homeOf = (): string => join(guards, namesIn(guards)[0] ?? "");
  const verify = (): readonly string[] => ["verify", "--history", "--project", homeOf(), "--stored"];
  const own = join(homeOf(), ".runseal");
  const runs = namesIn(join(own, "runs")).filter((run) => !run.startsWith("."));
  // Until a first bundle is the head, there is no line: the next command finishes its seal.
  if (existsSync(join(own, "HEAD"))) {
    const verdict = await cell.look(verify());
    check(verdict["ok"] === true, `verify --history says ${verdict["code"]}`);
  }
  const before = runs.find((run) => run === "new.before") ?? runs.find((run) => run === "one.before");
  if (hasRun) {
    check(before !== undefined, "the command ran, and there is no snapshot from before it");
    const listed = await cell.look(["log", "--guard", cell.project]);
    const named = JSON.stringify([listed["runs"], listed["begun_runs"]]);
    check(named.includes('"new"'), "the command ran, and snapshots does not list the run");
    const back = await cell.run(["undo", "--to", before ?? ""]);
    check(back.exitCode === 0, `revert ends with ${back.exitCode}: ${back.stderr.trim()}`);
    const now = snapshotTree(cell.project);
    check(wanted !== undefined && isSame(now, wanted), `the folder is not as before: ${[...now.keys()]}`);
  }
  const next = await cell.run([...GUARD, "--id", "next", "--", "true"]);
  check(next.exitCode === 0, `the next run ends with ${next.exitCode}: ${next.stderr.trim()}`);
  const then = await cell.look(verify());
  check(then["ok"] === true, `after the next run verify --history says ${then["code"]}`);
  const pruned = await cell.look(["prune", "--project", homeOf()]);
  check(pruned["ok"] === true, `prune says ${pruned["code"]}`);
  const left = readdirSync(join(homeOf(), ".runseal")).filter((name) => !KNOWN.includes(name));
  check(left.length === 0, `leaves ${left}`);
  return problems;
}

/** The folder is as before the revert or as behind it, once the next command has recovered it; a redo or a second revert works. */
async function judgeRevert(cell: WriteCell, { exitCode }: Ended): Promise<readonly string[]> {
  const problems: string[] = [];
  const check = (holds: boolean, problem: string): void => {
    if (!holds) problems.push(problem);
  };
  const is = (tree: TreeSnapshot | undefined): boolean =>
    tree !== undefined && isSame(snapshotTree(cell.project), tree);
  const next = await cell.run(["snapshot", "--id", "next"]);
  check(next.exitCode === 0, `the next snapshot ends with ${next.exitCode}: ${next.stderr.trim()}`);
  const isBack = is(wanted);
  // Not before: a revert that could not remove its staging folder has said so, and ended well.
  if (exitCode === 0) check(isBack, "exit 0, and the folder is not as before the command");
  check(isBack || is(changed), "the folder is neither as before nor as behind the revert");
  const again = await cell.run(isBack ? ["redo"] : ["undo", "one", "--id", "again"]);
  check(again.exitCode === 0, `the way on ends with ${again.exitCode}: ${again.stderr.trim()}`);
  check(is(isBack ? changed : wanted), "the way on leads elsewhere");
  const verdict = await cell.look(["verify", "--history", "--project", cell.project, "--stored"]);
  check(verdict["ok"] === true, `verify --history says ${verdict["code"]}`);
  return problems;
}

function isSame(left: TreeSnapshot, right: TreeSnapshot): boolean {
  const sorted = (tree: TreeSnapshot): string =>
    JSON.stringify([...tree].sort(([a], [b]) => (a < b ? -1 : 1)));
  return sorted(left) === sorted(right);
}
