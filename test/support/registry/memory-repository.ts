/**
 * A repository in memory that counts what it is asked for, and that a test can change as it likes.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { type Descriptor, digestToHex, type HexDigest, ok } from "../../../src/core/internal.ts";
import type { BlobSource, Repository } from "../../../src/node/move/registry/repository.ts";
import { operationFault } from "../../../src/node/system/runtime/operation-fault.ts";

/** What such a repository holds, and what was asked of it. */
export interface MemoryRepository extends Repository {
  readonly blobs: Map<string, Buffer>;
  readonly manifests: Map<string, { readonly bytes: Uint8Array; readonly mediaType: string }>;
  readonly tags: Map<string, HexDigest>;
  readonly referrers: Map<string, Descriptor[]>;
  /** Bytes of blobs that were read and sent, and blobs that were read, by digest. */
  readonly traffic: { read: number; sent: number; readonly whole: string[] };
}

/** Makes an empty one. */
export function memoryRepository(): MemoryRepository {
  const blobs = new Map<string, Buffer>();
  const manifests: MemoryRepository["manifests"] = new Map();
  const tags: MemoryRepository["tags"] = new Map();
  const referrers: MemoryRepository["referrers"] = new Map();
  const traffic = { read: 0, sent: 0, whole: [] as string[] };
  const shown = "registry.example/team/runs";
  const missing = operationFault("REGISTRY_NOT_FOUND", { reason: "content", reference: shown });
  const put = async (source: BlobSource) => {
    if (blobs.has(source.digest)) return ok({ how: "present", sentBytes: 0 } as const);
    const pieces: Buffer[] = [];
    for await (const piece of source.open(0)) {
      if ("code" in piece) return piece;
      pieces.push(Buffer.from(piece));
    }
    const bytes = Buffer.concat(pieces);
    if (digestOf(bytes) !== source.digest) return operationFault("CHANGED_WHILE_READ", { path: shown });
    blobs.set(source.digest, bytes);
    traffic.sent += bytes.length;
    return ok({ how: "uploaded", sentBytes: bytes.length } as const);
  };
  return {
    blobs,
    manifests,
    tags,
    referrers,
    traffic,
    shown,
    readManifest: async (address) => {
      const digest = "tag" in address ? tags.get(address.tag) : address.digest;
      const stored = digest === undefined ? undefined : manifests.get(digest);
      return digest === undefined || stored === undefined ? missing : ok({ ...stored, digest });
    },
    putManifest: async (manifest, tag) => {
      const digest = digestOf(manifest.bytes);
      manifests.set(digest, manifest);
      if (tag !== undefined) tags.set(tag, digest);
      return ok(digest);
    },
    listTags: async () => ok({ items: [...tags.keys()].sort(), more: false }),
    readRange: async ({ digest, size }, { length, offset }, sink) => {
      const bytes = blobs.get(digest)?.subarray(offset, offset + length);
      if (bytes === undefined) return missing;
      if (length === size) traffic.whole.push(digest);
      for (let at = 0; at < bytes.length; at += 70_001) {
        const chunk = Uint8Array.from(bytes.subarray(at, at + 70_001));
        traffic.read += chunk.length;
        await sink(chunk);
        chunk.fill(0);
      }
      return ok(undefined);
    },
    putBlob: async (source) => await put(source),
    listReferrers: async (subject) => ok({ items: referrers.get(subject) ?? [], more: false }),
    putReferrer: async (subject, descriptor, bytes) => {
      manifests.set(descriptor.digest, { bytes, mediaType: descriptor.mediaType });
      const listed = referrers.get(subject) ?? [];
      if (!listed.some(({ digest }) => digest === descriptor.digest))
        referrers.set(subject, [...listed, descriptor]);
      return ok(undefined);
    },
    [Symbol.dispose]: () => undefined,
  };
}

function digestOf(bytes: Uint8Array): HexDigest {
  return digestToHex(createHash("sha256").update(bytes).digest());
}
