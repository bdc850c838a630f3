/**
 * Where the guard of a folder is: outside of the folder, so that `git clean -xfd` and `rm -rf *` do not take it along.
 *
 *     $XDG_DATA_HOME/runseal/guards/SHA256/     else below ~/.local/share
 *         root       which folder is guarded (`root-record.ts`)
 *         index      what was seen of its files, a cache
 *         key        the guard's own key, if the user has none
 *         pruned     when a guarded run pruned last, by its time
 *         keep       what its user wants kept, if not the usual (`keep-rules.ts`)
 *         .runseal/  a project: runs, objects, HEAD, lock and the others (`project-names.ts`)
 *
 * SHA256 is the hash of the folder's real path.
 *
 * @module
 */

import { lstatSync, realpathSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { encodeUtf8, type HexDigest } from "../../../core/internal.ts";
import { unlessRefused } from "../../system/runtime/machine-reason.ts";
import { digestOf } from "../../system/runtime/node-crypto.ts";
import { dataFolderOf, type Environment } from "../../system/runtime/user-home.ts";
import { ROOT_NAME } from "./root-record.ts";

/** The folders above the guards, below the user's folder of data. */
export const GUARDS_COMPONENTS = ["runseal", "guards"] as const;

/** The file whose time says when a guarded run pruned last. */
export const PRUNED_NAME = "pruned";

/** Where a guard is, or would be. */
export interface GuardPlace {
  readonly path: string;
  /** As it may be shown: below a variable of the environment, not where it is on this machine. */
  readonly shown: string;
}

/** The name of a guard's folder, from the real path of the guarded folder. */
export function guardNameOf(realPath: string): HexDigest {
  return digestOf(encodeUtf8(realPath));
}

/** The place of a guard, from the real path of the guarded folder. */
export function guardPlaceOf(environment: Environment, realPath: string): GuardPlace {
  const { path, shown } = dataFolderOf(environment);
  const name = guardNameOf(realPath);
  return {
    path: join(path, ...GUARDS_COMPONENTS, name),
    shown: [shown, ...GUARDS_COMPONENTS, name].join("/"),
  };
}

/** A guard that was found for a folder, at or above it. */
export interface FoundGuard extends GuardPlace {
  /** The guarded folder, relative by spelling to the folder that was asked for, which may be a link. */
  readonly root: string;
}

/** Finds the guard of a folder or of one above it, by real paths; `undefined` if there is none. In doubt there is none. */
export function findGuard(folder: string, environment: Environment): FoundGuard | undefined {
  const asked = resolve(folder);
  const start = unlessRefused(() => realpathSync.native(asked));
  if (start === undefined) return undefined;
  for (let at = start; ; at = dirname(at)) {
    const place = guardPlaceOf(environment, at);
    if (hasRoot(place)) return { ...place, root: relative(asked, at) || "." };
    if (dirname(at) === at) return undefined;
  }
}

function hasRoot({ path }: GuardPlace): boolean {
  return unlessRefused(() => lstatSync(join(path, ROOT_NAME), { throwIfNoEntry: false })) !== undefined;
}
