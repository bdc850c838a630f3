/**
 * Opens the guarded folder of a revert by its path again, and its guard. A command may have removed the folder, or put something else
 * in its place: a link is never followed then.
 *
 * @module
 */

import { basename, dirname, join, resolve } from "node:path";
import { ok, type Result } from "../../../core/internal.ts";
import { AnchoredDir } from "../../system/files/anchored-dir.ts";
import { AnchoredRoot, openRoot } from "../../system/files/anchored-root.ts";
import { type FileSystem, nodeFileSystem as fs } from "../../system/files/file-system.ts";
import { pathOfComponents } from "../../system/files/path-components.ts";
import { attempt, errnoOf, reasonOf } from "../../system/runtime/machine-reason.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";
import type { Environment } from "../../system/runtime/user-home.ts";
import { findGuard, guardPlaceOf } from "../guard/guard-place.ts";
import { type OpenGuard, openGuard } from "../guard/open-guard.ts";
import { readRootRecord } from "../guard/root-record.ts";

/** Which folder, and which guard. */
export interface GuardedPlace {
  /** A folder at or below the guarded one: an absolute path, and as the caller named it. */
  readonly folder: string;
  readonly shown: string;
  readonly environment: Environment;
  readonly store?: string | undefined;
  readonly shownStore?: string | undefined;
}

/** A guarded folder with its guard. The caller closes both. */
export interface GuardedFolder extends Disposable {
  readonly root: AnchoredRoot;
  /** The absolute path of the guarded folder. */
  readonly path: string;
  readonly shown: string;
  readonly guard: OpenGuard;
  /** Whether the folder was missing and was made now. */
  readonly wasGone: boolean;
  /** Removes a folder that was made now, if it is empty. */
  readonly withdraw: () => void;
}

/**
 * Opens both. A guarded folder that is missing is made; `withdraw` removes it again. Fails with GUARD_NOT_FOUND; with GUARD_ROOT_CHANGED where
 * something else is in the place of a guarded folder; with PATH_NOT_FOUND; and as `openGuard` does.
 */
export function openGuarded(place: GuardedPlace, calls: FileSystem): Result<GuardedFolder, OperationFault> {
  const { folder, shown } = place;
  const kind = kindAt(folder);
  if (kind === "folder") return openThere(place, calls);
  // What is in the place of a guarded folder is not looked through.
  if (!isGuarded(place))
    return kind === "link"
      ? openThere(place, calls)
      : operationFault("PATH_NOT_FOUND", { reason: "folder", path: shown });
  if (kind !== "missing")
    return operationFault("GUARD_ROOT_CHANGED", { path: shown, reason: "not-a-folder" });
  try {
    fs.mkdirSync(folder, 0o777);
  } catch (thrown) {
    return operationFault("WRITE_FAILED", { path: shown, reason: reasonOf(thrown) });
  }
  const opened = openAt(place, folder, shown, true, calls);
  if (!opened.ok) attempt(() => fs.rmdirSync(folder));
  return opened;
}

/** Opens the guarded folder at or above a folder. */
function openThere(place: GuardedPlace, calls: FileSystem): Result<GuardedFolder, OperationFault> {
  const { environment, folder, shown, store } = place;
  if (store !== undefined) return openAt(place, folder, shown, false, calls);
  const found = findGuard(folder, environment);
  if (found === undefined) return operationFault("GUARD_NOT_FOUND");
  return openAt(place, resolve(folder, found.root), join(shown, found.root), false, calls);
}

function openAt(
  place: GuardedPlace,
  path: string,
  shown: string,
  wasGone: boolean,
  calls: FileSystem,
): Result<GuardedFolder, OperationFault> {
  const opened = openRoot(path, calls, shown);
  if (!opened.ok) return opened;
  const root = opened.value;
  const guard = openGuard({ ...place, root, makes: false, fs: calls });
  if (!guard.ok) {
    root.close();
    return guard;
  }
  const close = (): void => {
    guard.value[Symbol.dispose]();
    root.close();
  };
  const withdraw = (): void => {
    if (wasGone) attempt(() => fs.rmdirSync(path));
  };
  return ok({ root, path, shown, guard: guard.value, wasGone, withdraw, [Symbol.dispose]: close });
}

type FoundKind = "folder" | "link" | "missing" | "other";

function kindAt(folder: string): FoundKind {
  try {
    const stats = fs.lstatSync(folder, { throwIfNoEntry: false });
    if (stats === undefined) return "missing";
    return stats.isDirectory() ? "folder" : stats.isSymbolicLink() ? "link" : "other";
  } catch (thrown) {
    if (!["ENOTDIR", "ELOOP", "ENAMETOOLONG"].includes(errnoOf(thrown) ?? "")) throw thrown;
    return "missing";
  }
}

/** Whether a guard is there for just this path, whatever is at the path now. In doubt there is none. */
function isGuarded({ environment, folder, store }: GuardedPlace): boolean {
  try {
    using above = AnchoredRoot.open(dirname(folder));
    const real = pathOfComponents([...above.real, basename(folder)]);
    using guard = AnchoredDir.open(store ?? guardPlaceOf(environment, real).path);
    const record = readRootRecord(guard);
    return typeof record === "object" && record.path === real;
  } catch (thrown) {
    reasonOf(thrown);
    return false;
  }
}
