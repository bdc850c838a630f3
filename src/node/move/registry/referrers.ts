/**
 * The manifests that refer to another one.
 *
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#listing-referrers. A registry without the API keeps them in
 * an index under the tag `sha256-<hex>`, which clients write: two at a time may lose an entry, so it is read again afterwards.
 *
 * @module
 */

import {
  addToIndex,
  type Descriptor,
  encodeEmptyIndex,
  fallbackTag,
  type HexDigest,
  INDEX_TYPE,
  MANIFEST_TYPE,
  mediaTypeOf,
  ociDigest,
  ok,
  parseIndex,
  type Result,
} from "../../../core/internal.ts";
import { isSameDigest } from "../../system/runtime/node-crypto.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";
import { malformed } from "./malformed.ts";
import { fetchManifest, storeManifest } from "./manifests.ts";
import { readPages } from "./pages.ts";
import type { RegistryClient } from "./registry-client.ts";
import { type BoundedList, MAX_REFERRERS } from "./repository.ts";
import { wait } from "./retries.ts";

/** How often the index of a fallback tag is written until the new entry stays in it. */
const MAX_WRITES = 8;

/** Milliseconds between two of these writes, at most; half of it at least. */
const PAUSE_MS = 250;

/** Statuses of registries without the API. */
const NO_API: readonly number[] = [400, 404, 405, 501];

/** Lists the referrers of a manifest. Throws an Interruption. */
export async function fetchReferrers(
  client: RegistryClient,
  subject: HexDigest,
  signal: AbortSignal | undefined,
): Promise<Result<BoundedList<Descriptor>, OperationFault>> {
  let hasApi = true;
  const listed = await readPages<Descriptor>(
    client,
    {
      call: {
        method: "GET",
        url: client.address(`referrers/${ociDigest(subject)}`),
        headers: { accept: INDEX_TYPE, "accept-encoding": "identity" },
        scope: "pull",
        accepts: [200, ...NO_API],
      },
      most: MAX_REFERRERS,
      parse: ({ answer, body }) => {
        // A page that is not an index comes from something that is not the API.
        hasApi = answer.status === 200 && mediaTypeOf(answer.header("content-type")) === INDEX_TYPE;
        return hasApi ? readIndex(body, client.reference) : ok([]);
      },
    },
    signal,
  );
  if (!listed.ok || hasApi) return listed;
  const index = await fetchFallback(client, subject, signal);
  if (!index.ok) return index;
  if (index.value === undefined) return ok({ items: [], more: false });
  const read = readIndex(index.value, client.reference);
  if (!read.ok) return read;
  return ok({ items: read.value.slice(0, MAX_REFERRERS), more: read.value.length > MAX_REFERRERS });
}

/** Puts a manifest with a subject, and has it listed. Throws an Interruption. */
export async function storeReferrer(
  client: RegistryClient,
  subject: HexDigest,
  { bytes, descriptor }: { readonly bytes: Uint8Array; readonly descriptor: Descriptor },
  signal: AbortSignal | undefined,
): Promise<Result<undefined, OperationFault>> {
  const put = await storeManifest(client, { bytes, mediaType: MANIFEST_TYPE }, undefined, signal);
  if (!put.ok) return put;
  if (put.value.isListed) return ok(undefined);
  for (let writes = 0; ; writes++) {
    const found = await fetchFallback(client, subject, signal);
    if (!found.ok) return found;
    const index = found.value ?? encodeEmptyIndex();
    const read = readIndex(index, client.reference);
    if (!read.ok) return read;
    if (read.value.some(({ digest }) => isSameDigest(digest, descriptor.digest))) return ok(undefined);
    if (writes === MAX_WRITES) return operationFault("CHANGED_WHILE_READ", { path: fallbackTag(subject) });
    // Writers that met once must not meet again.
    if (writes > 0) await wait(PAUSE_MS * (0.5 + Math.random() / 2), signal);
    const next = addToIndex(index, descriptor, () => false);
    if (!next.ok) return malformed(client.reference, next.reason);
    const written = await storeManifest(
      client,
      { bytes: next.value, mediaType: INDEX_TYPE },
      fallbackTag(subject),
      signal,
    );
    if (!written.ok) return written;
  }
}

/** The bytes of the index of a fallback tag; `undefined` where there is none. */
async function fetchFallback(
  client: RegistryClient,
  subject: HexDigest,
  signal: AbortSignal | undefined,
): Promise<Result<Uint8Array | undefined, OperationFault>> {
  const found = await fetchManifest(client, { tag: fallbackTag(subject) }, signal);
  if (!found.ok) return found.code === "REGISTRY_NOT_FOUND" ? ok(undefined) : found;
  return found.value.mediaType === INDEX_TYPE
    ? ok(found.value.bytes)
    : malformed(client.reference, "media-type");
}

function readIndex(bytes: Uint8Array, reference: string): Result<readonly Descriptor[], OperationFault> {
  const read = parseIndex(bytes);
  return read.ok ? read : malformed(reference, read.reason);
}
