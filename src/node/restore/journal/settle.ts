/**
 * The one function that undoes, recovers and cleans up (PROTOCOL 13.7 and 13.9): what a restore that failed
 * does on its own, what the next one does after a crash, and what ends one that succeeded. It looks at
 * what is on the disk, so that it may itself be killed at any moment and run again.
 *
 * The fsyncs are named as in SECURITY 3; test/faults shows that each is needed.
 *
 * @module
 */

import { firstItems, itemAt, type Listing } from "../../../core/internal.ts";
import type { AnchoredDir } from "../../files/anchored-dir.ts";
import type { AnchoredRoot } from "../../files/anchored-root.ts";
import type { FileSystem } from "../../files/file-system.ts";
import { OwnFolder, removeOwnFile } from "../../files/own-entry.ts";
import { publishCause } from "../../runtime/cause-channel.ts";
import { runSteps, type Steps } from "../../runtime/interruption.ts";
import { errnoOf, machineReason } from "../../runtime/machine-reason.ts";
import type { Journal } from "./journal.ts";
import { components, folderOf, foldersOf, nameOf } from "./places.ts";
import { isStagedName, stagedName } from "./staged-name.ts";
import { STAGED, type Staging } from "./staging.ts";

/** The staged files that the process which staged them knows for its own. */
export interface OwnStaged {
  /** None has this number, or one above. */
  readonly end: number;
  readonly has: (index: number) => boolean;
}

/** A transaction to bring to one of its two ends. */
export interface Unsettled {
  readonly root: AnchoredRoot;
  readonly staging: Staging;
  /** Undefined before there is one. */
  readonly journal: Journal | undefined;
  /** The journal's folders as the process that made them knows them; undefined in any other. */
  readonly folders: readonly OwnFolder[] | undefined;
  /** Undefined in any other process than the one that staged. */
  readonly staged: OwnStaged | undefined;
  /** Whether this process saw the marker of the commit: then nothing is undone, whatever fails. */
  readonly isCommitted: boolean;
  readonly fs: FileSystem;
}

/** What became of it. `clean` is whether the staging folder is gone too. */
export type Settled =
  | { readonly state: "everything" | "nothing"; readonly clean: boolean }
  /** Everything is in place; whether it is durable is not known. */
  | { readonly state: "in-doubt" }
  /** Something of it is left that could not be taken back; `astray` are places whose files went elsewhere. */
  | { readonly state: "unresolved"; readonly astray: readonly string[] };

/** Brings a transaction to its end: everything once it is committed, else nothing. */
export function settle(unsettled: Unsettled): Settled {
  return runSteps(settleInSteps(unsettled));
}

/** The same, with a pause after each file that is taken back: a kill in one of them is as one at any other moment. */
export function* settleInSteps(unsettled: Unsettled): Steps<Settled> {
  const { journal, staging } = unsettled;
  if (!staging.isMade) return { state: "nothing", clean: attempt(() => discard(staging)) === true };
  if (unsettled.isCommitted) return finish(unsettled);
  const names = attempt(() => staging.names());
  if (names === undefined) return { state: "unresolved", astray: [] };
  if (names.includes(STAGED.committed)) return finish(unsettled);
  if (names.includes(STAGED.journal)) {
    if (journal === undefined) return { state: "unresolved", astray: [] };
    const undone = names.includes(STAGED.aborted)
      ? UNDONE
      : yield* attemptSteps(takeBack(unsettled, journal));
    if (undone?.clean !== true) return { state: "unresolved", astray: undone?.astray ?? [] };
    if (attempt(() => removeFolders(unsettled, journal)) !== true) return { state: "unresolved", astray: [] };
  }
  return { state: "nothing", clean: attempt(() => discard(staging, unsettled.staged)) === true };
}

/** A system error ends a step, and the log hears of it; a bug is thrown on. */
function attempt<Value>(step: () => Value): Value | undefined {
  try {
    return step();
  } catch (thrown) {
    if (machineReason(thrown) === undefined) throw thrown;
    return undefined;
  }
}

