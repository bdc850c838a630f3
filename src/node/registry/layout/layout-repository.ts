/** An OCI layout on disk as a repository. @module */

import {
  type BlobName,
  type Descriptor,
  type HexDigest,
  isTag,
  type LayoutReference,
  MANIFEST_TYPE,
  ok,
  parseManifest,
  plainDescriptor,
  type Result,
} from "../../../core/internal.ts";
import { digestOf } from "../../runtime/node-crypto.ts";
import type { OperationFault } from "../../runtime/operation-fault.ts";
import {
  type BlobSource,
  type BoundedList,
  type ByteRange,
  type ChunkSink,
  MAX_TAGS,
  type ManifestAddress,
  type PutBlob,
  type PutOptions,
  type Repository,
  type StoredManifest,
} from "../repository.ts";
import { blobSize, readPart, readWhole, writeBlob } from "./layout-blobs.ts";
import { LayoutFolder, malformedLayout } from "./layout-folder.ts";
import { findReferrers, listInIndex, readEntries, readLayoutManifest, tagOf } from "./layout-manifests.ts";

/** How to open a layout. */
export interface LayoutOptions {
  /** Whether to make a layout where nothing is. */
  readonly makes: boolean;
}

/** A layout on disk. Blobs and the index are durable once a method has put them. */
export class LayoutRepository implements Repository {
  readonly #folder: LayoutFolder;

  private constructor(folder: LayoutFolder) {
    this.#folder = folder;
  }

  /** Opens a layout. Fails with REGISTRY_NOT_FOUND, REGISTRY_MALFORMED, READ_FAILED or, for a new one, WRITE_FAILED. */
  static open(
    reference: LayoutReference,
    { makes }: LayoutOptions,
  ): Result<LayoutRepository, OperationFault> {
    const folder = LayoutFolder.open(reference, makes);
    return folder.ok ? ok(new LayoutRepository(folder.value)) : folder;
  }

  get shown(): string {
    return this.#folder.reference;
  }

  async readManifest(
    address: ManifestAddress,
    signal?: AbortSignal,
  ): Promise<Result<StoredManifest, OperationFault>> {
    return await readLayoutManifest(this.#folder, address, signal);
  }

  async putManifest(
    { bytes, mediaType }: Pick<StoredManifest, "bytes" | "mediaType">,
    tag?: string,
    signal?: AbortSignal,
  ): Promise<Result<HexDigest, OperationFault>> {
    const digest = digestOf(bytes);
    const source: BlobSource = { digest, size: bytes.length, open: () => chunksOf(bytes) };
    const written = await writeBlob(this.#folder, source, { signal });
    if (!written.ok) return written;
    const parsed = mediaType === MANIFEST_TYPE ? parseManifest(bytes) : undefined;
    const artifactType = parsed?.ok === true ? parsed.value.artifactType : undefined;
    const descriptor = { ...plainDescriptor(mediaType, digest, bytes.length), artifactType };
    const listed = await listInIndex(this.#folder, descriptor, tag, signal);
    return listed.ok ? ok(digest) : listed;
  }

  listTags(): Promise<Result<BoundedList<string>, OperationFault>> {
    const entries = readEntries(this.#folder);
    if (!entries.ok) return Promise.resolve(entries);
    // Other tools write whole references there, which are not tags.
    const tags = new Set(entries.value.map((entry) => tagOf(entry) ?? "").filter(isTag));
    const items = [...tags].slice(0, MAX_TAGS);
    return Promise.resolve(ok({ items, more: tags.size > items.length }));
  }

  hasBlob({ digest, size }: BlobName): Promise<Result<boolean, OperationFault>> {
    const found = blobSize(this.#folder, digest);
    if (!found.ok) return Promise.resolve(found);
    const isOther = found.value !== undefined && found.value !== size;
    return Promise.resolve(isOther ? malformedLayout(this.shown, "size") : ok(found.value !== undefined));
  }

  async readBlob(
    blob: BlobName,
    sink: ChunkSink,
    signal?: AbortSignal,
  ): Promise<Result<undefined, OperationFault>> {
    return await readWhole(this.#folder, blob, sink, signal);
  }

  async readBlobRange(
    blob: BlobName,
    range: ByteRange,
    sink: ChunkSink,
    signal?: AbortSignal,
  ): Promise<Result<undefined, OperationFault>> {
    return await readPart(this.#folder, blob, range, sink, signal);
  }

  async putBlob(source: BlobSource, options: PutOptions = {}): Promise<Result<PutBlob, OperationFault>> {
    return await writeBlob(this.#folder, source, options);
  }

  async listReferrers(
    subject: HexDigest,
    signal?: AbortSignal,
  ): Promise<Result<BoundedList<Descriptor>, OperationFault>> {
    return await findReferrers(this.#folder, subject, signal);
  }

  async putReferrer(
    _subject: HexDigest,
    { mediaType }: Descriptor,
    bytes: Uint8Array,
    signal?: AbortSignal,
  ): Promise<Result<undefined, OperationFault>> {
    // The manifest itself names its subject, and every manifest of the index is looked at.
    const put = await this.putManifest({ bytes, mediaType }, undefined, signal);
    return put.ok ? ok(undefined) : put;
  }

  [Symbol.dispose](): void {
    this.#folder[Symbol.dispose]();
  }
}

async function* chunksOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
