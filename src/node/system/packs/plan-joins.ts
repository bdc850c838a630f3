/**
 * Which packs are joined, so that many seals leave few packs: afterwards each pack has at least twice the bytes of all smaller ones
 * together. Each record is then copied only about as often as the logarithm of the number of seals.
 *
 * @module
 */

import { MAX_PACK_BYTES, MAX_PACK_RECORDS, PERMISSIONS } from "../../../core/internal.ts";
import { PACK_MODES } from "./pack-board.ts";
import type { PackFile } from "./pack-file.ts";

/** The mode of a pack that this user may put another in the place of; `undefined` for another user's, or one with other bits. */
export function modeOfPack(stats: Pick<PackFile["stats"], "mode" | "uid"> | undefined): number | undefined {
  const isOwn = process.geteuid === undefined || Number(stats?.uid) === process.geteuid();
  return PACK_MODES.find((mode) => isOwn && (Number(stats?.mode) & PERMISSIONS) === mode);
}

/** How a new pack compares with all smaller ones together. */
const FACTOR = 2;

/**
 * The groups of packs that are to be joined, of one mode and this user each. So many packs of a mode may be as they are: a seal waits
 * for the joining.
 */
export function planJoins<Pack extends PackFile>(
  packs: readonly Pack[],
  spared: number,
): readonly (readonly Pack[])[] {
  return PACK_MODES.flatMap((mode) => {
    const own = packs.filter((pack) => modeOfPack(pack.stats) === mode && !isFull(pack));
    if (own.length <= spared) return [];
    const group = groupOf(own.sort((left, right) => Number(left.stats.size - right.stats.size)));
    return group.length < 2 ? [] : [group];
  });
}

/** The smallest packs, up to the largest one that is less than twice as large as all smaller ones together. */
function groupOf<Pack extends PackFile>(packs: readonly Pack[]): readonly Pack[] {
  let smaller = 0;
  let length = 0;
  for (const [index, { stats }] of packs.entries()) {
    if (Number(stats.size) < FACTOR * smaller) length = index + 1;
    smaller += Number(stats.size);
  }
  const group: Pack[] = [];
  let [bytes, records] = [0, 0];
  for (const pack of packs.slice(0, length)) {
    bytes += Number(pack.stats.size);
    records += pack.records;
    if (bytes > MAX_PACK_BYTES || records > MAX_PACK_RECORDS) break;
    group.push(pack);
  }
  return group;
}

/** Two of more than half the largest size can't be joined. */
function isFull({ records, stats }: PackFile): boolean {
  return stats.size > MAX_PACK_BYTES / 2 || records > MAX_PACK_RECORDS / 2;
}
