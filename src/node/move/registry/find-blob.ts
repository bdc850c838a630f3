/** Looks whether a blob is in a repository, before it is put there. @module */

import {
  type BlobName,
  ociDigest,
  ok,
  parseCount,
  parseOciDigest,
  type Result,
} from "../../../core/internal.ts";
import { isSameDigest } from "../../system/runtime/node-crypto.ts";
import type { OperationFault } from "../../system/runtime/operation-fault.ts";
import { malformed, otherBytes } from "./malformed.ts";
import type { RegistryClient } from "./registry-client.ts";

/** Whether a blob is there. Fails with REGISTRY_MALFORMED if it has another size. Throws an Interruption. */
export async function hasBlob(
  client: RegistryClient,
  { digest, size }: BlobName,
  signal: AbortSignal | undefined,
): Promise<Result<boolean, OperationFault>> {
  const answered = await client.request(
    {
      method: "HEAD",
      url: client.address(`blobs/${ociDigest(digest)}`),
      headers: { accept: "*/*", "accept-encoding": "identity" },
      // One token for all requests of an upload.
      scope: "pull,push",
      accepts: [200, 404],
    },
    signal,
  );
  if (!answered.ok) return answered;
  const answer = answered.value;
  if (answer.status === 404) return ok(false);
  const { reference } = client;
  const named = answer.header("docker-content-digest");
  if (named !== undefined && !isSameDigest(digest, parseOciDigest(named)))
    return otherBytes(reference, digest);
  const length = answer.header("content-length");
  return length === undefined || parseCount(length) === size ? ok(true) : malformed(reference, "size");
}
