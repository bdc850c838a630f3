/**
 * The folders of guards: each is made private, entered by the descriptor of the one above and never through a link, and refused where
 * another user could have planted it.
 *
 * @module
 */

import { basename, dirname, join, resolve } from "node:path";
import { AnchoredDir, isClosedToOthers, isOursAlone } from "../../system/files/anchored-dir.ts";
import { nodeFileSystem as fs } from "../../system/files/file-system.ts";
import { openOrMakeFolders } from "../../system/files/make-folders.ts";
import { tolerate, unlessErrno } from "../../system/runtime/machine-reason.ts";
import type { PlaceRefusal } from "../../system/runtime/operation-fault.ts";
import { dataFolderOf, type Environment } from "../../system/runtime/user-home.ts";
import { GUARDS_COMPONENTS, type GuardPlace, guardNameOf, guardPlaceOf } from "./guard-place.ts";

/** A folder for the guard instead of the user's own place. */
export interface OwnPlace {
  readonly store?: string | undefined;
  /** The same as the caller named it. */
  readonly shownStore?: string | undefined;
}

/** Where a guard is, and how to open its folder. */
export interface GuardFolder extends GuardPlace {
  /** With `made`, makes what is missing and adds its paths, topmost first. Gives why it is refused. Throws what the system says. */
  readonly open: (made: string[] | undefined) => AnchoredDir | PlaceRefusal;
}

/** The folder of the guard of a folder, by its real path. */
export function guardFolderOf(environment: Environment, realPath: string, own: OwnPlace): GuardFolder {
  const { shownStore = "", store } = own;
  if (store !== undefined)
    return { path: resolve(store), shown: shownStore, open: (made) => openStoreFolder(store, made) };
  const data = dataFolderOf(environment).path;
  return {
    ...guardPlaceOf(environment, realPath),
    open: (made) => openGuardFolder(data, realPath, made),
  };
}

/**
 * Opens the folder of a guard below the user's folder of data; with `made`, makes what is missing and adds its paths, topmost first. Gives
 * why it is refused. Throws what the system says.
 */
function openGuardFolder(
  data: string,
  realPath: string,
  made: string[] | undefined,
): AnchoredDir | PlaceRefusal {
  let at = made === undefined ? AnchoredDir.open(data) : openOrMakeFolders(data, 0o700, made);
  let path = data;
  for (const name of [...GUARDS_COMPONENTS, guardNameOf(realPath)]) {
    using above = at;
    path = join(path, name);
    const entered = enterPrivate(above, { name, path }, made);
    if (typeof entered === "string") return entered;
    at = entered;
  }
  return at;
}

/** Enters a folder that is this user's and closed to others. */
function enterPrivate(
  above: AnchoredDir,
  { name, path }: { readonly name: string; readonly path: string },
  made: string[] | undefined,
): AnchoredDir | PlaceRefusal {
  const isMade = made !== undefined && tolerate(["EEXIST"], () => above.mkdir(name, 0o700));
  if (isMade) made.push(path);
  const entered = unlessErrno(["ENOTDIR", "ELOOP"], () => above.enter(name));
  if (entered === undefined) return "link";
  // [guards] A guard that was reported must be found again after a power cut.
  if (isMade) fs.fsyncSync(above.fd);
  return checked(entered, name === GUARDS_COMPONENTS[0]);
}

/** Other programs may have made the folder of all of runseal's data readable for others. Below it, other users may not look. */
function checked(dir: AnchoredDir, mayBeSeen: boolean): AnchoredDir | PlaceRefusal {
  const stats = fs.fstatSync(dir.fd);
  const isOwn = process.geteuid === undefined || stats.uid === process.geteuid();
  const isClosed = mayBeSeen ? isOursAlone(stats) : isClosedToOthers(dir, fs);
  if (isOwn && isClosed) return dir;
  dir.close();
  return isOwn ? "mode" : "owner";
}

/** The same at a place of the user's choice: it may be reached through links, but must be a folder of this user, closed to others. */
function openStoreFolder(store: string, made: string[] | undefined): AnchoredDir | PlaceRefusal {
  const path = resolve(store);
  if (made !== undefined && basename(path) !== "") {
    using above = openOrMakeFolders(dirname(path), 0o700, made);
    const isMade = tolerate(["EEXIST"], () => above.mkdir(basename(path), 0o700));
    if (isMade) made.push(path);
  }
  return checked(AnchoredDir.open(path), false);
}
