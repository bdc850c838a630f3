/**
 * What a restore that was killed left behind, and bringing it to one of its two ends (PROTOCOL 13.9).
 *
 * Only folders that a restore of ours can have made are looked at; one whose owner lives is left alone, and
 * one whose journal is damaged is not touched at all.
 *
 * @module
 */

import { itemAt, type RestoreFault } from "../../core/index.ts";
import type { AnchoredRoot } from "../files/anchored-root.ts";
import type { FileSystem } from "../files/file-system.ts";
import { machineReason } from "../files/machine-reason.ts";
import { isOwnerAlive } from "../files/owner-socket.ts";
import { beginCleaning, beginMany, type Progress } from "../progress.ts";
import { NO_ENTRIES } from "./entries.ts";
import { ExistingRoot } from "./existing-root.ts";
import type { Act, Journal, RestoreOrigin } from "./journal.ts";
import { readJournal } from "./journal-file.ts";
import { isSame } from "./own-entry.ts";
import { components, folderOf, nameOf } from "./places.ts";
import { LOCK_NAME } from "./root-lock.ts";
import { type Settled, settle } from "./settle.ts";
import { stagedName } from "./staged-name.ts";
import { isStagingName, STAGED, Staging } from "./staging.ts";

/** What was found of one restore, and what became of it. */
export interface Recovery {
  /** The name of its staging folder: in the root, or beside one that was yet to be made. */
  readonly staging: string;
  /** Undefined where it had not come as far as writing that down. */
  readonly act: Act | undefined;
  readonly origin: RestoreOrigin | undefined;
  /** How many of its files stand in their places, and of how many; 0 of 0 for a root that was not there yet. */
  readonly placed: number;
  readonly files: number;
  /** What became of it; after a dry run, what would. */
  readonly end: RecoveryEnd;
  /** Places whose files went elsewhere before they could be taken back. */
  readonly astray: readonly string[];
}

/** How a recovery ends: in one of the two good states, or not. */
export type RecoveryEnd = "everything" | "nothing" | "in-doubt" | "unresolved" | "damaged" | "alive";

/** Whether the folder is in a good state: each restore was brought to an end. */
export function isRecovered(recoveries: readonly Recovery[]): boolean {
  return recoveries.every(({ end }) => end === "everything" || end === "nothing");
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
  progress: Progress | undefined,
  fs: FileSystem,
): Promise<RestoreFault | undefined> {
  // A transaction of its own that does nothing: for its lock.
  const guard = new ExistingRoot(root, path, NO_ENTRIES, NOBODY, fs);
  try {
    const fault = await guard.begin();
    if (fault !== undefined) return { ...fault, phase: "PREFLIGHT" };
    await visitEach({ root, progress, fs }, guard.staging, recovered, ({ journal, names, staging }) => {
      beginCleaning(progress, names.size);
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
  progress: Progress | undefined,
  fs: FileSystem,
): Promise<readonly Recovery[]> {
  const found: Recovery[] = [];
  await visitEach({ root, progress, fs }, undefined, found, expectedEnd);
  return found;
}

/** One staging folder that an earlier restore left. */
interface Found {
  readonly staging: Staging;
  readonly names: ReadonlySet<string>;
  readonly journal: Journal | undefined;
}

/** Where to look, and who is told. */
interface Visit {
  readonly root: AnchoredRoot;
  readonly progress: Progress | undefined;
  readonly fs: FileSystem;
}

async function visitEach(
  { root, progress, fs }: Visit,
  own: Staging | undefined,
  recovered: Recovery[],
  end: (found: Found) => Settled,
): Promise<void> {
  for (const name of fs.readdirSync(root.dir.self)) {
    if (!isStagingName("staging", name) || name === own?.name) continue;
    const staging = new Staging(root.dir, name, fs);
    try {
      if (staging.enter()) recovered.push(await visit({ root, progress, fs }, staging, end));
    } finally {
      staging.close();
    }
  }
}

async function visit(
  { root, progress, fs }: Visit,
  staging: Staging,
  end: (found: Found) => Settled,
): Promise<Recovery> {
  const journal = readJournal(staging, fs);
  const known = journal === "damaged" ? undefined : journal;
  if (known !== undefined) beginMany(progress, "check", known.files.length);
  const facts = {
    staging: staging.name,
    act: known?.act,
    origin: known?.origin,
    placed: known === undefined ? 0 : countPlaced(root, staging, known, fs),
    files: known?.files.length ?? 0,
    astray: [],
  };
  if (await isOwnerAlive(staging.address(STAGED.owner))) return { ...facts, end: "alive" };
  if (journal === "damaged") return { ...facts, end: "damaged" };
  const settled = end({ staging, names: new Set(staging.names()), journal });
  return { ...facts, ...endOf(settled) };
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

/** How many files stand in their places: the same inode as the staged one. */
function countPlaced(root: AnchoredRoot, staging: Staging, journal: Journal, fs: FileSystem): number {
  let placed = 0;
  for (let index = 0; index < journal.files.length; index++) {
    const place = itemAt(journal.files, index);
    try {
      const staged = staging.look(stagedName(index));
      const address = root.folder(components(folderOf(place))).address(nameOf(place));
      const found = fs.lstatSync(address, { bigint: true, throwIfNoEntry: false });
      if (staged !== undefined && found !== undefined && isSame(found, staged)) placed++;
    } catch (thrown) {
      // Its folder is not there, or not to be entered: then neither is the file.
      if (machineReason(thrown) === undefined) throw thrown;
    }
  }
  return placed;
}
