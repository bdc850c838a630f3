/** One repository of a registry that speaks the OCI distribution specification 1.1. @module */

import { ok, parseTagList, type RegistryReference, repositoryText } from "../../../core/internal.ts";
import type { Environment } from "../../system/runtime/user-home.ts";
import { apiAddress } from "./addresses.ts";
import type { CredentialSource } from "./credentials/credentials.ts";
import { downloadRange } from "./download-blob.ts";
import { malformed } from "./malformed.ts";
import { fetchManifest, storeManifest } from "./manifests.ts";
import { type PagedList, readPages } from "./pages.ts";
import { DEFAULT_PATIENCE, type Patience } from "./patience.ts";
import { fetchReferrers, storeReferrer } from "./referrers.ts";
import { RegistryClient } from "./registry-client.ts";
import { MAX_TAGS, type Repository } from "./repository.ts";
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
export function registryRepository(
  reference: RegistryReference,
  { chunkBytes = CHUNK_BYTES, credentials, patience, plainHttp, environment = {} }: RegistryOptions,
): Repository {
  const shown = repositoryText(reference);
  const { host, repository } = reference;
  const client = new RegistryClient({
    host,
    repository,
    credentials,
    reference: shown,
    api: apiAddress(host, plainHttp),
    plainHttp: plainHttp === true,
    environment,
    chunkBytes,
    patience: patience ?? DEFAULT_PATIENCE,
  });
  return {
    shown,
    readManifest: (address, signal) => fetchManifest(client, address, signal),
    putManifest: async (manifest, tag, signal) => {
      const put = await storeManifest(client, manifest, tag, signal);
      return put.ok ? ok(put.value.digest) : put;
    },
    listTags: (signal) => readPages(client, tagPages(client), signal),
    readRange: (blob, range, sink, signal) => downloadRange(client, blob, range, sink, signal),
    putBlob: (source, options = {}) => uploadBlob(client, source, options),
    listReferrers: (subject, signal) => fetchReferrers(client, subject, signal),
    putReferrer: (subject, descriptor, bytes, signal) =>
      storeReferrer(client, subject, { bytes, descriptor }, signal),
    [Symbol.dispose]: () => client[Symbol.dispose](),
  };
}

function tagPages(client: RegistryClient): PagedList<string> {
  return {
    call: {
      method: "GET",
      url: client.address("tags/list?n=1000"),
      headers: { accept: "application/json", "accept-encoding": "identity" },
      scope: "pull",
      accepts: [200, 404],
    },
    most: MAX_TAGS,
    parse: ({ answer, body }) => {
      const tags = answer.status === 404 ? [] : parseTagList(body);
      return tags === undefined ? malformed(client.reference, "tags") : ok(tags);
    },
  };
}
