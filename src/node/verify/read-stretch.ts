/**
 * Reading a stretch of a chain: the artifacts of bundles that follow each other, opened and not judged. Plain data, so
 * that another thread may have read it.
 *
 * @module
 */

import type { Limits, OpenedBundle } from "../../core/internal.ts";
import { openBundle } from "../bundle/open-bundle.ts";
import type { OperationFault } from "../runtime/operation-fault.ts";

/** Bundles from which on a thread, and libsodium, are worth their start: with fewer, all is nearly done by then. */
export const LONG_CHAIN = 256;

/** Bundles in a stretch, at most: enough for the threads to be busy, few enough to hear of a signal soon. */
const MOST_BUNDLES = 64;

/** Bytes of artifacts with which a stretch ends: whatever a chain holds, so much of it and one bundle are in memory. */
const HEAVY_BYTES: number = 4 * 1024 * 1024;

/** Some bundles of a chain, in its order, as they were found. */
export interface ReadStretch {
  readonly opened: readonly OpenedBundle[];
  /** Why the bundle after these could not be read. */
  readonly failure: OperationFault | undefined;
  /** The index in the chain of the first bundle that is not part of it. */
  readonly end: number;
  /** Whether their artifacts are so large that one stretch at a time is enough. */
  readonly isHeavy: boolean;
}

/** Which chain. */
export interface StretchSource {
  readonly bundles: readonly string[];
  readonly limits?: Limits | undefined;
}

/** Opens bundles from a place in the chain on, up to one that can't be read. */
export function readStretch({ bundles, limits }: StretchSource, start: number): ReadStretch {
  const opened: OpenedBundle[] = [];
  let failure: OperationFault | undefined;
  let bytes = 0;
  let end = start;
  while (end < bundles.length && end - start < MOST_BUNDLES && bytes < HEAVY_BYTES) {
    const bundle = openBundle(bundles[end++] ?? "", limits);
    if (!bundle.ok) {
      failure = bundle;
      break;
    }
    opened.push(bundle.value);
    bytes += bytesOf(bundle.value);
  }
  return { opened, failure, end, isHeavy: bytes >= HEAVY_BYTES };
}

function bytesOf({ artifacts }: OpenedBundle): number {
  let bytes = 0;
  for (const artifact of Object.values(artifacts))
    bytes += artifact.kind === "bytes" ? artifact.bytes.length : 0;
  return bytes;
}
