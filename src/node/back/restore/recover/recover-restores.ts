/**
 * Recovers killed restores into an existing root: each is cleaned up or rolled back (PROTOCOL 13.9).
 *
 * Reads only folders that this user's runseal can have made. Leaves a folder alone if its owner lives, or if its journal was
 * not written by this user on this machine (PROTOCOL 11.1).
 *
 * @module
 */

import { type Astray, type RestoreFault, restoreFault } from "../../../../core/internal.ts";
import type { SecretBytes } from "../../../keys/secret-bytes.ts";
import type { AnchoredDir } from "../../../system/files/anchored-dir.ts";
import type { AnchoredRoot } from "../../../system/files/anchored-root.ts";
import type { FileSystem } from "../../../system/files/file-system.ts";
import { machineReason } from "../../../system/runtime/machine-reason.ts";
import { beginCleaning, beginMany, type Progress } from "../../../system/runtime/progress.ts";
import { endChanges } from "../../transaction/end-changes.ts";
import { findAstray } from "../../transaction/journal/find-astray.ts";
import { countPlaced, type Declared } from "../../transaction/journal/find-placed.ts";
import type { Journal } from "../../transaction/journal/journal.ts";
import { readJournal } from "../../transaction/journal/journal-file.ts";
import { LockedStaging } from "../../transaction/journal/locked-staging.ts";
import { LOCK_NAME } from "../../transaction/journal/root-lock.ts";
import { isStagingName, STAGED, Staging, type StagingKind } from "../../transaction/journal/staging.ts";
import { astrayFacts, NONE_ASTRAY, type TransactionEnd } from "../../transaction/journal/transaction-end.ts";
import type { Recovery } from "../../transaction/restore-failure.ts";

/** How to recover. */
export interface RecoveryWay {
  /** Only journals with a right MAC under this key are acted on; without a key, none. */
  readonly key: SecretBytes | undefined;
  readonly progress: Progress | undefined;
}

/** Whether a killed restore into a root left something. Throws what the system says. */
export function hasLeftovers(root: AnchoredRoot): boolean {
  return root.dir.names().some((name) => isStagingName("staging", name) || name === LOCK_NAME);
}

/**
 * Recovers everything that was left in a root. What was found is added to `recovered`, also on a failure. Fails with
 * RESTORE_BUSY if another process is working there, and with RESTORE_UNRESOLVED where there is no room for the lock. Throws what the
 * system says otherwise.
 */
export async function recoverRoot(
  root: AnchoredRoot,
  recovered: Recovery[],
  way: RecoveryWay,
  fs: FileSystem,
): Promise<RestoreFault | undefined> {
  // An empty transaction, for its lock.
  const guard = new LockedStaging(root.dir, fs);
  const ending = { root, isCommitted: false, fs };
  try {
    const fault = await guard.begin(() => undefined);
    if (fault !== undefined) return { ...fault, phase: "PREFLIGHT" };
    await visitEach({ ...way, root, fs }, guard.staging, recovered, ({ known, names, staging }) => {
      beginCleaning(way.progress, names.size);
      return endChanges({ ...ending, staging, journal: known?.journal, made: undefined, names });
    });
    return undefined;
  } catch (thrown) {
    // The folder of the lock takes a block.
    if (machineReason(thrown) !== "no-space") throw thrown;
    return restoreFault("PREFLIGHT", "RESTORE_UNRESOLVED", { reason: "no-space" });
  } finally {
    try {
      const own = { ...ending, staging: guard.staging, journal: undefined, made: [], names: undefined };
      const ended = endOf(guard.release(endChanges(own)));
      // The next recovery finds what is left of the guard.
      if (ended.end !== "nothing") recovered.push({ ...NO_RECORD, staging: guard.staging.name, ...ended });
    } finally {
      // Closes the owner socket in any case: other processes would take this folder for a live one.
      guard.close();
      // The next restore would put files into a folder that was removed but is still open.
      root.closeFolders();
    }
  }
}

/** Adds what was left in a root to `recovered`, and changes nothing. Throws what the system says. */
export async function surveyRoot(
  root: AnchoredRoot,
  recovered: Recovery[],
  way: RecoveryWay,
  fs: FileSystem,
): Promise<undefined> {
  await visitEach({ ...way, root, fs }, undefined, recovered, expectedEnd);
}

