/**
 * What a restore that was killed left behind, and bringing it to one of its two ends (PROTOCOL 13.9).
 *
 * Looks only at folders that a restore of ours can have made. Leaves a folder alone whose owner lives, and touches nothing
 * of a folder whose journal this user did not write on this machine (PROTOCOL 17).
 *
 * @module
 */

import type { RestoreFault } from "../../../core/internal.ts";
import type { AnchoredRoot } from "../../files/anchored-root.ts";
import type { FileSystem } from "../../files/file-system.ts";
import { isOwnerAlive } from "../../locks/owner-socket.ts";
import { beginCleaning, beginMany, type Progress } from "../../runtime/progress.ts";
import type { Journal, RestoreOrigin } from "../journal/journal.ts";
import { type Belief, readJournal } from "../journal/journal-file.ts";
import { countPlaced, foretell } from "../journal/outlook.ts";
import { LOCK_NAME } from "../journal/root-lock.ts";
import { type Settled, settle } from "../journal/settle.ts";
import { isStagingName, STAGED, Staging } from "../journal/staging.ts";
import { NO_ENTRIES } from "../target/entries.ts";
import { ExistingRoot } from "../target/existing-root.ts";
import type { Recovery } from "../target/recovery.ts";

/** How to recover: which journals are acted on, and where progress is shown. */
export interface RecoveryWay {
  readonly belief: Belief;
  readonly progress: Progress | undefined;
}

/** Whether a restore into a root left something behind. Throws what the system says. */
export function hasLeftovers(root: AnchoredRoot, fs: FileSystem): boolean {
  return fs.readdirSync(root.dir.self).some((name) => isStagingName("staging", name) || name === LOCK_NAME);
}

/**
 * Recovers all that was left in a root; what was found is added to `recovered`, also where it ends before its time.
 * Fails with RESTORE_BUSY where somebody is at work there. Throws what the system says.
 */
export async function recoverRoot(
  root: AnchoredRoot,
  path: string,
  recovered: Recovery[],
  way: RecoveryWay,
  fs: FileSystem,
): Promise<RestoreFault | undefined> {
  // A transaction of its own that does nothing: for its lock.
  const guard = new ExistingRoot(root, path, NO_ENTRIES, NOBODY, undefined, fs);
  try {
    const fault = await guard.begin();
    if (fault !== undefined) return { ...fault, phase: "PREFLIGHT" };
    await visitEach({ ...way, root, fs }, guard.staging, recovered, ({ journal, names, staging }) => {
      beginCleaning(way.progress, names.size);
      return settle({
        root,
        staging,
        journal,
        folders: undefined,
        staged: undefined,
        isCommitted: false,
        fs,
      });
    });
    return undefined;
  } finally {
    try {
      const { end, astray } = endOf(guard.settle());
      // What is left of the guard is for the next one to find.
      if (end !== "nothing") recovered.push({ ...UNKNOWN, staging: guard.staging.name, end, astray });
    } finally {
      // Whatever became of it, we fall silent: others would take this folder for one at work.
      guard.close();
      // A folder that was undone and is still held open would be where the next restore puts its files.
      root.closeFolders();
    }
  }
}

const NOBODY: RestoreOrigin = { started: "", runIds: [], bundleRoots: [], signers: [], name: undefined };

/** What is known of one that wrote nothing down. */
const UNKNOWN = { act: undefined, origin: undefined, placed: 0, files: 0 };

/** Tells what was left in a root, and changes nothing. Throws what the system says. */
export async function surveyRoot(
  root: AnchoredRoot,
  way: RecoveryWay,
  fs: FileSystem,
): Promise<readonly Recovery[]> {
  const found: Recovery[] = [];
  await visitEach({ ...way, root, fs }, undefined, found, expectedEnd);
  return found;
}

/** One staging folder that an earlier restore left. */
interface Found {
  readonly staging: Staging;
  readonly names: ReadonlySet<string>;
  readonly journal: Journal | undefined;
}

/** Where to look, and how. */
interface Visit extends RecoveryWay {
  readonly root: AnchoredRoot;
  readonly fs: FileSystem;
}

async function visitEach(
  visited: Visit,
  own: Staging | undefined,
  recovered: Recovery[],
  end: (found: Found) => Settled,
): Promise<void> {
  const { fs, root } = visited;
  for (const name of fs.readdirSync(root.dir.self)) {
    if (!isStagingName("staging", name) || name === own?.name) continue;
    const staging = new Staging(root.dir, name, fs);
    try {
      if (staging.enter()) recovered.push(await visit(visited, staging, end));
    } finally {
      staging.close();
    }
  }
}

async function visit(
  { belief, fs, progress, root }: Visit,
  staging: Staging,
  end: (found: Found) => Settled,
): Promise<Recovery> {
  const journal = readJournal(staging, belief, fs);
  const names = new Set(staging.names());
  const known = typeof journal === "object" ? { fs, journal, names, root, staging } : undefined;
  if (known !== undefined) beginMany(progress, "check", known.journal.files.length);
  const facts = {
    staging: staging.name,
    act: known?.journal.act,
    origin: known?.journal.origin,
    placed: known === undefined ? 0 : countPlaced(known),
    files: known?.journal.files.length ?? 0,
    astray: [],
  };
  if (await isOwnerAlive(staging.address(STAGED.owner))) return { ...facts, end: "alive" };
  if (typeof journal === "string") return { ...facts, end: journal };
  const isForetold = end === expectedEnd && belief === "any";
  const outlook = isForetold && known !== undefined ? { outlook: foretell(known) } : {};
  const ended = endOf(end({ staging, names: new Set(staging.names()), journal }));
  return { ...facts, ...outlook, ...(tellsNothing(names) ? asUnknown(ended) : ended) };
}

/**
 * Whether neither journal nor marker is left, nor the tree of a new root. The last thing that is removed after all is in place
 * is the folder, so that a process killed there leaves the same as one that had hardly begun.
 */
export function tellsNothing(names: ReadonlySet<string>): boolean {
  return [STAGED.journal, STAGED.committed, STAGED.aborted, STAGED.tree].every((name) => !names.has(name));
}

/** The good end of a restore that tells nothing is not known. */
export function asUnknown<Ended extends Pick<Recovery, "end">>(ended: Ended): Ended {
  return ended.end === "nothing" ? { ...ended, end: "unknown-clean" } : ended;
}

/** How a recovery ended, by what became of its transaction. */
export function endOf(settled: Settled): Pick<Recovery, "end" | "astray"> {
  switch (settled.state) {
    case "everything":
    case "nothing":
      return { end: settled.clean ? settled.state : "unresolved", astray: [] };
    case "in-doubt":
      return { end: "in-doubt", astray: [] };
    case "unresolved":
      return { end: "unresolved", astray: settled.astray };
  }
}

function expectedEnd({ names }: Found): Settled {
  return { state: names.has(STAGED.committed) ? "everything" : "nothing", clean: true };
}
