/**
 * Collects the garbage in packs: removes packs that hold nothing that a bundle names, rewrites those of which less than half is needed,
 * and joins small ones. A pack is removed only once each object in it that a bundle names has a durable copy elsewhere.
 *
 * @module
 */

import { ok, PACKS_FOLDER, packName, type Result } from "../../../core/internal.ts";
import { planJoins } from "../../packs/plan-joins.ts";
import { copyPacks, removePacks, syncNewPacks } from "../../packs/rewrite-packs.ts";
import type { SurveyedPack } from "../../packs/survey-packs.ts";
import type { OperationFault } from "../../runtime/operation-fault.ts";
import type { OtherCopies } from "./collecting.ts";
import { isForAll, type PackPlan } from "./plan-packs.ts";

type Shares = PackPlan["shares"];

/** Removes and rewrites packs as planned. Fails and throws as `copyPacks` does. */
export async function collectPacks(
  copies: OtherCopies,
  { kept, removed, rewritten, shares }: PackPlan,
): Promise<OperationFault | undefined> {
  const { tally } = copies.setting;
  for (const pack of [...removed, ...rewritten]) copies.kept.delete(pack);
  dropPacks(copies, removed, shares);
  for (const pack of rewritten) {
    const replaced = await replacePacks(copies, [pack], shares);
    if (!replaced.ok) return replaced;
  }
  for (const pack of kept) tally.waste += shares.get(pack)?.unnamedBytes ?? 0;
  return undefined;
}

/** Joins packs, so that each has at least twice the bytes of all smaller ones. Fails and throws as `copyPacks` does. */
export async function joinKeptPacks(
  copies: OtherCopies,
  shares: Shares,
): Promise<OperationFault | undefined> {
  const { tally } = copies.setting;
  const damaged = new Set(tally.damaged.map(({ path }) => path));
  const joinable = [...copies.kept.packs].filter((pack) => !damaged.has(shownPack(pack)));
  for (const packs of planJoins(joinable, 1)) {
    for (let group = packs; group.length > 1; ) {
      for (const pack of group) copies.kept.delete(pack);
      const replaced = await replacePacks(copies, group, shares);
      if (!replaced.ok) return replaced;
      const { value: bad } = replaced;
      if (bad === undefined) {
        for (const pack of group) tally.waste -= shares.get(pack)?.unnamedBytes ?? 0;
        break;
      }
      group = group.filter((pack) => pack !== bad);
    }
  }
  return undefined;
}

/** Puts a new pack in the place of some. If they have to stay, gives one that holds the only copy of something, with wrong bytes. */
async function replacePacks(
  copies: OtherCopies,
  packs: readonly SurveyedPack[],
  shares: Shares,
): Promise<Result<SurveyedPack | undefined, OperationFault>> {
  const { dryRun, folder, fs, signal, tally } = copies.setting;
  if (dryRun) {
    if (packs.some((pack) => shares.get(pack)?.live !== 0)) tally.packsWritten++;
    dropPacks(copies, packs, shares);
    return ok(undefined);
  }
  const judge = copies.judge(packs.every(isForAll));
  const copied = await copyPacks(folder, packs, judge.fateOf, { fs, signal });
  judge.end();
  if (!copied.ok) return copied;
  const outcome = copied.value;
  if (outcome.kind === "copied") {
    for (const pack of outcome.packs) copies.keep(pack);
    tally.packsWritten += outcome.packs.length;
    copies.sync();
    syncNewPacks(folder, fs);
    dropPacks(copies, packs, shares);
    return ok(undefined);
  }
  for (const pack of packs) copies.keep(pack);
  const bad = packs.find((pack) => outcome.kind === "bad" && pack === outcome.pack);
  if (bad !== undefined) tally.damaged.push({ path: shownPack(bad), problem: "content" });
  return ok(bad);
}

function dropPacks({ all, setting }: OtherCopies, packs: readonly SurveyedPack[], shares: Shares): void {
  const { dryRun, folder, fs, tally } = setting;
  for (const pack of packs) {
    all.delete(pack);
    if (!dryRun) removePacks(folder, [pack], fs);
    const share = shares.get(pack);
    tally.removed += share?.unnamed ?? 0;
    tally.bytes += share?.unnamedBytes ?? 0;
    tally.packsRemoved++;
  }
}

/** The path of a pack below the project root. */
function shownPack({ id }: SurveyedPack): string {
  return `${PACKS_FOLDER}/${packName(id)}`;
}
