/**
 * Folders that are taken out and modes that change, as a journal says them.
 *
 * @module
 */

import { count, type Kind, named, object, oneOf, text, where } from "../../../../core/internal.ts";
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

/** A real path below the root. */
export const PLACE: Kind<string> = text(isLawful);

/** A folder that is taken out, as a journal has it. */
export const FOLDER_PLACE: Kind<FolderPlace> = object({
  place: named("path", PLACE),
  mode: count(MODE_BITS),
});

const ANY_CHANGE = object<ModeChange>({
  place: named("path", PLACE),
  kind: oneOf(["file", "folder"]),
  from: count(PERMISSION_BITS),
  to: count(PERMISSION_BITS | STICKY),
});

/** Permission bits that change, as a journal has them: only a folder gets the sticky bit. */
export const MODE_CHANGE: Kind<ModeChange> = where(
  ANY_CHANGE,
  ({ kind, to }) => kind === "folder" || to <= PERMISSION_BITS,
);
