/**
 * Which packs are joined, so that many seals leave few packs: afterwards each pack has at least twice the bytes of all smaller ones
 * together. Each record is then copied only about as often as the logarithm of the number of seals.
 *
 * @module
 */

import { MAX_PACK_BYTES, MAX_PACK_RECORDS } from "../../core/internal.ts";
import type { PackFile, PackOwner } from "./survey-packs.ts";

const JOINED_OWNERS: readonly PackOwner[] = ["for-all", "for-owner"];

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
  return JOINED_OWNERS.flatMap((owner) => {
    const own = packs.filter((pack) => pack.owner === owner && !isFull(pack));
    if (own.length <= spared) return [];
    const group = groupOf(own.sort((left, right) => left.bytes - right.bytes));
    return group.length < 2 ? [] : [group];
  });
}

/** The smallest packs, up to the largest one that is less than twice as large as all smaller ones together. */
function groupOf<Pack extends PackFile>(packs: readonly Pack[]): readonly Pack[] {
  let smaller = 0;
  let length = 0;
  for (const [index, { bytes }] of packs.entries()) {
    if (bytes < FACTOR * smaller) length = index + 1;
    smaller += bytes;
  }
  const group: Pack[] = [];
  let [bytes, records] = [0, 0];
  for (const pack of packs.slice(0, length)) {
    bytes += pack.bytes;
    records += pack.records;
    if (bytes > MAX_PACK_BYTES || records > MAX_PACK_RECORDS) break;
    group.push(pack);
  }
  return group;
}

/** Two of more than half the largest size can't be joined. */
function isFull({ bytes, records }: PackFile): boolean {
  return bytes > MAX_PACK_BYTES / 2 || records > MAX_PACK_RECORDS / 2;
}
