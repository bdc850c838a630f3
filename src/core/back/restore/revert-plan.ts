/**
 * What a revert does to a folder: decided before anything is changed, applied as one transaction.
 *
 * Modes are numbers of nine bits. Paths are relative to the folder, with `/` between components. All lists are in byte order of
 * path unless their comment says otherwise.
 *
 * @module
 */

import type { HexDigest } from "../../system/bytes/hex.ts";

/** A regular file, as a snapshot says it. */
export interface FileState {
  readonly kind: "file";
  readonly digest: HexDigest;
  readonly mode: number;
  readonly bytes: number;
}

/** A symbolic link, as a snapshot says it. */
export interface LinkState {
  readonly kind: "link";
  readonly target: string;
}

/** A folder, as a snapshot says it. */
export interface FolderState {
  readonly kind: "folder";
  readonly mode: number;
}

/** What is put in as one name. */
export type FileOrLink = FileState | LinkState;

/** A FIFO, a socket or a device: no snapshot has it, and it holds no bytes. */
export interface SpecialState {
  readonly kind: "special";
}

/** What stands at a path, as a snapshot says it. */
export type EntryState = FileOrLink | FolderState;

/** A file, a link or something special that leaves its place. */
export interface PlannedMove {
  readonly path: string;
  /** What must have been moved: anything else is put back, and the revert fails. */
  readonly expected: FileOrLink | SpecialState;
}

/** A folder that is taken out or made. */
export interface PlannedFolder {
  readonly path: string;
  readonly mode: number;
}

/** A mode that changes, of a file that keeps its inode or of a folder that stays. */
export interface PlannedMode {
  readonly path: string;
  readonly kind: "file" | "folder";
  readonly from: number;
  /**
   * Of a folder, equal to `from` where the folder stays as it is: its owner may not write in it, so it is made writable before
   * something leaves or enters it, and gets its mode back last.
   */
  readonly to: number;
}

/** A file or link that comes to a place that is free by then. */
export interface PlannedPut {
  readonly path: string;
  readonly state: FileOrLink;
}

/** What a revert does. A replaced file or link is in `moves` and in `puts`. */
export interface RevertPlan {
  readonly moves: readonly PlannedMove[];
  /**
   * Folders that are taken out, deepest first: byte order of path, reversed. The mode is what the folder has now. One that its
   * owner may not write in is made writable before anything leaves it; undo gives it this mode again.
   */
  readonly gone: readonly PlannedFolder[];
  readonly modes: readonly PlannedMode[];
  /** Folders that are made, those above first: byte order of path. They get their modes last. */
  readonly folders: readonly PlannedFolder[];
  /** Files in byte order of path, then links in byte order of path. */
  readonly puts: readonly PlannedPut[];
}

/** Whether a plan has nothing to do. */
export function isEmptyPlan({ folders, gone, modes, moves, puts }: RevertPlan): boolean {
  return [folders, gone, modes, moves, puts].every((list) => list.length === 0);
}
