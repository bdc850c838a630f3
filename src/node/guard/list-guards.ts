/** The guards of a user on this machine, also of folders that are missing by now, and how many bytes each has. @module */

import { lstatSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { formatUtcSecond, ok, type Result } from "../../core/internal.ts";
import { AnchoredDir } from "../files/anchored-dir.ts";
import { dataFolderOf, type Environment } from "../keys/user-home.ts";
import { HEAD_NAME } from "../project/head.ts";
import { OWN_FOLDER } from "../project/project-names.ts";
import { breathe } from "../runtime/interruption.ts";
import { errnoOf, reasonOf, tolerate, unlessRefused } from "../runtime/machine-reason.ts";
import { type OperationFault, operationFault } from "../runtime/operation-fault.ts";
import { GUARDS_COMPONENTS } from "./guard-place.ts";
import { readRootRecord } from "./root-record.ts";

/** A folder whose store takes space. */
export interface StoreSize {
  /** Bytes of all files of the store, and of the bundles. */
  readonly bytes: number;
  /** When a run was last sealed there; undefined if that is not known. */
  readonly changedAt: string | undefined;
}

/** A guard of this user. */
export interface ListedGuard extends StoreSize {
  /** The real path of the guarded folder; undefined if the guard does not say it. */
  readonly path: string | undefined;
  /** The folder of the guard. */
  readonly home: string;
  /** Whether the guarded folder is missing. */
  readonly isGone: boolean;
}

/** Lists the guards in the user's own place, without those of `--store`. Fails with READ_FAILED. Throws an Interruption. */
export async function listGuards(
  environment: Environment,
  signal: AbortSignal | undefined,
): Promise<Result<readonly ListedGuard[], OperationFault>> {
  const { path: data, shown } = dataFolderOf(environment);
  const place = join(data, ...GUARDS_COMPONENTS);
  try {
    const guards: ListedGuard[] = [];
    for (const name of readdirSync(place)) {
      const home = join(place, name);
      const path = unlessRefused(() => guardedPathOf(home));
      const isGone = path !== undefined && !isFolder(path);
      guards.push({ path, home, isGone, ...(await measure(home, home, signal)) });
    }
    return ok(guards);
  } catch (thrown) {
    if (errnoOf(thrown) === "ENOENT") return ok([]);
    return operationFault("READ_FAILED", {
      path: [shown, ...GUARDS_COMPONENTS].join("/"),
      reason: reasonOf(thrown),
    });
  }
}

/** Measures a project by its root. Fails with READ_FAILED. Throws an Interruption. */
export async function measureProject(
  root: string,
  shown: string,
  signal: AbortSignal | undefined,
): Promise<Result<StoreSize, OperationFault>> {
  try {
    return ok(await measure(root, join(root, OWN_FOLDER), signal));
  } catch (thrown) {
    return operationFault("READ_FAILED", { path: join(shown, OWN_FOLDER), reason: reasonOf(thrown) });
  }
}

function guardedPathOf(home: string): string | undefined {
  using dir = AnchoredDir.open(home);
  const record = readRootRecord(dir);
  return typeof record === "object" ? record.path : undefined;
}

function isFolder(path: string): boolean {
  return unlessRefused(() => statSync(path).isDirectory()) === true;
}

/** Follows no links. What another process removes meanwhile does not count. */
async function measure(root: string, folder: string, signal: AbortSignal | undefined): Promise<StoreSize> {
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
  const head = unlessRefused(() => statSync(join(root, OWN_FOLDER, HEAD_NAME)));
  return { bytes, changedAt: head && formatUtcSecond(Math.floor(head.mtimeMs / 1000)) };
}
