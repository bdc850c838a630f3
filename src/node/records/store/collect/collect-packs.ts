/**
 * Collects the garbage in packs: removes packs that hold nothing that a bundle names, rewrites those of which less than half is named, and
 * joins small ones. A pack is removed only once each object in it that a bundle names is in a new pack, hashed and durable.
 *
 * @module
 */

import {
  DIGEST_BYTES,
  HEAD_BYTES,
  PACKS_FOLDER,
  PackIndex,
  packName,
  packPath,
} from "../../../../core/internal.ts";
import { namesIn, tidyPacks } from "../../../system/packs/folder-names.ts";
import { PACK_MODES } from "../../../system/packs/pack-board.ts";
import {
  enterPacks,
  type PackFolder,
  repairIndexes,
  surveyPacks,
} from "../../../system/packs/pack-catalog.ts";
import { PackReader } from "../../../system/packs/pack-reader.ts";
import type { PlacedPack } from "../../../system/packs/place-pack.ts";
import { modeOfPack, planJoins } from "../../../system/packs/plan-joins.ts";
import { copyPacks, removePack } from "../../../system/packs/rewrite-packs.ts";
import type { OperationFault } from "../../../system/runtime/operation-fault.ts";
import type { CollectSetting, NamedObjects } from "./removals.ts";

/** Fewer bytes are not worth the copying of a pack. */
const LEAST_WASTE: number = 1024 * 1024;

/** What a pack holds. */
interface PackShare {
  /** Bytes of records that bundles name, heads included, and of all others. */
  readonly live: number;
  readonly dead: number;
  /** Records that no bundle names, and bytes of their objects. */
  readonly unnamed: number;
  readonly unnamedBytes: number;
}

/** Collects the packs of a store. Fails as `copyPacks` does. Throws what the system says, and an Interruption. */
export async function collectPacks(
  folder: PackFolder,
  setting: CollectSetting,
): Promise<OperationFault | undefined> {
  const { count, dryRun, fs, named, signal, tally } = setting;
  const packs = await surveyGood(folder, setting);
  const shares = new Map<PlacedPack, PackShare>(packs.map((pack) => [pack, shareOf(pack, named)]));
  const kept = new Set<PlacedPack>(packs);
  const isNeeded = (digests: Uint8Array, place: number): boolean => {
    count();
    return named.find(digests, place) >= 0;
  };
  const remove = (pack: PlacedPack): void => {
    kept.delete(pack);
    if (!dryRun) removePack(folder, pack, fs);
    tally.removed += shares.get(pack)?.unnamed ?? 0;
    tally.bytes += shares.get(pack)?.unnamedBytes ?? 0;
    tally.packsRemoved++;
  };
  const replace = async (group: readonly PlacedPack[]): Promise<OperationFault | undefined> => {
    // What the new pack shows to other users, the pack that a copy comes from shows them too.
    const mode = modeOfPack(group[0]?.stats) ?? PACK_MODES[0];
    const open = [...kept].filter(({ stats }) => (Number(stats.mode) & mode) === mode);
    using others = new PackReader({ folder, packs: open, unreadable: [] }, fs);
    const copied = dryRun ? undefined : await copyPacks(folder, group, { fs, isNeeded, others, signal });
    if (copied?.ok === false) return copied;
    const { bad = [], replaced = group, written } = copied?.value ?? {};
    if (written !== undefined || dryRun) tally.packsWritten++;
    if (written !== undefined) kept.add(written);
    for (const pack of replaced) remove(pack);
    for (const { id } of bad) tally.damaged.push({ path: packPath(id), problem: "content" });
    return undefined;
  };
  for (const [pack, { dead, live }] of shares) {
    if (live === 0) remove(pack);
    // A copy would have another owner or mode.
    const isOwn = modeOfPack(pack.stats) !== undefined;
    const fault = isOwn && dead >= LEAST_WASTE && 0 < live && live < dead ? await replace([pack]) : undefined;
    if (fault !== undefined) return fault;
  }
  const isBad = ({ id }: PlacedPack): boolean => tally.damaged.some(({ path }) => path === packPath(id));
  for (const group of planJoins(
    [...kept].filter((pack) => !isBad(pack)),
    1,
  )) {
    const fault = await replace(group);
    if (fault !== undefined) return fault;
  }
  for (const pack of kept) tally.waste += shares.get(pack)?.unnamedBytes ?? 0;
  return undefined;
}

/** Tidies the folder, and lists the good packs. Notes what stays as it is. */
async function surveyGood(
  folder: PackFolder,
  { dryRun, fs, signal, tally }: CollectSetting,
): Promise<readonly PlacedPack[]> {
  const dir = enterPacks(folder, fs);
  const { partials, strays } = namesIn(dir, fs);
  tally.partial += partials.length;
  if (!dryRun) tidyPacks(dir, fs);
  const catalog = await surveyPacks(folder, signal, fs);
  if (!dryRun) repairIndexes(catalog, fs);
  const good = new Set<PlacedPack>(catalog.packs);
  const notFiles: string[] = [];
  for (const { name, problem } of catalog.damaged) {
    if (problem === "not-a-file") notFiles.push(name);
    else tally.damaged.push({ path: `${PACKS_FOLDER}/${name}`, problem });
    for (const pack of good) if (packName(pack.id) === name) good.delete(pack);
  }
  tally.strays.push(...[...strays, ...notFiles].sort().map((name) => `${PACKS_FOLDER}/${name}`));
  tally.unreadable.push(...catalog.unreadable.map((name) => `${PACKS_FOLDER}/${name}`));
  return [...good];
}

/** How much of a pack bundles name. Marks these objects. */
function shareOf(pack: PlacedPack, named: NamedObjects): PackShare {
  const index = new PackIndex(pack.index);
  const digest = Buffer.allocUnsafe(DIGEST_BYTES);
  const share = { live: 0, dead: 0, unnamed: 0, unnamedBytes: 0 };
  for (let entry = 0; entry < index.count; entry++) {
    index.copyDigest(entry, digest, 0);
    const { size = 0 } = index.at(entry) ?? {};
    if (named.mark(digest, 0)) {
      share.live += HEAD_BYTES + size;
    } else {
      share.dead += HEAD_BYTES + size;
      share.unnamed++;
      share.unnamedBytes += size;
    }
  }
  return share;
}
