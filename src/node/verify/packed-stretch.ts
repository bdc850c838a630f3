/**
 * A stretch of a chain as one thread hands it to another: the artifacts in one piece of memory that changes hands, and
 * where each ends. Sent as objects, seven for each bundle, they take longer to send than to read.
 *
 * @module
 */

import type { TransferListItem } from "node:worker_threads";
import { ARTIFACT_NAMES, type ArtifactReading, type OpenedBundle } from "../../core/internal.ts";
import { eachArtifact } from "../bundle/open-bundle.ts";
import type { ReadStretch } from "./read-stretch.ts";

/** Bytes of artifacts from which on a bundle is handed over as it is: a copy would be there twice for a while. */
const LARGE_BYTES: number = 64 * 1024;

/** A stretch as it is sent. */
export interface PackedStretch extends Omit<ReadStretch, "opened"> {
  /** For each bundle the number of bytes of its artifacts, in the order of their names; zeros for one that is `whole`. */
  readonly lengths: Uint32Array<ArrayBuffer>;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The bundles that are sent as they are, by their places: large ones, and those with something unusual about them. */
  readonly whole: ReadonlyMap<number, OpenedBundle>;
}

/** Packs a stretch, and says which memory changes hands. */
export function packStretch({ opened, ...rest }: ReadStretch): readonly [PackedStretch, TransferListItem[]] {
  const whole = new Map<number, OpenedBundle>();
  const lengths = new Uint32Array(opened.length * ARTIFACT_NAMES.length);
  let length = 0;
  for (const [place, bundle] of opened.entries()) {
    if (!isUsual(bundle)) {
      whole.set(place, bundle);
      continue;
    }
    for (const [index, name] of ARTIFACT_NAMES.entries()) {
      const own = bytesOf(bundle.artifacts[name]).length;
      lengths[place * ARTIFACT_NAMES.length + index] = own;
      length += own;
    }
  }
  const bytes = new Uint8Array(length);
  let end = 0;
  for (const [place, { artifacts }] of opened.entries()) {
    if (whole.has(place)) continue;
    for (const name of ARTIFACT_NAMES) {
      const artifact = bytesOf(artifacts[name]);
      bytes.set(artifact, end);
      end += artifact.length;
    }
  }
  const memory = [lengths.buffer, bytes.buffer, ...largeBuffers(whole.values())];
  return [{ ...rest, lengths, bytes, whole }, memory];
}

/** The stretch that was packed. `runIdAt` names its bundles, which are not sent with each. */
export function unpackStretch(packed: PackedStretch, runIdAt: (place: number) => string): ReadStretch {
  const { bytes, end, failure, isHeavy, lengths, whole } = packed;
  const opened: OpenedBundle[] = [];
  let next = 0;
  let start = 0;
  const takeNext = (): ArtifactReading => {
    const from = start;
    start += lengths[next++] ?? 0;
    return { kind: "bytes", bytes: bytes.subarray(from, start) };
  };
  for (let place = 0; place * ARTIFACT_NAMES.length < lengths.length; place++) {
    const artifacts = eachArtifact(takeNext);
    opened.push(whole.get(place) ?? { runId: runIdAt(place), artifacts, ...USUAL });
  }
  return { opened, failure, end, isHeavy };
}

/** What most bundles have in common, besides artifacts that could be read. */
const USUAL = {
  forbidden: [],
  countersignatures: { kind: "missing" },
  confusable: [],
} as const satisfies Partial<OpenedBundle>;

function isUsual({ artifacts, confusable, countersignatures, forbidden }: OpenedBundle): boolean {
  if (forbidden.length > 0 || confusable.length > 0 || countersignatures?.kind !== "missing") return false;
  let bytes = 0;
  for (const name of ARTIFACT_NAMES) {
    const artifact = artifacts[name];
    if (artifact.kind !== "bytes") return false;
    bytes += artifact.bytes.length;
  }
  return bytes < LARGE_BYTES;
}

function bytesOf(artifact: ArtifactReading): Uint8Array {
  if (artifact.kind !== "bytes") throw new TypeError("a bundle with an artifact missing is sent whole");
  return artifact.bytes;
}

/** Memory of large artifacts. What smaller ones share with others can't change hands. */
function largeBuffers(bundles: Iterable<OpenedBundle>): readonly ArrayBuffer[] {
  const buffers: ArrayBuffer[] = [];
  for (const { artifacts } of bundles) {
    for (const name of ARTIFACT_NAMES) {
      const artifact = artifacts[name];
      if (artifact.kind !== "bytes" || artifact.bytes.length < LARGE_BYTES) continue;
      const { buffer } = artifact.bytes;
      if (buffer instanceof ArrayBuffer) buffers.push(buffer);
    }
  }
  return buffers;
}
