/** The guards of a user on this machine, also of folders that are missing by now, and how many bytes each has. @module */

import { lstatSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { formatUtcSecond, type HexDigest, isHexDigest, ok, type Result } from "../../../core/internal.ts";
import { HEAD_NAME } from "../../records/project/head-file.ts";
import { OWN_FOLDER, RUNS_NAME } from "../../records/project/project-names.ts";
import { AnchoredDir } from "../../system/files/anchored-dir.ts";
import { breathe } from "../../system/runtime/interruption.ts";
import { errnoOf, reasonOf, tolerate, unlessRefused } from "../../system/runtime/machine-reason.ts";
import { isSameDigest } from "../../system/runtime/node-crypto.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";
import { dataFolderOf, type Environment } from "../../system/runtime/user-home.ts";
import { GUARDS_COMPONENTS, guardNameOf } from "./guard-place.ts";
import { readRootRecord } from "./root-record.ts";

/** A folder whose store takes space. */
export interface StoreSize {
  /** Bytes of all files of the store, and of the bundles. */
  readonly bytes: number;
  /** When a run was last sealed there; undefined if that is not known. */
  readonly changedAt: string | undefined;
}

/** A guard of this user. */
export interface ListedGuard {
  /** The real path of the guarded folder, or why the guard does not say it: READ_FAILED or GUARD_PLACE_REFUSED. */
  readonly guarded: Result<string, OperationFault>;
  /** The folder of the guard, and the same as it may be shown. */
  readonly home: string;
  readonly shown: string;
  /** Whether the guarded folder is missing. */
  readonly isGone: boolean;
}

/** Lists the guards in the user's own place, without those of `--store`. Fails with READ_FAILED. */
export function listGuards(environment: Environment): Result<readonly ListedGuard[], OperationFault> {
  const { path: data, shown } = dataFolderOf(environment);
  const place = join(data, ...GUARDS_COMPONENTS);
  const shownPlace = [shown, ...GUARDS_COMPONENTS].join("/");
  try {
    const names = readdirSync(place)
      .filter((name) => isHexDigest(name))
      .filter((name) => !isEmpty(join(place, name)));
    return ok(
      names.map((name) => {
        const [home, shown] = [join(place, name), `${shownPlace}/${name}`];
        const guarded = guardedPathOf(home, shown, name);
        return { guarded, home, shown, isGone: guarded.ok && isMissing(guarded.value) };
      }),
    );
  } catch (thrown) {
    if (errnoOf(thrown) === "ENOENT") return ok([]);
    return operationFault("READ_FAILED", { path: shownPlace, reason: reasonOf(thrown) });
  }
}

/** Measures a store in a folder, which belongs to the project of a root. Fails with READ_FAILED. Throws an Interruption. */
export async function measureStore(
  root: string,
  folder: string,
  shown: string,
  signal: AbortSignal | undefined,
): Promise<Result<StoreSize, OperationFault>> {
  try {
    const bytes = await bytesIn(folder, signal);
    const head = unlessRefused(() => statSync(join(root, OWN_FOLDER, HEAD_NAME)));
    return ok({ bytes, changedAt: head && formatUtcSecond(Math.floor(head.mtimeMs / 1000)) });
  } catch (thrown) {
    return operationFault("READ_FAILED", { path: shown, reason: reasonOf(thrown) });
  }
}

function guardedPathOf(home: string, shown: string, name: HexDigest): Result<string, OperationFault> {
  try {
    using dir = AnchoredDir.open(home);
    const record = readRootRecord(dir);
    if (typeof record === "object" && isSameDigest(guardNameOf(record.path), name)) return ok(record.path);
    const refusal = typeof record === "object" ? "other-folder" : "malformed";
    return operationFault("GUARD_PLACE_REFUSED", { path: shown, refusal });
  } catch (thrown) {
    return operationFault("READ_FAILED", { path: shown, reason: reasonOf(thrown) });
  }
}

/** Whether a folder is what a removal that was killed has left of a guard: the folder of its lock. */
function isEmpty(path: string): boolean {
  const isLeft = unlessRefused(() => readdirSync(path).every((name) => name === OWN_FOLDER));
  const runs = join(path, OWN_FOLDER, RUNS_NAME);
  return isLeft === true && unlessRefused(() => lstatSync(runs, { throwIfNoEntry: false })) === undefined;
}

/** Whether no folder has the path any more. In doubt it is there. */
export function isMissing(path: string): boolean {
  return unlessRefused(() => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) === false;
}

/** Follows no links. What another process removes meanwhile does not count. */
async function bytesIn(folder: string, signal: AbortSignal | undefined): Promise<number> {
  let bytes = 0;
  const folders = [folder];
  for (const [index, at] of folders.entries()) {
    await breathe(index, signal);
    tolerate(["ENOENT", "ENOTDIR"], () => {
      for (const entry of readdirSync(at, { withFileTypes: true })) {
        if (entry.isDirectory()) folders.push(join(at, entry.name));
        else bytes += lstatSync(join(at, entry.name), { throwIfNoEntry: false })?.size ?? 0;
      }
    });
  }
  return bytes;
}
