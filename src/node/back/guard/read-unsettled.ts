/**
 * The last reading of files that changed each time they were read. The bytes as read are kept, so that the digest is always that of
 * bytes that are there.
 *
 * @module
 */

import { createHash, randomBytes } from "node:crypto";
import {
  DIGEST_BYTES,
  digestToHex,
  itemAt,
  ok,
  PERMISSIONS,
  type Result,
  STORE_COMPONENTS,
} from "../../../core/internal.ts";
import { keepOutputs } from "../../records/store/keep-outputs.ts";
import type { HashedOutput } from "../../records/store/keeping.ts";
import { storeFault } from "../../records/store/object-store.ts";
import { StoreFolders } from "../../records/store/store-folders.ts";
import type { AnchoredDir } from "../../system/files/anchored-dir.ts";
import { AnchoredRoot } from "../../system/files/anchored-root.ts";
import { nodeFileSystem as fs, OPEN_NEW } from "../../system/files/file-system.ts";
import { copyWriter } from "../../system/files/holes.ts";
import { isUnchanged, type OpenSource, openSource } from "../../system/files/read-source.ts";
import { BLOCK_BYTES, makeReadBuffer } from "../../system/hashing/hash-file.ts";
import { breathe } from "../../system/runtime/interruption.ts";
import { attempt, machineReason, reasonOf } from "../../system/runtime/machine-reason.ts";
import type { OperationFault } from "../../system/runtime/operation-fault.ts";
import type { WorkOptions } from "../../system/runtime/progress.ts";
import { FILE_STATES, type LookedFiles } from "./hash-walked-files.ts";
import type { KeepPlace, KeptObjects } from "./keep-files.ts";
import type { WalkedTree } from "./walk-folder.ts";

/** What came of the last reading. */
export interface LastReading extends KeptObjects {
  /** Places of files that changed even then. */
  readonly unsettled: readonly number[];
}

/**
 * Reads files for the last time, and keeps what was read. A file that is missing, or is not a regular file any more, stays `changed`: it
 * is not in the snapshot. Fails as `keepOutputs` does. Throws an Interruption.
 */
export async function readUnsettled(
  place: KeepPlace,
  walked: WalkedTree,
  looked: LookedFiles,
  places: Uint32Array,
  options: WorkOptions,
): Promise<Result<LastReading, OperationFault>> {
  if (places.length === 0) return ok({ objects: 0, bytes: 0, unsettled: [] });
  const { home, memory, root } = place;
  const folders = new StoreFolders(home);
  // The name of a folder of unfinished objects: `prune` removes one that a killed process leaves.
  const name = `.${randomBytes(8).toString("hex")}.partial`;
  let staging: AnchoredDir | undefined;
  try {
    folders.make(STORE_COMPONENTS);
    const store = folders.enter(STORE_COMPONENTS);
    store.mkdir(name, 0o700);
    staging = store.enter(name);
    const read: HashedOutput[] = [];
    const unsettled: number[] = [];
    for (const [index, file] of places.entries()) {
      const copy = copyOnce(root, itemAt(walked.files, file), staging.address(String(index)));
      if (copy === "unreadable") looked.states[file] = FILE_STATES.unreadable;
      else if (copy !== "gone") {
        noteCopy(looked, file, copy);
        read.push({ path: String(index), digest: digestToHex(copy.digest), bytes: copy.bytes });
        if (copy.isTorn) unsettled.push(file);
      }
      await breathe(index, options.signal);
    }
    const source = new AnchoredRoot(staging, [...home.real, ...STORE_COMPONENTS, name]);
    const kept = await keepOutputs(home, read, { ...options, fs, memory, source });
    source.closeFolders();
    return kept.ok ? ok({ objects: kept.value.added, bytes: kept.value.bytes, unsettled }) : kept;
  } catch (thrown) {
    return storeFault(reasonOf(thrown), "WRITE_FAILED");
  } finally {
    if (staging !== undefined) removeStaging(staging, folders, name);
    folders.close();
  }
}

interface Copied {
  readonly digest: Uint8Array;
  readonly bytes: number;
  readonly mode: number;
  /** Whether the file changed while it was copied. */
  readonly isTorn: boolean;
}

function noteCopy({ digests, modes, sizes, states }: LookedFiles, file: number, copy: Copied): void {
  digests.set(copy.digest, file * DIGEST_BYTES);
  sizes[file] = copy.bytes;
  modes[file] = copy.mode;
  states[file] = FILE_STATES.read;
}

/** Copies a file as it is read. Throws what the system says of the copy. */
function copyOnce(root: AnchoredRoot, path: string, address: string): Copied | "gone" | "unreadable" {
  let source: ReturnType<typeof openSource>;
  try {
    source = openSource(root, path, fs);
  } catch (thrown) {
    if (machineReason(thrown) === undefined) throw thrown;
    return "unreadable";
  }
  if (source === undefined) return "gone";
  try {
    return source.isThroughLink ? "gone" : copyOpen(source, address);
  } finally {
    fs.closeSync(source.fd);
  }
}

/** Not more than the file had when it was opened: one that grows as fast as it is read would never end. */
function copyOpen(source: OpenSource, address: string): Copied {
  const size = Number(source.before.size);
  const buffer = makeReadBuffer(Math.max(size, 1));
  const hash = createHash("sha256");
  const fd = fs.openSync(address, OPEN_NEW, 0o600);
  try {
    const write = copyWriter(source, fd, fs);
    let bytes = 0;
    while (bytes < size) {
      const count = fs.readSync(
        source.fd,
        buffer,
        0,
        Math.min(BLOCK_BYTES, buffer.length, size - bytes),
        null,
      );
      if (count === 0) break;
      const block = buffer.subarray(0, count);
      write(block, bytes);
      hash.update(block);
      bytes += count;
    }
    // A file with holes has all of its size from the beginning.
    if (bytes < size) fs.ftruncateSync(fd, bytes);
    const mode = Number(source.before.mode) & PERMISSIONS;
    return { digest: hash.digest(), bytes, mode, isTorn: !isUnchanged(source, bytes, fs) };
  } finally {
    fs.closeSync(fd);
  }
}

function removeStaging(staging: AnchoredDir, folders: StoreFolders, name: string): void {
  attempt(() => {
    for (const file of staging.names()) staging.unlink(file);
    folders.enter(STORE_COMPONENTS).rmdir(name);
  });
  staging.close();
}
