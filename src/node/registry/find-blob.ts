/** Looks whether a blob is in a repository. @module */

import {
  type BlobName,
  ociDigest,
  ok,
  parseCount,
  parseOciDigest,
  type Result,
} from "../../core/internal.ts";
import { isSameDigest } from "../runtime/node-crypto.ts";
import { type OperationFault, operationFault } from "../runtime/operation-fault.ts";
import type { Scope } from "./authorizer.ts";
import type { RegistryClient } from "./registry-client.ts";

/** Whether a blob is there. Fails with REGISTRY_MALFORMED if it has another size. Throws an Interruption. */
export async function hasBlob(
  client: RegistryClient,
  { digest, size }: BlobName,
  scope: Scope,
  signal: AbortSignal | undefined,
): Promise<Result<boolean, OperationFault>> {
  const answered = await client.request(
    {
      method: "HEAD",
      url: client.address(`blobs/${ociDigest(digest)}`),
      headers: { accept: "*/*", "accept-encoding": "identity" },
      scope,
      accepts: [200, 404],
    },
    signal,
  );
  if (!answered.ok) return answered;
  const { answer } = answered.value;
  await answer.discard();
  if (answer.status === 404) return ok(false);
  const { reference } = client;
  const named = answer.header("docker-content-digest");
  if (named !== undefined && !isSameDigest(digest, parseOciDigest(named)))
    return operationFault("REGISTRY_MALFORMED", { reason: "digest", reference, object: ociDigest(digest) });
  const length = answer.header("content-length");
  return length === undefined || parseCount(length) === size
    ? ok(true)
    : operationFault("REGISTRY_MALFORMED", { reason: "size", reference });
}