function* attemptSteps<Value>(steps: Steps<Value>): Steps<Value | undefined> {
  try {
    return yield* steps;
  } catch (thrown) {
    if (machineReason(thrown) === undefined) throw thrown;
    return undefined;
  }
}

/** Cleans up after everything was done. */
function finish({ fs, journal, root, staged, staging }: Unsettled): Settled {
  const synced = attempt(() => {
    // [commit-dir] Before a staged name goes: if the marker were lost after that, nobody could undo or go on.
    staging.sync();
    return true;
  });
  if (synced !== true) return { state: "in-doubt" };
  const clean = attempt(() => {
    const passing = journal === undefined ? [] : firstItems(journal.files, journal.passing);
    const gone = passing.map((place, index) => removeFile({ root, staging, fs }, place, index));
    // [cleanup-passing] As long as the manifest of a chain may come back, so must the journal that names it.
    if (passing.length > 0) fs.fsyncSync(root.dir.fd);
    return gone.every((removal) => removal === "gone") && discard(staging, staged);
  });
  return { state: "everything", clean: clean === true };
}

interface Undone {
  readonly clean: boolean;
  readonly astray: readonly string[];
}

const UNDONE: Undone = { clean: true, astray: [] };

/**
 * Removes files that were put in place, the newest first, where they are the staged inode; and marks that none
 * is left.
 */
function* takeBack(unsettled: Unsettled, journal: Journal): Steps<Undone> {
  const { fs, root, staged, staging } = unsettled;
  if (journal.act === "undo" && staged === undefined) {
    // [undo-record] Whoever wrote the journal may have been killed before it was durable, and now files go.
    staging.sync();
    // [undo-root] Nor may the folder that holds it be lost.
    fs.fsyncSync(root.dir.fd);
  }
  const astray: string[] = [];
  let clean = true;
  for (let index = journal.files.length - 1; index >= 0; index--) {
    const place = itemAt(journal.files, index);
    const removal = removeFile(unsettled, place, index);
    yield;
    if (removal === "gone") continue;
    // By an undo only names are taken away: further names of a file are its owner's business.
    if (removal === "elsewhere" && journal.act === "undo") continue;
    clean = false;
    if (removal !== "unreachable") astray.push(place);
  }
  if (clean) {
    // [undo-dirs] Before the record goes: a name that comes back after a power cut would be nobody's.
    syncFolders(unsettled, journal.files);
    markAborted(unsettled);
  }
  return { clean, astray };
}

/**
 * Removes folders that are left empty, those below first. Only once it is marked that no file is left: until
 * then a folder that is not there was moved, with what is in it. Gives whether none is left.
 */
function removeFolders(unsettled: Unsettled, journal: Journal): boolean {
  const { folders, fs, root, staging } = unsettled;
  // [undo-marker] Before a folder goes: without the marker, one that is not there was moved.
  if (journal.act === "undo") staging.sync();
  let clean = true;
  for (const [index, place] of Array.from(journal.folders.entries()).reverse()) {
    const folder = folders === undefined ? OwnFolder.ofEarlierProcess() : folders[index];
    if (folder === undefined) continue;
    const parent = enter(root, folderOf(place));
    if (parent === "unreachable" || (parent !== "gone" && !folder.remove(parent, nameOf(place), fs))) {
      clean = false;
    }
  }
  // [undo-folders] As [undo-dirs]: a folder that comes back would be nobody's.
  if (clean) syncFolders(unsettled, journal.folders);
  return clean;
}

/** Makes durable what was removed from the folders that hold some places. */
function syncFolders({ fs, root }: Unsettled, places: Listing<string>): void {
  for (const folder of foldersOf(places)) {
    const entered = enterIfThere(root, folder);
    if (entered !== undefined) fs.fsyncSync(entered.fd);
  }
}

