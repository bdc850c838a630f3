/**
 * The port through which runs are pushed and pulled: one repository of a registry, or one OCI layout on disk. Its caller does not know
 * which one it has.
 *
 * Whatever a repository gives was bounded and hashed. Each failure is a value, with the reference that the caller gave in its details.
 * A method throws an Interruption once its signal has fired, and nothing else.
 *
 * @module
 */

import type { BlobName, Descriptor, HexDigest, Result } from "../../../core/internal.ts";
import type { ChunkSink } from "../../judge/source/blob-keeper.ts";
import type { OperationFault } from "../../system/runtime/operation-fault.ts";

/** Bytes of a manifest or of an index. Registries accept no more. */
export const MAX_MANIFEST_BYTES: number = 4 * 1024 * 1024;

/** Tags that are listed. Each is at most 128 bytes. */
export const MAX_TAGS = 100_000;

/** Referrers of one manifest that are listed. */
export const MAX_REFERRERS = 1_000;

/** A manifest is found by its tag, or by the SHA-256 of its bytes. */
export type ManifestAddress = { readonly tag: string } | { readonly digest: HexDigest };

/** A manifest or an index, byte for byte as it is stored. The media type is what the repository says; the bytes say it again. */
export interface StoredManifest {
  readonly bytes: Uint8Array;
  /** SHA-256 of the bytes, computed here. If the caller asked by digest, it is that one. */
  readonly digest: HexDigest;
  readonly mediaType: string;
}

/** A list, and whether more exist than are listed. */
export interface BoundedList<Item> {
  readonly items: readonly Item[];
  readonly more: boolean;
}

/** A part of a blob, in bytes from its begin. */
export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

/** A blob to be put, whose digest and size are known before. */
export interface BlobSource extends BlobName {
  /** Whether a layout on disk must keep it from other users. */
  readonly isClosed?: boolean | undefined;
  /**
   * The bytes from an offset on, in chunks of any size; it may be called again after a connection broke. A fault ends the bytes, and
   * the put fails with it. The memory of a chunk may be used again once the chunk after it was taken.
   */
  open(offset: number): AsyncIterable<Uint8Array | OperationFault>;
}

/** How a blob came to be in the repository. */
export interface PutBlob {
  readonly how: "present" | "uploaded";
  /** Bytes of the blob that were sent, those that were sent twice included. */
  readonly sentBytes: number;
}

/** How to put a blob. */
export interface PutOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called with the bytes that were sent since the last call. */
  readonly sent?: ((bytes: number) => void) | undefined;
}

/** One repository. Its owner disposes of it: connections are closed. */
export interface Repository extends Disposable {
  /** The reference to the repository without tag and digest, as the caller gave it: `registry.example:5000/team/runs`. */
  readonly shown: string;

  /** Reads a manifest or an index, at most 4 MiB. Fails with REGISTRY_NOT_FOUND where there is none. */
  readManifest(
    address: ManifestAddress,
    signal?: AbortSignal,
  ): Promise<Result<StoredManifest, OperationFault>>;

  /**
   * Puts a manifest or an index under its digest and, where one is given, under a tag, which may have led elsewhere before. All blobs
   * that it names must be there.
   */
  putManifest(
    manifest: Pick<StoredManifest, "bytes" | "mediaType">,
    tag?: string,
    signal?: AbortSignal,
  ): Promise<Result<HexDigest, OperationFault>>;

  /** The tags, in the repository's order, at most 100,000. Fallback tags of referrers are among them. An empty repository has none. */
  listTags(signal?: AbortSignal): Promise<Result<BoundedList<string>, OperationFault>>;

  /**
   * Reads a blob or a part of it, exactly as long as asked for. Nothing vouches for the bytes: the caller hashes what they hold, as
   * `readBlob` does.
   */
  readRange(
    blob: BlobName,
    range: ByteRange,
    sink: ChunkSink,
    signal?: AbortSignal,
  ): Promise<Result<undefined, OperationFault>>;

  /**
   * Puts a blob, unless it is there. Goes on after a lost connection where the repository says that it stopped. Fails with
   * CHANGED_WHILE_READ if the source gave other bytes than its digest says.
   */
  putBlob(source: BlobSource, options?: PutOptions): Promise<Result<PutBlob, OperationFault>>;

  /**
   * The manifests whose `subject` is a manifest, at most 1,000: by the referrers API, or by the tag `sha256-<hex>` where a registry has
   * none. Who has none gives an empty list.
   */
  listReferrers(
    subject: HexDigest,
    signal?: AbortSignal,
  ): Promise<Result<BoundedList<Descriptor>, OperationFault>>;

  /**
   * Puts a manifest whose `subject` is another one, and has it listed among the referrers of that: where the registry does not do that
   * itself, the index of the fallback tag is written, and read again until the manifest is in it. The descriptor is the manifest's, as
   * it shall be listed.
   */
  putReferrer(
    subject: HexDigest,
    descriptor: Descriptor,
    bytes: Uint8Array,
    signal?: AbortSignal,
  ): Promise<Result<undefined, OperationFault>>;
}
