/**
 * Commands that write into the guard of a folder.
 *
 * @module
 */

import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FIRST_SEED } from "../support/bundles/bundle.ts";
import { namesIn } from "../support/command/cli.ts";
import { snapshotTree } from "../support/files/tree.ts";
import { filesBelow, placeKey } from "./home-files.ts";
import type { WriteCell } from "./write-cell.ts";
import type { Ended, WriteScenario } from "./write-matrix.ts";

/** What the folder of a guard, and its `.runseal`, may hold when nothing is at work. */
const KNOWN = ["root", ".runseal", "key", "index"];

/** The lock of the key, whose process is dead. It stays until a snapshot is signed. */
const KEY_LOCK = ".key.lock";
const KNOWN_OWN = [".gitignore", "HEAD", "objects", "packs", "runs"];

const STATE_FILE = /^state\/runseal\/(?:heads\/[0-9a-f]{64}\.json|objects\/[0-9a-f]{64})$/;

const SNAPSHOT = ["snapshot", "out", "--id", "new"];

const TURN = ["snapshot", "out", "--turn", "--session", "S"];

export const GUARD_SCENARIOS: readonly WriteScenario[] = [
  snapshot("snapshot, first", []),
  snapshot("snapshot, first, without a key", [], { hasKey: false }),
  snapshot("snapshot, later", ["one"]),
  snapshot("snapshot, unchanged", ["one"], { isUnchanged: true }),
  turn("turn of an agent", TURN),
  turn("turn of an agent that changed nothing", TURN, { isUnchanged: true }),
  hook("hook before a prompt", "prompt"),
  hook("hook after an answer", "stop"),
  hook("hook after an answer, which drops old snapshots", "stop", { old: 3 }),
  hook("hook without a message that can be understood", "nonsense"),
];

interface Variant {
  readonly hasKey?: boolean;
  readonly isUnchanged?: boolean;
}

function snapshot(name: string, before: readonly string[], variant: Variant = {}): WriteScenario {
  const { hasKey = true, isUnchanged = false } = variant;
  const added = isUnchanged ? [] : ["new"];
  return {
    name,
    prepare: async (cell) => {
      if (hasKey) placeKey(cell, "alice", FIRST_SEED);
      layOut(cell);
      for (const id of before) await cell.done(["snapshot", "out", "--id", id]);
      if (before.length > 0 && !isUnchanged) writeFileSync(join(cell.project, "out/b.txt"), "beta\n");
    },
    args: () => SNAPSHOT,
    judge: (cell, ended) => judgeSnapshot(cell, ended, { before, added }),
  };
}

/** Whether the folder stays as it was before the turn, and how many snapshots there are that are not to be kept. */
interface TurnVariant {
  readonly isUnchanged?: boolean;
  readonly old?: number;
}

/** The second turn of a session. */
function turn(
  name: string,
  args: readonly string[],
  { isUnchanged = false, old = 0 }: TurnVariant = {},
): WriteScenario {
  return {
    name,
    prepare: async (cell) => {
      placeKey(cell, "alice", FIRST_SEED);
      layOut(cell);
      for (let number = 1; number <= old; number++) {
        await cell.done(["snapshot", "out", "--id", `old-${number}`, "--keep-last", "1"]);
        writeFileSync(join(cell.project, "out/c.txt"), `gamma ${number}\n`);
      }
      await cell.done(["snapshot", "out", "--id", "one"]);
      await cell.done(TURN);
      if (!isUnchanged) writeFileSync(join(cell.project, "out/b.txt"), "beta\n");
    },
    args: () => args,
    judge: judgeTurn,
  };
}

/** The same by a hook. */
function hook(name: string, event: string, variant: TurnVariant = {}): WriteScenario {
  const input = (cell: WriteCell): string =>
    JSON.stringify({ cwd: join(cell.project, "out"), session: "S", event });
  // What can't be understood is noted in the guard of the project's folder, of the current one.
  const args = event === "nonsense" ? ["hook", "claude"] : ["hook", "generic"];
  return { ...turn(name, args, variant), input, env: { CLAUDE_PROJECT_DIR: "out" } };
}