/** One staging folder that an earlier restore left. */
interface Found {
  readonly staging: Staging;
  readonly names: ReadonlySet<string>;
  /** With its journal, if it has one. */
  readonly known: Declared | undefined;
}

/** Ends what is in each staging folder but `own`, and adds it to `recovered`. */
async function visitEach(
  { fs, key, progress, root }: RecoveryWay & { readonly root: AnchoredRoot; readonly fs: FileSystem },
  own: Staging | undefined,
  recovered: Recovery[],
  end: (found: Found) => TransactionEnd,
): Promise<void> {
  for (const staging of enterEach(root.dir, "staging", fs)) {
    if (staging.name === own?.name) continue;
    // First: what a live process leaves may change, and what a dead one left does not.
    const isAlive = await staging.isOwnerAlive();
    const journal = readJournal(staging, key, fs);
    const names = new Set(staging.dir.names());
    const known = typeof journal === "object" ? { fs, journal, names, root, staging } : undefined;
    if (known !== undefined) beginMany(progress, "check", known.journal.put.length);
    const placed = known === undefined ? NONE_PLACED : countPlaced(known);
    const left = { staging, journal, names, isAlive, ...placed };
    recovered.push(endFound(left, () => end({ staging, names, known })));
  }
}

/** The staging folders of a kind that this user's runseal can have made. Each is closed when the next one is asked for. */
export function* enterEach(
  parent: AnchoredDir,
  kind: StagingKind,
  fs: FileSystem,
): Generator<Staging, void, undefined> {
  for (const name of parent.names()) {
    if (!isStagingName(kind, name)) continue;
    using staging = new Staging(parent, name, fs);
    if (staging.enter()) yield staging;
  }
}

/** What a killed transaction left. */
interface LeftStaging extends Pick<Recovery, "files" | "placed"> {
  readonly staging: Staging;
  readonly journal: Journal | "foreign" | undefined;
  readonly names: ReadonlySet<string>;
  readonly isAlive: boolean;
}

/** Ends what is left of one transaction, unless its process lives or its journal is foreign; and gives the report. */
export function endFound(
  { files, isAlive, journal, names, placed, staging }: LeftStaging,
  end: () => TransactionEnd,
): Recovery {
  const { act, origin } = typeof journal === "object" ? journal : NO_RECORD;
  const facts = { staging: staging.name, act, origin, files, placed, ...NONE_ASTRAY };
  if (isAlive) return { ...facts, end: "alive" };
  if (journal === "foreign") return { ...facts, end: journal };
  const ended = endOf(end());
  // Without a record, a good end is not known to be everything or nothing.
  return {
    ...facts,
    ...ended,
    end: hasNoRecord(names) && ended.end === "nothing" ? "unknown-clean" : ended.end,
  };
}

/** Of a transaction without a journal, and of a new root, no files are counted. */
export const NONE_PLACED: Pick<Recovery, "files" | "placed"> = { placed: 0, files: 0 };

const NO_RECORD = { act: undefined, origin: undefined, ...NONE_PLACED };

/**
 * Whether neither journal nor marker is left, nor the tree of a new root. A clean-up removes the folder last, so a process that
 * was killed just before leaves the same as one that had just begun.
 */
function hasNoRecord(names: ReadonlySet<string>): boolean {
  return [STAGED.journal, STAGED.committed, STAGED.aborted, STAGED.tree].every((name) => !names.has(name));
}

/** The end of a recovery, by the end of its transaction. */
function endOf(ended: TransactionEnd): Pick<Recovery, "end" | keyof Astray> {
  switch (ended.state) {
    case "everything":
    case "nothing":
      return { end: ended.clean ? ended.state : "unresolved", ...NONE_ASTRAY };
    case "in-doubt":
      return { end: "in-doubt", ...NONE_ASTRAY };
    case "unresolved":
    case "changed":
      return { ...NONE_ASTRAY, ...astrayFacts(ended), end: ended.state };
  }
}

function expectedEnd({ known, names }: Found): TransactionEnd {
  if (names.has(STAGED.committed)) return { state: "everything", clean: true };
  const failed = known === undefined || names.has(STAGED.aborted) ? undefined : findAstray(known);
  return failed ?? { state: "nothing", clean: true };
}
