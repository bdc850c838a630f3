/** One repository of a registry that speaks the OCI distribution specification 1.1. @module */

import {
  type BlobName,
  type Descriptor,
  type HexDigest,
  ok,
  parseTagList,
  type RegistryReference,
  type Result,
  repositoryText,
} from "../../core/internal.ts";
import type { Environment } from "../keys/user-home.ts";
import type { OperationFault } from "../runtime/operation-fault.ts";
import { apiAddress } from "./addresses.ts";
import type { CredentialSource } from "./credentials/credentials.ts";
import { downloadBlob, downloadRange } from "./download-blob.ts";
import { malformedAnswer } from "./failure.ts";
import { hasBlob } from "./find-blob.ts";
import { fetchManifest, storeManifest } from "./manifests.ts";
import { readPages } from "./pages.ts";
import { DEFAULT_PATIENCE, type Patience } from "./patience.ts";
import { fetchReferrers, storeReferrer } from "./referrers.ts";
import { RegistryClient } from "./registry-client.ts";
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
} from "./repository.ts";
import { uploadBlob } from "./upload-blob.ts";

/** How to speak to a registry. */
export interface RegistryOptions {
  readonly credentials: CredentialSource;
  /** `true` speaks plain HTTP, `false` TLS; default: plain HTTP on this machine alone. */
  readonly plainHttp?: boolean | undefined;
  readonly patience?: Patience | undefined;
  /** The environment, of which HTTPS_PROXY and NO_PROXY are read; without it no proxy is used. */
  readonly environment?: Environment | undefined;
  /** Bytes of one request of an upload, 64 MiB if it is left out. */
  readonly chunkBytes?: number | undefined;
}

const CHUNK_BYTES: number = 64 * 1024 * 1024;

/** A repository behind HTTP. Nothing is sent before a method is called. */
export class RegistryRepository implements Repository {
  readonly shown: string;
  readonly #client: RegistryClient;

  constructor(
    reference: RegistryReference,
    { chunkBytes = CHUNK_BYTES, credentials, patience, plainHttp, environment = {} }: RegistryOptions,
  ) {
    this.shown = repositoryText(reference);
    const { host, repository } = reference;
    this.#client = new RegistryClient({
      host,
      repository,
      credentials,
      reference: this.shown,
      api: apiAddress(host, plainHttp),
      plainHttp: plainHttp === true,
      environment,
      chunkBytes,
      patience: patience ?? DEFAULT_PATIENCE,
    });
  }

  async readManifest(
    address: ManifestAddress,
    signal?: AbortSignal,
  ): Promise<Result<StoredManifest, OperationFault>> {
    return await fetchManifest(this.#client, address, signal);
  }

  async putManifest(
    manifest: Pick<StoredManifest, "bytes" | "mediaType">,
    tag?: string,
    signal?: AbortSignal,
  ): Promise<Result<HexDigest, OperationFault>> {
    const put = await storeManifest(this.#client, manifest, tag, signal);
    return put.ok ? ok(put.value.digest) : put;
  }

  async listTags(signal?: AbortSignal): Promise<Result<BoundedList<string>, OperationFault>> {
    return await readPages<string>(
      this.#client,
      {
        call: {
          method: "GET",
          url: this.#client.address("tags/list?n=1000"),
          headers: { accept: "application/json", "accept-encoding": "identity" },
          scope: "pull",
          accepts: [200, 404],
        },
        most: MAX_TAGS,
        parse: ({ answer, body }) => {
          const tags = answer.status === 404 ? [] : parseTagList(body);
          return tags === undefined ? malformedAnswer(this.shown, "tags").fault : ok(tags);
        },
      },
      signal,
    );
  }

  async hasBlob(blob: BlobName, signal?: AbortSignal): Promise<Result<boolean, OperationFault>> {
    return await hasBlob(this.#client, blob, "pull", signal);
  }

  async readBlob(
    blob: BlobName,
    sink: ChunkSink,
    signal?: AbortSignal,
  ): Promise<Result<undefined, OperationFault>> {
    return await downloadBlob(this.#client, blob, sink, signal);
  }

  async readBlobRange(
    blob: BlobName,
    range: ByteRange,
    sink: ChunkSink,
    signal?: AbortSignal,
  ): Promise<Result<undefined, OperationFault>> {
    return await downloadRange(this.#client, blob, range, sink, signal);
  }

  async putBlob(source: BlobSource, options: PutOptions = {}): Promise<Result<PutBlob, OperationFault>> {
    return await uploadBlob(this.#client, source, options);
  }

  async listReferrers(
    subject: HexDigest,
    signal?: AbortSignal,
  ): Promise<Result<BoundedList<Descriptor>, OperationFault>> {
    return await fetchReferrers(this.#client, subject, signal);
  }

  async putReferrer(
    subject: HexDigest,
    descriptor: Descriptor,
    bytes: Uint8Array,
    signal?: AbortSignal,
  ): Promise<Result<undefined, OperationFault>> {
    return await storeReferrer(this.#client, subject, { bytes, descriptor }, signal);
  }

  [Symbol.dispose](): void {
    this.#client[Symbol.dispose]();
  }
}
