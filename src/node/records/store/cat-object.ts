/**
 * Reads one object of a store, and gives no byte that was not hashed before.
 *
 * @module
 */

import { createHash, hash } from "node:crypto";
import {
  DIGEST_BYTES,
  declareDigest,
  digestToHex,
  type HexDigest,
  matchesDigest,
  ok,
  PACKS_FOLDER,
  type Result,
  shownObject,
} from "../../../core/internal.ts";
import { openRoot } from "../../system/files/anchored-root.ts";
import { nodeFileSystem as fs } from "../../system/files/file-system.ts";
import type { OpenSource } from "../../system/files/read-source.ts";
import { BLOCK_BYTES } from "../../system/hashing/hash-file.ts";
import { fillAt } from "../../system/packs/pack-file.ts";
import { hasDigestAt } from "../../system/packs/record-content.ts";
import { breathe } from "../../system/runtime/interruption.ts";
import { reasonOf } from "../../system/runtime/machine-reason.ts";
import { nodeCrypto } from "../../system/runtime/node-crypto.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";
import { storeFault } from "./object-store.ts";
import { type OpenObject, StoredObjects } from "./stored-objects.ts";

/** Which object to read. */
export interface CatRequest {
  /** The project root. */
  readonly root: string;
  readonly digest: HexDigest;
  readonly signal?: AbortSignal | undefined;
}

/** Takes bytes, which are overwritten once the promise resolves. Gives whether it takes more. */
export type TakeBytes = (bytes: Uint8Array) => Promise<boolean>;

/**
 * Hands out the bytes of an object, piece by piece. Each piece was hashed before, as a part of the whole object. Fails with
 * OBJECT_NOT_FOUND; with STORE_DAMAGED if its bytes do not have its digest; with CHANGED_WHILE_READ, after the pieces before the
 * change; with READ_FAILED or STORE_UNUSABLE. Throws what `take` throws, and an Interruption once the signal has fired.
 */
export async function readObject(
  { digest, root, signal }: CatRequest,
  take: TakeBytes,
): Promise<Result<void, OperationFault>> {
  const openedProject = openRoot(root);
  if (!openedProject.ok) return openedProject;
  using project = openedProject.value;
  const opened = StoredObjects.open(project);
  if (!opened.ok) return opened;
  using store = opened.value;
  const object = declareDigest(digest);
  const path = shownObject(digest);
  let found: OpenObject;
  try {
    found = store?.open(digest) ?? "missing";
  } catch (thrown) {
    return storeFault(reasonOf(thrown), "READ_FAILED");
  }
  if (found === "missing") return operationFault("OBJECT_NOT_FOUND", { object });
  if (found === "unreadable") return operationFault("READ_FAILED", { path: PACKS_FOLDER, object });
  if (found === "wrong" || found === "other")
    return operationFault("STORE_DAMAGED", {
      reason: "object",
      path: found === "wrong" ? PACKS_FOLDER : path,
      object,
    });
  if ("content" in found) {
    await take(found.content);
    return ok(undefined);
  }
  try {
    return await readFile(found, digest, take, signal);
  } finally {
    fs.closeSync(found.fd);
  }
}

/** Hashes the whole file, and each block of it; then reads it again, and hands out each block that is as it was. */
async function readFile(
  { before, fd }: OpenSource,
  digest: HexDigest,
  take: TakeBytes,
  signal: AbortSignal | undefined,
): Promise<Result<void, OperationFault>> {
  const path = shownObject(digest);
  const object = declareDigest(digest);
  const buffer = Buffer.allocUnsafe(BLOCK_BYTES);
  const blocks = Math.ceil(Number(before.size) / BLOCK_BYTES);
  const hashes = Buffer.allocUnsafe(blocks * DIGEST_BYTES);
  const whole = createHash("sha256");
  try {
    for (let block = 0; block < blocks; block++) {
      await breathe(block, signal);
      const bytes = readBlock(fd, block, buffer);
      whole.update(bytes);
      hashes.set(hash("sha256", bytes, "buffer"), block * DIGEST_BYTES);
    }
    const actual = digestToHex(whole.digest());
    if (!matchesDigest(digest, actual, nodeCrypto))
      return operationFault("STORE_DAMAGED", {
        reason: "object",
        path,
        object,
        actual: declareDigest(actual),
      });
    for (let block = 0; block < blocks; block++) {
      await breathe(block, signal);
      const bytes = readBlock(fd, block, buffer);
      if (!hasDigestAt(bytes, hashes, block * DIGEST_BYTES))
        return operationFault("CHANGED_WHILE_READ", { path, object });
      if (!(await take(bytes))) break;
    }
    return ok(undefined);
  } catch (thrown) {
    return operationFault("READ_FAILED", { path, object, reason: reasonOf(thrown) });
  }
}

function readBlock(fd: number, block: number, buffer: Buffer): Buffer {
  return buffer.subarray(0, fillAt(fd, block * BLOCK_BYTES, buffer, fs));
}
