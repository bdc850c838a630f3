/**
 * Puts what came to a run after it was sealed: countersignatures and timestamps, as manifests that refer to the run's.
 *
 * @module
 */

import {
  type BlobName,
  EMPTY_CONFIG_BYTES,
  encodeManifest,
  ok,
  type ReferrerKind,
  type Result,
  referrerDescriptor,
  referrerManifest,
} from "../../../core/internal.ts";
import { digestOf } from "../../system/runtime/node-crypto.ts";
import type { OperationFault } from "../../system/runtime/operation-fault.ts";
import { memoryBlob } from "../registry/blob-bytes.ts";
import type { OwnRun } from "./project-run.ts";
import type { PushRequest } from "./push-run.ts";

/**
 * Puts the run's files of countersignatures and timestamps, and gives how many there are. A file of more than its limit, or one that
 * can't be read, is not sent: no reader would take it. Fails as the repository does.
 */
export async function putReferrers(
  { bundle, judged }: OwnRun,
  subject: BlobName,
  { repository, signal }: PushRequest,
): Promise<Result<number, OperationFault>> {
  const { countersignatures, timestamps } = judged.opened;
  const files: readonly (readonly [ReferrerKind, typeof countersignatures])[] = [
    ["countersignatures", countersignatures],
    ["timestamps", timestamps],
  ];
  let count = 0;
  for (const [kind, reading] of files) {
    if (reading?.kind !== "bytes") continue;
    const { bytes } = reading;
    for (const blob of [memoryBlob(bytes), memoryBlob(EMPTY_CONFIG_BYTES)]) {
      const put = await repository.putBlob(blob, { signal });
      if (!put.ok) return put;
    }
    const file = { digest: digestOf(bytes), size: bytes.length };
    const manifest = encodeManifest(referrerManifest(kind, bundle.runId, file, subject));
    const descriptor = referrerDescriptor(kind, digestOf(manifest), manifest.length);
    const listed = await repository.putReferrer(subject.digest, descriptor, manifest, signal);
    if (!listed.ok) return listed;
    count++;
  }
  return ok(count);
}