/** A turn has its snapshot or none, and never that of another moment; the next turn works, and prune finds what is left. */
async function judgeTurn(cell: WriteCell): Promise<readonly string[]> {
  const problems: string[] = [];
  const check = (holds: boolean, problem: string): void => {
    if (!holds) problems.push(problem);
  };
  const contents = contentsOf(cell);
  const guard = ["--guard", join(cell.project, "out")];
  const isThere = async (): Promise<readonly unknown[]> => {
    const { code, turns } = await cell.look(["log", ...guard]);
    check(code === "OK", `log says ${code}`);
    return Array.isArray(turns) ? turns : [];
  };
  for (const each of (await isThere()).slice(0, -1)) {
    const { before, turn_id: id } = each as { readonly before: string | null; readonly turn_id: string };
    const { code, details } = await cell.look(["undo", id, "--dry-run", ...guard]);
    const isNothing = JSON.stringify(details) === '{"paths":[]}';
    check(before === null ? code === "UNDO_NO_AFTER" : isNothing, `an undo of ${id} would be ${code}`);
  }
  const next = await cell.run(TURN);
  check(next.exitCode === 0, `the next turn ends with ${next.exitCode}: ${next.stderr.trim()}`);
  const [last] = (await isThere()) as readonly { readonly before?: string | null }[];
  check(typeof last?.before === "string", "the next turn has no snapshot");
  const undone = await cell.look(["undo", "--turn", "1", "--session", "S", ...guard]);
  check(undone["ok"] === true, `undo of the first turn says ${undone["code"]}: ${undone["message"]}`);
  const redone = await cell.look(["redo", ...guard]);
  const wasNothing = undone["undo_id"] === null;
  check(wasNothing || redone["ok"] === true, `redo says ${redone["code"]}`);
  check(contentsOf(cell) === contents, "the folder is not as it was before undo and redo");
  const pruned = await cell.look(["prune", "--yes", ...guard]);
  check(pruned["ok"] === true, `prune says ${pruned["code"]}`);
  const root = ["--project", join(cell.project, "out")];
  const stored = await cell.look(["verify", "--history", "--stored", "--any-signer", ...root]);
  check(stored["ok"] === true, `verify --history says ${stored["code"]}: ${stored["message"]}`);
  const later = await cell.look(["prune", "--dry-run", ...guard]);
  check(later["removed"] === 0 && later["partial"] === 0, "prune leaves something");
  const folder = join(cell.at("home/.local/share/runseal/guards"), "*", ".runseal");
  const known = [...KNOWN_OWN, "turns", "CUT.json"];
  const left = namesBelow(folder).filter((name) => !known.includes(name));
  const records = namesBelow(join(folder, "turns")).filter(
    (name) => !/^turn-[0-9a-f]{12}-\d+\.json$/.test(name),
  );
  check(left.length + records.length === 0, `leaves ${[...left, ...records]}`);
  return problems;
}

/** The names in a folder of each guard; `*` stands for the guard. */
function namesBelow(pattern: string): readonly string[] {
  const [above = "", below = ""] = pattern.split("/*/");
  return namesIn(above).flatMap((guard) => namesIn(join(above, guard, below)));
}

/** Small and large files, a link, and an empty folder. */
function layOut(cell: WriteCell): void {
  const out = join(cell.project, "out");
  mkdirSync(join(out, "deep/hollow"), { recursive: true });
  writeFileSync(join(out, "a.txt"), "alpha\n");
  writeFileSync(join(out, "deep/large"), "x".repeat(1_200_000));
  symlinkSync("a.txt", join(out, "deep/link"));
}

