/**
 * The head of a project as this user saw it last, kept outside of the project: an attacker who removes the end of a history
 * and moves HEAD back, or copies an older `.runseal` over it, can't write there.
 *
 *     $XDG_STATE_HOME/runseal/heads/SHA256.json     else below ~/.local/state
 *
 * SHA256 is the hash of the project's real path; the file has the form of a head, and does not contain the path.
 *
 * @module
 */

import { lstatSync, realpathSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { encodeUtf8, ok, type Result, toHex } from "../../../core/internal.ts";
import { AnchoredDir } from "../../system/files/anchored-dir.ts";
import type { AnchoredRoot } from "../../system/files/anchored-root.ts";
import { removeReplacements } from "../../system/files/durable-file.ts";
import { openOrMakePrivateFolders } from "../../system/files/make-folders.ts";
import { pathOfComponents } from "../../system/files/path-components.ts";
import { errnoOf, reasonOf, tolerate, unlessRefused } from "../../system/runtime/machine-reason.ts";
import { nodeCrypto } from "../../system/runtime/node-crypto.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";
import { type Environment, stateFolderOf } from "../../system/runtime/user-home.ts";
import { isSameHead, type ProjectHead, readHeadFile, writeHeadFile } from "./head-file.ts";
import { openRuns } from "./run-links.ts";
import { isInHistory } from "./walk-history.ts";

/** The result of remembering a head. */
export type HeadMemory =
  | "remembered"
  /** It is remembered, but the bundle of the run before it is not here. */
  | "gap"
  /** The remembered head is not in the history of HEAD: it stays, as evidence. */
  | "diverged"
  /** The remembered head can't be read, or the new head can't be written. */
  | "failed";

/** Where the head of a project is remembered. */
export interface MemoryPlace {
  readonly folder: string;
  readonly name: string;
  /** As it may be shown: below a variable of the environment, not where it is on this machine. */
  readonly shownFolder: string;
}

/** Where a user's machine remembers the head of a project. */
export function memoryPlaceOf(environment: Environment, root: AnchoredRoot): MemoryPlace {
  const { path, shown } = stateFolderOf(environment, "heads");
  return { folder: path, name: nameOfMemory(pathOfComponents(root.real)), shownFolder: shown };
}

/**
 * Whether a head is remembered for this folder. It distinguishes a project whose `.runseal` was removed from a folder that never
 * was a project. If the system refuses the look-up, the answer is no.
 */
export function isRemembered(environment: Environment, root: string): boolean {
  const found = unlessRefused(() => {
    const name = nameOfMemory(realpathSync.native(root));
    return lstatSync(join(stateFolderOf(environment, "heads").path, name), { throwIfNoEntry: false });
  });
  return found !== undefined;
}

function nameOfMemory(realPath: string): string {
  return `${toHex(nodeCrypto.sha256(encodeUtf8(realPath)))}.json`;
}

/**
 * Reads the head that was seen last; `undefined` if none is remembered. Fails with HEAD_MALFORMED or READ_FAILED,
 * with a path that may be shown.
 */
export function readRememberedHead(place: MemoryPlace): Result<ProjectHead | undefined, OperationFault> {
  try {
    using folder = AnchoredDir.open(place.folder);
    return readHeadFile(folder, place.name, place.shownFolder);
  } catch (thrown) {
    const reason = reasonOf(thrown);
    if (errnoOf(thrown) === "ENOENT") return ok(undefined);
    return operationFault("READ_FAILED", { path: `${place.shownFolder}/${place.name}`, reason });
  }
}

/**
 * Remembers a head that was just moved, as the lock holder; `folder` is the project's own folder, and `earlier` the
 * head before it. A remembered head is replaced only by one that follows it.
 */
export function rememberHead(
  place: MemoryPlace,
  folder: AnchoredDir,
  head: ProjectHead,
  earlier: ProjectHead | undefined,
): HeadMemory {
  const known = readRememberedHead(place);
  if (!known.ok) return "failed";
  const memory = unlessRefused((): HeadMemory => {
    if (isSameHead(known.value, head)) return "remembered";
    using runs = openRuns(folder);
    const follows =
      known.value === undefined ||
      isSameHead(known.value, earlier) ||
      // Where its bundle is gone, no walk through all of a history finds it.
      (earlier !== undefined &&
        runs?.has(known.value.runId) === true &&
        isInHistory(folder, known.value.bundleRoot, earlier));
    if (!follows) return "diverged";
    writeMemory(place, head);
    return earlier === undefined || runs?.has(earlier.runId) === true ? "remembered" : "gap";
  });
  return memory ?? "failed";
}

/** Remembers nothing of a project that goes, as the lock holder. Throws what the system says. */
export function dropMemory({ folder, name }: MemoryPlace): void {
  tolerate(["ENOENT"], () => unlinkSync(join(folder, name)));
}

/** Replaces what is remembered, as the lock holder. Throws what the system says. */
export function writeMemory({ folder, name }: MemoryPlace, head: ProjectHead): void {
  using heads = openOrMakePrivateFolders(folder);
  // Those of killed seals of this project.
  removeReplacements(heads, name);
  writeHeadFile(heads, name, head);
}
