/**
 * What belongs to a carried run and came after it: a manifest that refers to the run's, with one layer. A run can get more of them at
 * any time, and a digest reference to the run does not pin them.
 *
 * @module
 */

import { COUNTERSIGNATURES_NAME } from "../../judge/bundle/countersignature.ts";
import { TIMESTAMPS_NAME } from "../../judge/bundle/timestamps.ts";
import type { HexDigest } from "../../system/bytes/hex.ts";
import { MAX_COUNTERSIGNATURES_BYTES, MAX_TIMESTAMPS_BYTES } from "../../system/bytes/limits.ts";
import { artifactPath } from "../archive/carried-path.ts";
import type { BlobName, Descriptor } from "../registry/descriptor.ts";
import { type ImageManifest, plainDescriptor } from "../registry/image-manifest.ts";
import { MANIFEST_TYPE, TITLE_ANNOTATION } from "../registry/media-types.ts";
import { EMPTY_CONFIG } from "./run-manifest.ts";

/** The kinds of referrers that runseal writes and reads. */
export type ReferrerKind = "countersignatures" | "timestamps";

/** What is known of a kind: the type of its manifest and its layer, the file of the bundle, and its limit in bytes. */
export const REFERRERS: Readonly<
  Record<ReferrerKind, { readonly type: string; readonly name: string; readonly limit: number }>
> = {
  countersignatures: {
    type: "application/vnd.runseal.countersignatures.v1+json",
    name: COUNTERSIGNATURES_NAME,
    limit: MAX_COUNTERSIGNATURES_BYTES,
  },
  timestamps: {
    type: "application/vnd.runseal.timestamps.v1+json",
    name: TIMESTAMPS_NAME,
    limit: MAX_TIMESTAMPS_BYTES,
  },
};

/** Makes the manifest of a referrer: its layer is the file of the bundle. Equal files of one run have equal manifests. */
export function referrerManifest(
  kind: ReferrerKind,
  runId: string,
  file: BlobName,
  subject: BlobName,
): ImageManifest {
  const { name, type } = REFERRERS[kind];
  return {
    artifactType: type,
    config: EMPTY_CONFIG,
    layers: [
      { mediaType: type, ...file, annotations: new Map([[TITLE_ANNOTATION, artifactPath(runId, name)]]) },
    ],
    subject: plainDescriptor(MANIFEST_TYPE, subject.digest, subject.size),
    annotations: new Map(),
  };
}

/** How a referrer is listed. */
export function referrerDescriptor(kind: ReferrerKind, digest: HexDigest, size: number): Descriptor {
  return { ...plainDescriptor(MANIFEST_TYPE, digest, size), artifactType: REFERRERS[kind].type };
}

/** The kind of a listed referrer; `undefined` for those of others. */
export function referrerKindOf({ artifactType }: Descriptor): ReferrerKind | undefined {
  if (artifactType === REFERRERS.countersignatures.type) return "countersignatures";
  return artifactType === REFERRERS.timestamps.type ? "timestamps" : undefined;
}

/** The file of a referrer; `undefined` where its manifest is not one that a push writes, or the file is larger than its limit. */
export function referrerFile(
  kind: ReferrerKind,
  { artifactType, layers }: ImageManifest,
): BlobName | undefined {
  const { limit, type } = REFERRERS[kind];
  const [layer, ...others] = layers;
  if (artifactType !== type || layer === undefined || others.length > 0) return undefined;
  return layer.mediaType === type && layer.size <= limit
    ? { digest: layer.digest, size: layer.size }
    : undefined;
}
