/**
 * The bound on what one snapshot adds to the store. Holes take no room there, but they are hashed: there is a wider bound on them.
 *
 * @module
 */

import { statfsSync } from "node:fs";
import { itemAt } from "../../../core/internal.ts";
import type { AnchoredRoot } from "../../system/files/anchored-root.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";
import type { WalkedTree } from "./walk-folder.ts";

/** Bytes that a snapshot may add without being asked for: 10 GiB. */
const DEFAULT_BUDGET: number = 10 * 1024 ** 3;

/** Bytes of holes that are read for each byte of the budget: 160 GiB by default, which take minutes. */
const HOLES_A_BYTE = 16;

/** Files and folders that the fault names. */
const MOST_NAMED = 10;

/** What a snapshot may add, and where. */
export interface SnapshotBounds {
  readonly home: AnchoredRoot;
  /** Bytes that a snapshot may add to the store; default 10 GiB. Never more than half of what is free. */
  readonly budget?: number | undefined;
}

/**
 * Refuses files that would add more bytes than the budget, or than half of what is free, with SNAPSHOT_REFUSED. Equal
 * files count each. `isKept` is asked only if all of them would be too much. Throws what statfs(2) says.
 */
export function checkBytes(
  walked: WalkedTree,
  places: Uint32Array,
  { budget = DEFAULT_BUDGET, home }: SnapshotBounds,
  isKept?: (place: number) => boolean,
): OperationFault | undefined {
  const { bavail, bsize } = statfsSync(home.dir.self);
  const free = bavail * bsize;
  const limit = Math.min(budget, free / 2);
  const weigh = (at: number): number => (walked.stats.sizes[at] ?? 0) - (walked.holes.get(at) ?? 0);
  const fault = refuseOver(limit, walked, places, weigh, { free });
  if (fault === undefined || isKept === undefined) return fault;
  const added = places.filter((place) => !isKept(place));
  return refuseOver(limit, walked, added, weigh, { free });
}

/** Refuses files with so many bytes of holes that reading them would take hours, with SNAPSHOT_REFUSED. */
export function checkHoles(
  walked: WalkedTree,
  places: Uint32Array,
  { budget = DEFAULT_BUDGET }: SnapshotBounds,
): OperationFault | undefined {
  return refuseOver(budget * HOLES_A_BYTE, walked, places, (at) => walked.holes.get(at) ?? 0);
}

function refuseOver(
  limit: number,
  { files }: WalkedTree,
  places: Uint32Array,
  weigh: (place: number) => number,
  details: OperationFault["details"] = {},
): OperationFault | undefined {
  const bytes = places.reduce((sum, place) => sum + weigh(place), 0);
  if (bytes <= limit) return undefined;
  const sums = new Map<string, number>();
  for (const place of places) {
    const path = itemAt(files, place);
    const [top = "", next] = path.split("/");
    for (const named of new Set([path, top, next === undefined ? top : `${top}/${next}`]))
      sums.set(named, (sums.get(named) ?? 0) + weigh(place));
  }
  const largest = [...sums]
    .map(([path, bytes]) => ({ path, bytes }))
    .filter(({ bytes }) => bytes > 0)
    .sort((left, right) => right.bytes - left.bytes)
    .slice(0, MOST_NAMED);
  return operationFault("SNAPSHOT_REFUSED", { ...details, reason: "too-large", bytes, largest });
}
