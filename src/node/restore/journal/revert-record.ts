/**
 * What the journal of a revert has besides that of a restore: what is moved aside, which folders are taken out, and which modes
 * change.
 *
 * @module
 */

import {
  asCount,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  jsonObject,
  type Listing,
} from "../../../core/internal.ts";
import { isLawful } from "./lawful-places.ts";

/** A folder and its mode: permission bits with set-user, set-group and sticky bit. */
export interface FolderPlace {
  readonly place: string;
  readonly mode: number;
}

/** Permission bits that change. */
export interface ModeChange {
  readonly place: string;
  readonly kind: "file" | "folder";
  readonly from: number;
  /** With the sticky bit where the folder gets that too. */
  readonly to: number;
}

/** What a revert does besides making folders and putting files and links in place. Places are real paths below the root. */
export interface RevertRecord {
  /** What is moved to the name `o<index>` in staging. */
  readonly moves: Listing<string>;
  /** Folders that are taken out, deepest first, with the modes that they had. */
  readonly gone: readonly FolderPlace[];
  /**
   * Files that keep their inodes: `h<index>` in staging is a second name of the file. Folders that stay, and folders that are
   * made, which have the mode `from` until they are filled.
   */
  readonly modes: readonly ModeChange[];
}

/** The record of every other act. */
export const NO_REVERT: RevertRecord = { moves: [], gone: [], modes: [] };

/** The permission bits. */
export const PERMISSION_BITS = 0o777;

/** The same with set-user, set-group and sticky bit. */
export const MODE_BITS = 0o7777;

const STICKY = 0o1000;
const OTHERS_MAY_WRITE = 0o002;

/**
 * The mode that a folder gets, whose snapshot does not say whether it was sticky: sticky wherever all users may write in it and could not
 * before, as in /tmp. Without it they could remove each other's files.
 */
export function stickyMode(mode: number, found: number): number {
  return (mode & OTHERS_MAY_WRITE) !== 0 && (found & OTHERS_MAY_WRITE) === 0 && (found & STICKY) === 0
    ? mode | STICKY
    : mode;
}

/** What the owner of a folder needs to change what is in it. */
export const OWNER_BITS = 0o700;

const FOLDER_FIELDS = 2;
const MODE_FIELDS = 4;

/** Folders as a journal has them. */
export function placesOf(folders: readonly FolderPlace[]): JsonObject[] {
  return folders.map(({ mode, place }) => jsonObject({ mode, path: place }));
}

/** Modes as a journal has them. */
export function modesOf(modes: readonly ModeChange[]): JsonObject[] {
  return modes.map(({ from, kind, place, to }) => jsonObject({ from, kind, path: place, to }));
}

/** Reads a record from a journal's object; `undefined` where it is not lawful. */
export function readRevertRecord(object: JsonObject): RevertRecord | undefined {
  const moves = textsOf(object.get("aside"));
  const gone = allOf(object.get("rmdir"), readFolder);
  const modes = allOf(object.get("mode"), readMode);
  if (gone === undefined || modes === undefined || moves === undefined) return undefined;
  return moves.every(isLawful) ? { moves, gone, modes } : undefined;
}

/** A list of texts; `undefined` for anything else. */
export function textsOf(value: JsonValue | undefined): readonly string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.every((item): item is string => typeof item === "string") ? value : undefined;
}

function allOf<Item>(
  value: JsonValue | undefined,
  read: (object: JsonObject) => Item | undefined,
): readonly Item[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const items: Item[] = [];
  for (const each of value) {
    const item = isJsonObject(each) ? read(each) : undefined;
    if (item === undefined) return undefined;
    items.push(item);
  }
  return items;
}

function readFolder(object: JsonObject): FolderPlace | undefined {
  const place = placeIn(object);
  const mode = modeIn(object, "mode", MODE_BITS);
  if (place === undefined || mode === undefined || object.size !== FOLDER_FIELDS) return undefined;
  return { place, mode };
}

function readMode(object: JsonObject): ModeChange | undefined {
  const place = placeIn(object);
  const kind = object.get("kind");
  const from = modeIn(object, "from", PERMISSION_BITS);
  const to = modeIn(object, "to", kind === "folder" ? PERMISSION_BITS | STICKY : PERMISSION_BITS);
  if (kind !== "file" && kind !== "folder") return undefined;
  if (place === undefined || from === undefined || to === undefined) return undefined;
  return object.size === MODE_FIELDS ? { place, kind, from, to } : undefined;
}

function placeIn(object: JsonObject): string | undefined {
  const path = object.get("path");
  return typeof path === "string" && isLawful(path) ? path : undefined;
}

function modeIn(object: JsonObject, member: string, most: number): number | undefined {
  const mode = asCount(object.get(member));
  return mode !== undefined && mode <= most ? mode : undefined;
}
