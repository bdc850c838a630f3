/**
 * Checks existing objects before a seal relies on them: they are synced and hashed, unless this user did that before. An
 * object may come from an archive, or from a process that was killed before it synced.
 *
 * @module
 */

import {
  type HexDigest,
  matchesDigest,
  objectPath,
  ok,
  placeOfObject,
  type Result,
  shownObject,
} from "../../../core/internal.ts";
import type { AnchoredRoot } from "../../system/files/anchored-root.ts";
import { syncFileSystem } from "../../system/files/durable-file.ts";
import { type FileSystem, OPEN_SOURCE } from "../../system/files/file-system.ts";
import { layOutDigests } from "../../system/hashing/hash-board.ts";
import { hashFiles } from "../../system/hashing/hash-files.ts";
import { watchFiles } from "../../system/hashing/watch-files.ts";
import { breathe } from "../../system/runtime/interruption.ts";
import { reasonOf } from "../../system/runtime/machine-reason.ts";
import { nodeCrypto } from "../../system/runtime/node-crypto.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";
import type { Progress } from "../../system/runtime/progress.ts";
import { type ObjectMemory, stateOf } from "./object-memory.ts";
import { findObject, openStore } from "./object-store.ts";

/** An object that a seal would rely on. */
export interface ReusedObject {
  readonly digest: HexDigest;
  readonly bytes: number;
}

/** How to check. */
export interface ReuseCheck {
  readonly memory: ObjectMemory | undefined;
  readonly signal: AbortSignal | undefined;
  readonly progress: Progress | undefined;
  readonly fs: FileSystem;
}

/**
 * Gives the objects whose bytes do not match their names, or that another process changes. All others are durable, except for their
 * folders. Fails with READ_FAILED, or WRITE_FAILED if the disk does not confirm one. Throws an Interruption, and what the system says.
 */
export async function findWrongObjects<Reused extends ReusedObject>(
  project: AnchoredRoot,
  objects: readonly Reused[],
  { fs, memory, progress, signal }: ReuseCheck,
): Promise<Result<readonly Reused[], OperationFault>> {
  if (objects.length === 0) return ok([]);
  const opened = openStore(project);
  if (!opened.ok) return opened;
  using store = opened.value;
  if (store === undefined) return ok(objects);
  const unsynced = await syncEach(store, objects, fs, signal);
  if (unsynced !== undefined) return unsynced;
  const before = objects.map(({ digest }) => {
    const found = findObject(store, digest);
    return typeof found === "string" ? undefined : stateOf(found);
  });
  const places = objects.map(({ digest }) => objectPath(digest));
  const findings = await hashFiles(store, places, {
    expected: layOutDigests(objects.map(({ digest }) => digest)),
    shares: [{ paths: places.length, declared: objects.reduce((sum, { bytes }) => sum + bytes, 0) }],
    signal,
    watch: watchFiles(progress, "check", store, places),
  });
  // Folders that were entered before may have been renamed since.
  store.closeFolders();
  const wrong: Reused[] = [];
  for (const [index, object] of objects.entries()) {
    const { digest } = object;
    const finding = findings.at(index);
    if (finding?.kind === "unreadable") return operationFault(finding.code, { path: shownObject(digest) });
    const isRight = finding?.kind === "file" && matchesDigest(digest, finding.digest, nodeCrypto);
    const found = findObject(store, digest);
    // The hashed file still has the name, even if a link or another file had it meanwhile.
    if (!isRight || typeof found === "string" || stateOf(found) !== before[index]) wrong.push(object);
    else memory?.note(digest, found);
  }
  return ok(wrong);
}

async function syncEach(
  root: AnchoredRoot,
  objects: readonly ReusedObject[],
  fs: FileSystem,
  signal: AbortSignal | undefined,
): Promise<OperationFault | undefined> {
  // These were mostly made by an earlier seal. To fsync each of many would take as long as that seal did.
  if (await syncFileSystem(root.dir.fd, objects.length)) return undefined;
  for (const [index, { digest }] of objects.entries()) {
    const { folder, name } = placeOfObject(digest);
    let fd: number | undefined;
    try {
      fd = root.folder([folder]).open(name, OPEN_SOURCE);
      // [reused-object] An archive may have brought it, or a process that was killed before it synced.
      fs.fsyncSync(fd);
    } catch (thrown) {
      const code = fd === undefined ? "READ_FAILED" : "WRITE_FAILED";
      return operationFault(code, { path: shownObject(digest), reason: reasonOf(thrown) });
    } finally {
      if (fd !== undefined) fs.closeSync(fd);
    }
    await breathe(index, signal);
  }
  return undefined;
}
