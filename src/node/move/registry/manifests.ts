/** Reads and puts manifests and indexes of a repository. @module */

import {
  type HexDigest,
  INDEX_TYPE,
  MANIFEST_TYPE,
  mediaTypeOf,
  ociDigest,
  ok,
  parseOciDigest,
  type Result,
} from "../../../core/internal.ts";
import { digestOf, isSameDigest } from "../../system/runtime/node-crypto.ts";
import { type OperationFault, withDetails } from "../../system/runtime/operation-fault.ts";
import { malformed, otherBytes } from "./malformed.ts";
import type { RegistryClient } from "./registry-client.ts";
import type { ManifestAddress, StoredManifest } from "./repository.ts";

/** A manifest that was put. */
export interface PutManifest {
  readonly digest: HexDigest;
  /** Whether the registry lists it among the referrers of its subject by itself. */
  readonly isListed: boolean;
}

/** Reads a manifest or an index. Fails with REGISTRY_NOT_FOUND where there is none. Throws an Interruption. */
export async function fetchManifest(
  client: RegistryClient,
  address: ManifestAddress,
  signal: AbortSignal | undefined,
): Promise<Result<StoredManifest, OperationFault>> {
  const named = "tag" in address ? address.tag : ociDigest(address.digest);
  const read = await client.read(
    {
      method: "GET",
      url: client.address(`manifests/${named}`),
      headers: { accept: `${MANIFEST_TYPE}, ${INDEX_TYPE}`, "accept-encoding": "identity" },
      scope: "pull",
      accepts: [200],
    },
    signal,
  );
  const reference = "tag" in address ? `${client.reference}:${named}` : `${client.reference}@${named}`;
  if (!read.ok) return withDetails(read, { reference });
  const { answer, body } = read.value;
  const mediaType = mediaTypeOf(answer.header("content-type"));
  if (mediaType !== MANIFEST_TYPE && mediaType !== INDEX_TYPE) return malformed(reference, "content-type");
  const digest = digestOf(body);
  const said = answer.header("docker-content-digest");
  const isAsked = "tag" in address || isSameDigest(address.digest, digest);
  if (!isAsked || (said !== undefined && !isSameDigest(digest, parseOciDigest(said)))) {
    return "tag" in address ? malformed(reference, "digest") : otherBytes(reference, address.digest);
  }
  return ok({ bytes: body, digest, mediaType });
}

/** Puts a manifest or an index, under a tag or under its digest. Throws an Interruption. */
export async function storeManifest(
  client: RegistryClient,
  { bytes, mediaType }: Pick<StoredManifest, "bytes" | "mediaType">,
  tag: string | undefined,
  signal: AbortSignal | undefined,
): Promise<Result<PutManifest, OperationFault>> {
  const digest = digestOf(bytes);
  const answered = await client.request(
    {
      method: "PUT",
      url: client.address(`manifests/${tag ?? ociDigest(digest)}`),
      headers: { "content-type": mediaType },
      body: bytes,
      scope: "pull,push",
      // The specification has 201; some say 200 or 202.
      accepts: [200, 201, 202],
    },
    signal,
  );
  if (!answered.ok) return answered;
  const said = answered.value.header("docker-content-digest");
  if (said !== undefined && !isSameDigest(digest, parseOciDigest(said)))
    return otherBytes(client.reference, digest);
  return ok({ digest, isListed: answered.value.header("oci-subject") !== undefined });
}