function markAborted({ staged, staging }: Unsettled): void {
  try {
    staging.mark(STAGED.aborted);
  } catch (thrown) {
    if (machineReason(thrown) !== "no-space") throw thrown;
    // Of what was staged nothing is needed any more, and there may be room for the marker then.
    unlinkStaged(staging, staged, namesOf(staging, staged));
    staging.mark(STAGED.aborted);
  }
}

/**
 * What became of a file: its name is gone; or the name is, but the file has another one still; or the folder is
 * not there, and the file has a name still, as when its folder was moved away; or nobody can tell.
 */
type Removal = "gone" | "elsewhere" | "lost" | "unreachable";

function removeFile(
  { fs, root, staging }: Pick<Unsettled, "root" | "staging" | "fs">,
  place: string,
  index: number,
): Removal {
  const staged = staging.look(stagedName(index));
  if (staged === undefined) return "gone";
  const folder = enter(root, folderOf(place));
  if (folder === "unreachable") return "unreachable";
  if (folder !== "gone" && !removeOwnFile(staged, folder, nameOf(place), fs)) return "unreachable";
  const left = staging.look(stagedName(index));
  if (left === undefined || left.nlink <= 1n) return "gone";
  return folder === "gone" ? "lost" : "elsewhere";
}

/** Enters a folder below the root, never through a link; whatever goes wrong, undoing goes on elsewhere. */
function enter(root: AnchoredRoot, real: string): AnchoredDir | "gone" | "unreachable" {
  try {
    return enterIfThere(root, real) ?? "gone";
  } catch (thrown) {
    if (errnoOf(thrown) === undefined) throw thrown;
    publishCause(thrown);
    return "unreachable";
  }
}

/** Enters a folder; a link or a file where it was means that it is gone, and what was put there with it. */
function enterIfThere(root: AnchoredRoot, real: string): AnchoredDir | undefined {
  try {
    return root.folder(components(real));
  } catch (thrown) {
    const errno = errnoOf(thrown);
    if (errno === "ENOENT" || errno === "ENOTDIR" || errno === "ELOOP") return undefined;
    throw thrown;
  }
}

/**
 * Removes a staging folder of which nothing is needed any more. Only names that a restore gives are
 * touched; with anything else in it the folder stays. All staged files are taken for our own where that can't be known.
 */
export function discard(staging: Staging, staged?: OwnStaged): true {
  if (!staging.isMade) {
    staging.remove();
    return true;
  }
  const names = dropRecord(staging, staged);
  for (const marker of [STAGED.committed, STAGED.aborted, STAGED.owner]) {
    if (names.includes(marker)) staging.unlink(marker);
  }
  staging.remove();
  return true;
}

/** Removes what was staged, and then the journal. Gives the names that were there, but for known staged files. */
export function dropRecord(staging: Staging, staged?: OwnStaged): readonly string[] {
  const names = namesOf(staging, staged);
  // [no-journal] One that is gone but not for good could come back when only some of the staged names are left.
  if (!names.includes(STAGED.journal)) staging.sync();
  unlinkStaged(staging, staged, names);
  if (names.includes(STAGED.newJournal)) staging.unlink(STAGED.newJournal);
  if (names.includes(STAGED.journal)) {
    staging.unlink(STAGED.journal);
    // [cleanup-journal] One that comes back without its marker would be undone.
    staging.sync();
  }
  return names;
}

/** The names in a staging folder. Who knows what was staged need not list what may be a million names. */
function namesOf(staging: Staging, staged: OwnStaged | undefined): readonly string[] {
  return staged === undefined ? staging.names() : staging.ownNames();
}

function unlinkStaged(staging: Staging, staged: OwnStaged | undefined, names: readonly string[]): void {
  if (staged === undefined) {
    for (const name of names) if (isStagedName(name)) staging.unlink(name);
    return;
  }
  for (let index = 0; index < staged.end; index++) {
    if (staged.has(index)) staging.unlink(stagedName(index));
  }
}