/** A snapshot is there or is not, the folder is as it was, and the next snapshot works. */
async function judgeSnapshot(
  cell: WriteCell,
  { exitCode, fault }: Ended,
  { added, before }: { readonly added: readonly string[]; readonly before: readonly string[] },
): Promise<readonly string[]> {
  const problems: string[] = [];
  const check = (holds: boolean, problem: string): void => {
    if (!holds) problems.push(problem);
  };
  const contents = contentsOf(cell);
  const found = await idsOf(cell);
  const isOld = found.join() === before.join();
  const isNew = found.join() === [...before, ...added].join();
  check(isOld || isNew, `there are the snapshots ${found}`);
  if (exitCode === 0) check(isNew, "exit 0, and the snapshot is not there");
  const isUndone =
    exitCode !== null && exitCode !== 0 && exitCode !== 9 && fault?.mode.endsWith("+") !== true;
  if (isUndone && added.length > 0) check(!isNew, `exit ${exitCode}, and the snapshot stands`);
  const next = await cell.run(["snapshot", "out", "--id", "next"]);
  check(next.exitCode === 0, `the next snapshot ends with ${next.exitCode}: ${next.stderr.trim()}`);
  const then = await idsOf(cell);
  check(then.slice(0, found.length).join() === found.join(), `the next snapshot leaves ${then} of ${found}`);
  const root = ["--project", join(cell.project, "out")];
  const latest = then.at(-1) ?? "";
  const verdict = await cell.look(["verify", latest, "--exact", "--any-signer", ...root]);
  check(verdict["ok"] === true, `the latest snapshot is ${verdict["code"]}: ${verdict["message"]}`);
  const stored = await cell.look(["verify", "--history", "--stored", "--any-signer", ...root]);
  check(stored["ok"] === true, `verify --history says ${stored["code"]}: ${stored["message"]}`);
  const checked = await cell.look(["store", "check", ...root]);
  check(checked["ok"] === true, `store check says ${checked["code"]}`);
  const pruned = await cell.look(["prune", ...root]);
  check(pruned["ok"] === true, `prune says ${pruned["code"]}`);
  const later = await cell.look(["store", "check", ...root]);
  check(later["ok"] === true, `after prune, store check says ${later["code"]}`);
  const left = await cell.look(["prune", "--dry-run", ...root]);
  check(left["removed"] === 0 && left["partial"] === 0, "prune leaves something");
  check(contentsOf(cell) === contents, "the folder has changed");
  return [...problems, ...leftovers(cell, then)];
}

/** The snapshots, oldest first. */
async function idsOf(cell: WriteCell): Promise<readonly string[]> {
  const { code, runs } = await cell.look(["log", "--guard", join(cell.project, "out")]);
  if (code === "GUARD_NOT_FOUND") return [];
  const listed: readonly unknown[] = Array.isArray(runs) ? runs : [code];
  return listed.map((run) => (run as { readonly run_id?: string }).run_id ?? String(run)).reverse();
}

function contentsOf(cell: WriteCell): string {
  return JSON.stringify([...snapshotTree(join(cell.project, "out"))]);
}

/** Names that are unknown, or useless by now. */
function leftovers(cell: WriteCell, ids: readonly string[]): readonly string[] {
  const guards = cell.at("home/.local/share/runseal/guards");
  const homes = namesIn(guards).map((name) => join(guards, name));
  const left = [
    ...(homes.length > 1 ? homes : []),
    ...homes.flatMap((home) => namesIn(home)).filter((name) => !KNOWN.includes(name) && name !== KEY_LOCK),
    ...homes.flatMap((home) => namesIn(join(home, ".runseal"))).filter((name) => !KNOWN_OWN.includes(name)),
    ...homes.flatMap((home) => namesIn(join(home, ".runseal/runs"))).filter((name) => !ids.includes(name)),
    ...namesIn(cell.project).filter((name) => name !== "out"),
    ...filesBelow(cell.at("home/.local")).filter(
      (path) => !path.startsWith("share/runseal/guards/") && !STATE_FILE.test(path),
    ),
  ];
  return left.length === 0 ? [] : [`leaves ${left}`];
}
