/**
 * How much of each pack is needed, and so what becomes of it. Indexes are those that were made from the record heads.
 *
 * @module
 */

import { DIGEST_BYTES, HEAD_BYTES, PackIndex } from "../../../core/internal.ts";
import type { SurveyedPack } from "../../packs/survey-packs.ts";
import { MARKS, type NamedObjects } from "./removals.ts";

/** Fewer bytes are not worth the copying of a pack. */
const LEAST_WASTE: number = 1024 * 1024;

/** What a pack holds. */
export interface PackShare {
  /** Bytes of records that are needed, heads included, and of all others. */
  readonly live: number;
  readonly dead: number;
  /** Records that no bundle names, and bytes of their objects. */
  readonly unnamed: number;
  readonly unnamedBytes: number;
}

/** What is done with the packs. */
export interface PackPlan {
  readonly shares: ReadonlyMap<SurveyedPack, PackShare>;
  /** Packs without a record that a bundle names. */
  readonly removed: readonly SurveyedPack[];
  /** Packs of which less than half is needed. */
  readonly rewritten: readonly SurveyedPack[];
  readonly kept: readonly SurveyedPack[];
}

/** Plans what is done with packs. Marks the objects that they hold. */
export function planPacks(packs: readonly SurveyedPack[], named: NamedObjects): PackPlan {
  const shares = new Map<SurveyedPack, PackShare>();
  const plan = { shares, removed: [], rewritten: [], kept: [] } satisfies PackPlan;
  const groups: Record<"removed" | "rewritten" | "kept", SurveyedPack[]> = plan;
  // An object that several packs hold is needed in the first of them: in one for all users before others, in one that holds little else,
  // and in a large one.
  const rated = packs.map((pack) => ({ pack, isUsed: isMostlyNamed(pack, named) }));
  const order = rated.sort(
    (left, right) =>
      Number(isForAll(right.pack)) - Number(isForAll(left.pack)) ||
      Number(right.isUsed) - Number(left.isUsed) ||
      right.pack.bytes - left.pack.bytes,
  );
  for (const { pack } of order) {
    const share = shareOf(pack, named);
    shares.set(pack, share);
    groups[fateOf(pack, share)].push(pack);
  }
  return plan;
}

function fateOf({ owner, records }: SurveyedPack, share: PackShare): "removed" | "rewritten" | "kept" {
  if (share.unnamed === records) return "removed";
  // A copy would have another owner or mode.
  if (owner === "foreign" || owner === "foreign-for-all") return "kept";
  if (share.live === 0) return "rewritten";
  return share.dead >= LEAST_WASTE && share.live < share.dead ? "rewritten" : "kept";
}

/** Whether bundles name at least half of the bytes in a pack. */
function isMostlyNamed(pack: SurveyedPack, named: NamedObjects): boolean {
  const index = new PackIndex(pack.index);
  const digest = Buffer.allocUnsafe(DIGEST_BYTES);
  let balance = 0;
  for (let entry = 0; entry < index.count; entry++) {
    index.copyDigest(entry, digest, 0);
    const bytes = HEAD_BYTES + (index.at(entry)?.size ?? 0);
    balance += named.find(digest, 0) >= 0 ? bytes : -bytes;
  }
  return balance >= 0;
}

function shareOf(pack: SurveyedPack, named: NamedObjects): PackShare {
  const index = new PackIndex(pack.index);
  const digest = Buffer.allocUnsafe(DIGEST_BYTES);
  const share = { live: 0, dead: 0, unnamed: 0, unnamedBytes: 0 };
  for (let entry = 0; entry < index.count; entry++) {
    index.copyDigest(entry, digest, 0);
    const { size = 0 } = index.at(entry) ?? {};
    const object = named.find(digest, 0);
    const isNeeded = object >= 0 && !isListed(pack, object, named);
    if (isNeeded) share.live += HEAD_BYTES + size;
    else share.dead += HEAD_BYTES + size;
    if (object >= 0) continue;
    share.unnamed++;
    share.unnamedBytes += size;
  }
  return share;
}

/** Whether a pack before this one lists an object for the same users. Marks that this one does. */
function isListed(pack: SurveyedPack, object: number, named: NamedObjects): boolean {
  named.mark(object, MARKS.present);
  if (isForAll(pack)) {
    if (named.isMarked(object, MARKS.listedForAll)) return true;
    named.mark(object, MARKS.listedForAll);
    return false;
  }
  // Another user's pack may go at any time.
  if (pack.owner === "foreign") return false;
  if (named.isMarked(object, MARKS.listedForAll | MARKS.listedForOwner)) return true;
  named.mark(object, MARKS.listedForOwner);
  return false;
}

/** Whether all users may read a pack. */
export function isForAll({ owner }: Pick<SurveyedPack, "owner">): boolean {
  return owner === "for-all" || owner === "foreign-for-all";
}
