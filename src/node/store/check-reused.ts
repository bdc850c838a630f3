/**
 * Checks existing objects before a seal relies on them: they are synced and hashed, unless this user did that before. An
 * object may come from an archive, or from a process that was killed before it synced.
 *
 * @module
 */

import type { BigIntStats } from "node:fs";
import {
  type HexDigest,
  matchesDigest,
  objectPath,
  ok,
  placeOfObject,
  type Result,
  shownObject,
} from "../../core/internal.ts";
import type { AnchoredRoot } from "../files/anchored-root.ts";
import { syncFileSystem } from "../files/durable-file.ts";
import { type FileSystem, OPEN_SOURCE } from "../files/file-system.ts";
import { layOutDigests } from "../hashing/hash-board.ts";
import { hashFiles } from "../hashing/hash-files.ts";
import { watchFiles } from "../hashing/watch-files.ts";
import { breathe } from "../runtime/interruption.ts";
import { reasonOf } from "../runtime/machine-reason.ts";
import { nodeCrypto } from "../runtime/node-crypto.ts";
import { type OperationFault, operationFault } from "../runtime/operation-fault.ts";
import type { Progress } from "../runtime/progress.ts";
import { keyOfObject, type ObjectMemory, type ObjectStats } from "./object-memory.ts";
import { ObjectStore } from "./object-store.ts";

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
 * Gives the objects whose bytes do not match their names. All others are durable, except for their folders. Fails with
 * READ_FAILED, WRITE_FAILED if the disk does not confirm one, or CHANGED_WHILE_READ if another process writes to one. Throws an
 * Interruption, and what the system says.
 */
export async function findWrongObjects<Reused extends ReusedObject>(
  project: AnchoredRoot,
  objects: readonly Reused[],
  check: ReuseCheck,
): Promise<Result<readonly Reused[], OperationFault>> {
  if (objects.length === 0) return ok([]);
  const opened = ObjectStore.open(project, check.fs);
  if (!opened.ok) return opened;
  using store = opened.value;
  if (store === undefined) return ok(objects);
  return await examine(store.root, objects, check);
}

async function examine<Reused extends ReusedObject>(
  root: AnchoredRoot,
  objects: readonly Reused[],
  check: ReuseCheck,
): Promise<Result<readonly Reused[], OperationFault>> {
  const unsynced = await syncEach(root, objects, check);
  if (unsynced !== undefined) return unsynced;
  const { memory, progress, signal } = check;
  // As keys: the stats of a million objects would take hundreds of megabytes.
  const before = objects.map(({ digest }) => keyOf(digest, statsOf(root, digest, check)));
  const places = objects.map(({ digest }) => objectPath(digest));
  const findings = await hashFiles(root, places, {
    expected: layOutDigests(objects.map(({ digest }) => digest)),
    shares: [{ paths: places.length, declared: objects.reduce((sum, { bytes }) => sum + bytes, 0) }],
    signal,
    watch: watchFiles(progress, "check", root, places),
  });
  // Folders that were entered before may have been renamed since.
  root.closeFolders();
  const wrong: Reused[] = [];
  for (const [index, object] of objects.entries()) {
    const finding = findings.at(index);
    if (finding?.kind === "unreadable") return unreadable(finding.code, object);
    if (finding?.kind !== "file" || !matchesDigest(object.digest, finding.digest, nodeCrypto)) {
      wrong.push(object);
      continue;
    }
    const now = statsOf(root, object.digest, check);
    // The hashed file still has the name, even if a link or another file had it meanwhile.
    if (now === undefined || keyOf(object.digest, now) !== before[index])
      return unreadable("CHANGED_WHILE_READ", object);
    memory?.note(object.digest, now);
  }
  return ok(wrong);
}

async function syncEach(
  root: AnchoredRoot,
  objects: readonly ReusedObject[],
  { fs, signal }: ReuseCheck,
): Promise<OperationFault | undefined> {
  // These were mostly made by an earlier seal. To fsync each of many would take as long as that seal did.
  if (await syncFileSystem(root.dir.fd, objects.length)) return undefined;
  for (const [index, object] of objects.entries()) {
    const { folder, name } = placeOfObject(object.digest);
    let fd: number | undefined;
    try {
      fd = fs.openSync(root.folder([folder]).address(name), OPEN_SOURCE);
      // [reused-object] An archive may have brought it, or a process that was killed before it synced.
      fs.fsyncSync(fd);
    } catch (thrown) {
      const reason = reasonOf(thrown);
      const code = fd === undefined ? "READ_FAILED" : "WRITE_FAILED";
      return operationFault(code, { path: shownObject(object.digest), reason });
    } finally {
      if (fd !== undefined) fs.closeSync(fd);
    }
    await breathe(index, signal);
  }
  return undefined;
}

/** What lstat says of an object; `undefined` where it is not a regular file. Throws what the system says. */
function statsOf(root: AnchoredRoot, digest: HexDigest, { fs }: ReuseCheck): BigIntStats | undefined {
  const { folder, name } = placeOfObject(digest);
  const address = root.folder([folder]).address(name);
  const stats = fs.lstatSync(address, { bigint: true, throwIfNoEntry: false });
  return stats?.isFile() === true ? stats : undefined;
}

function keyOf(digest: HexDigest, stats: ObjectStats | undefined): string | undefined {
  return stats && keyOfObject(digest, stats);
}

function unreadable(code: "READ_FAILED" | "CHANGED_WHILE_READ", { digest }: ReusedObject): OperationFault {
  return operationFault(code, { path: shownObject(digest) });
}
