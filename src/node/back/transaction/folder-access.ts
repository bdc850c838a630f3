/**
 * The modes of files and folders that a transaction changes or keeps. A folder that its owner may not write in is opened before
 * anything leaves or enters it, and closed last: going forward, and when everything is taken back.
 *
 * @module
 */

import type { AnchoredDir } from "../../system/files/anchored-dir.ts";
import type { AnchoredRoot } from "../../system/files/anchored-root.ts";
import { type FileSystem, OPEN_SOURCE } from "../../system/files/file-system.ts";
import { showsPermissions } from "../../system/files/shared-above.ts";
import type { EndingTransaction } from "./ending-transaction.ts";
import type { Journal } from "./journal/journal.ts";
import { MODE_BITS, OWNER_BITS, PERMISSION_BITS } from "./journal/journal-kinds.ts";
import { folderOf, foldersOf } from "./journal/places.ts";
import { enterIfThere } from "./journal/reach-folder.ts";
import { heldName, type Staging } from "./journal/staging.ts";

/** A mode that a file or folder gets, if it has one of the modes that the transaction gave it or found. */
export interface WantedMode {
  /** Undefined where any mode is changed. */
  readonly known: readonly number[] | undefined;
  readonly wanted: number;
  /** Special bits that the transaction gave it. */
  readonly given?: number;
}

/** What is needed to reach folders below a root. */
interface Reach {
  readonly root: AnchoredRoot;
  readonly fs: FileSystem;
}

/** The mode of a folder while a transaction works in it. */
export function writableMode(mode: number): number {
  return mode | OWNER_BITS;
}

/**
 * Lets the owner write in the folders of a journal that are there, those above first. Leaves alone what has a mode that the
 * transaction neither found nor gave. Throws what the system says.
 */
export function makeFoldersWritable({ fs, root }: Reach, { mode: modes, rmdir }: Journal): undefined {
  // Windows changes the mode of no folder that is open.
  if (!showsPermissions()) return;
  const known = new Map<string, readonly number[]>();
  for (const { from, kind, place, to } of modes) if (kind === "folder") known.set(place, [from, to]);
  for (const { mode, place } of rmdir) known.set(place, [mode]);
  const isClosed = (mode: number): boolean => writableMode(mode) !== mode;
  for (const [place, found] of [...known].sort(byPlace)) {
    if (!found.some(isClosed)) continue;
    const dir = enterIfThere(root, place);
    const mode = dir && fs.fstatSync(dir.fd).mode & MODE_BITS;
    if (
      dir === undefined ||
      mode === undefined ||
      !isClosed(mode) ||
      !found.some((each) => hasPermissions(mode, each))
    )
      continue;
    fs.fchmodSync(dir.fd, writableMode(mode));
  }
}

function byPlace([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number {
  return one < other ? -1 : 1;
}

/** The folders in which a transaction adds or removes names, or which get a mode. Also those that are made, or taken out. */
export function touchedFolders({ aside, mkdir, mode, put, rmdir }: Journal): ReadonlySet<string> {
  const touched = new Set([...foldersOf(aside), ...foldersOf(put), ...foldersOf(mkdir), ...mkdir]);
  for (const { place } of rmdir) touched.add(folderOf(place)).add(place);
  for (const { kind, place } of mode) if (kind === "folder") touched.add(place);
  return touched;
}

/**
 * Gives folders their modes, deepest first, and makes each durable with the names in it: afterwards a folder may be closed to its
 * owner. Gives the first folder that has another mode than the known ones, and changes no mode there. Throws what the system says.
 */
export function syncFolderModes(
  places: Iterable<string>,
  modes: ReadonlyMap<string, WantedMode>,
  open: (place: string) => AnchoredDir | undefined,
  fs: FileSystem,
): string | undefined {
  let stranger: string | undefined;
  for (const place of [...places].sort().reverse()) {
    const dir = open(place);
    if (dir === undefined) continue;
    const mode = modes.get(place);
    if (mode !== undefined && !setMode(dir.fd, mode, fs)) stranger ??= place;
    fs.fsyncSync(dir.fd);
  }
  return stranger;
}

/**
 * Gives a held file a mode, and makes it durable. Gives whether it has the mode now: not where it is not a file, or has a mode that
 * is not known. Throws what the system says.
 */
export function setHeldMode(staging: Staging, name: string, mode: WantedMode, fs: FileSystem): boolean {
  const fd = staging.dir.open(name, OPEN_SOURCE);
  try {
    if (!fs.fstatSync(fd).isFile() || !setMode(fd, mode, fs)) return false;
    fs.fsyncSync(fd);
    return true;
  } finally {
    fs.closeSync(fd);
  }
}

/** Gives held files the modes that they had. Throws what the system says. */
export function resetFileModes(
  { fs, staging }: { readonly staging: Staging; readonly fs: FileSystem },
  { aside, mode }: Journal,
): void {
  for (const [index, { from, kind, to }] of mode.entries()) {
    const name = heldName(aside.length + index);
    if (kind !== "file" || staging.dir.stats(name) === undefined) continue;
    // [put-back-modes] Before the marker: no record would name a file that has its new mode again after a power cut.
    setHeldMode(staging, name, { known: [from, to], wanted: from }, fs);
  }
}

/** Gives folders the modes that they had, or were to get, and makes durable what was taken away and put back. Throws what the system says. */
export function syncReset({ fs, made, root }: EndingTransaction, journal: Journal): void {
  const modes = new Map<string, WantedMode>();
  const stays = new Map(journal.mkdir.map((place, index) => [place, made?.[index]]));
  for (const { from, kind, place, to } of journal.mode) {
    if (kind !== "folder") continue;
    const known = [from, writableMode(from), to, writableMode(to)];
    const isMade = stays.has(place);
    modes.set(place, isMade ? { known, wanted: to } : { known, wanted: from, given: to & ~PERMISSION_BITS });
  }
  for (const { mode, place } of journal.rmdir) {
    modes.set(place, { known: [mode, writableMode(mode), OWNER_BITS], wanted: mode });
  }
  const open = (place: string): AnchoredDir | undefined => {
    const dir = enterIfThere(root, place);
    // A folder that was made, and stays because another process uses it: that of an earlier process may be another one by now.
    if (dir && stays.has(place) && stays.get(place)?.isHeld(dir, fs) !== true) modes.delete(place);
    return dir;
  };
  // [put-back-dirs] Before the marker, and before a name in staging is removed: it may be the only one that is durable.
  syncFolderModes(touchedFolders(journal), modes, open, fs);
}

/** Only the permission bits count. The present set-user, set-group and sticky bits stay. */
function setMode(fd: number, { given = 0, known, wanted }: WantedMode, fs: FileSystem): boolean {
  const mode = fs.fstatSync(fd).mode & MODE_BITS;
  const next = (mode & ~PERMISSION_BITS & ~given) | wanted;
  if (mode === next || !showsPermissions()) return true;
  if (known?.every((each) => !hasPermissions(mode, each)) === true) return false;
  fs.fchmodSync(fd, next);
  return true;
}

/** Whether two modes have the same permission bits. True on a system that does not show them. */
export function hasPermissions(mode: number, other: number): boolean {
  return !showsPermissions() || ((mode ^ other) & PERMISSION_BITS) === 0;
}
