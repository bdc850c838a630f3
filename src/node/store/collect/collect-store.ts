/**
 * The steps of a collection in their order: damaged packs are salvaged first, because they may hold the only copy of something; then
 * packs are removed, rewritten and joined; objects that are files go last.
 *
 * @module
 */

import { ok, PACKS_FOLDER, type Result } from "../../../core/internal.ts";
import type { AnchoredDir } from "../../files/anchored-dir.ts";
import type { AnchoredRoot } from "../../files/anchored-root.ts";
import type { FileSystem } from "../../files/file-system.ts";
import { enterPacks, type PackFolder } from "../../packs/pack-catalog.ts";
import { type PackSurvey, type SurveyedPack, surveyPacks } from "../../packs/survey-packs.ts";
import { removeOrphanIndexes, removePartialPacks, repairIndex } from "../../packs/tidy-packs.ts";
import { reasonOf } from "../../runtime/machine-reason.ts";
import type { OperationFault } from "../../runtime/operation-fault.ts";
import { enterOwn, type ObjectStore, storeFault } from "../object-store.ts";
import { PACKS_COMPONENTS, packFolderOf, packsFault } from "../stored-objects.ts";
import { collectObjects } from "./collect-objects.ts";
import { collectPacks, joinKeptPacks } from "./collect-packs.ts";
import { type CollectSetting, OtherCopies } from "./collecting.ts";
import { planPacks } from "./plan-packs.ts";
import type { CollectRequest, NamedObjects, Tally } from "./removals.ts";
import { salvagePack } from "./salvage-packs.ts";

/** What a collection was asked for, and what it did so far. */
export interface CollectWork {
  readonly request: CollectRequest;
  readonly tally: Tally;
  readonly fs: FileSystem;
}

/** Stands for a folder of packs that does not exist: it holds no packs, so it is never entered. */
const NO_FOLDER: PackFolder = { fd: -1, path: "" };

/** Collects garbage, given all objects that bundles name. Fails as `collectGarbage` does, and throws what the system says of objects. */
export async function collectStore(
  project: AnchoredRoot,
  store: ObjectStore | undefined,
  named: NamedObjects,
  work: CollectWork,
): Promise<Result<void, OperationFault>> {
  const { fs, request, tally } = work;
  const { dryRun = false, progress, signal } = request;
  let dir: AnchoredDir | undefined;
  let seen = 0;
  progress?.begin("collect", {}, () => ({ files: seen, bytes: 0 }));
  try {
    dir = enterOwn(project, PACKS_COMPONENTS, fs);
    const folder = dir === undefined ? NO_FOLDER : packFolderOf(project, dir);
    const count = (): void => {
      seen++;
    };
    const setting = { folder, loose: store, named, tally, dryRun, signal, fs, count };
    return await collectAll(setting, dir !== undefined);
  } catch (thrown) {
    return packsFault(reasonOf(thrown), "WRITE_FAILED");
  } finally {
    dir?.close();
  }
}

async function collectAll(setting: CollectSetting, hasPacks: boolean): Promise<Result<void, OperationFault>> {
  const surveyed = hasPacks ? await surveyAndSalvage(setting) : ok([]);
  if (!surveyed.ok) return surveyed;
  const plan = planPacks(surveyed.value, setting.named);
  using copies = new OtherCopies(setting, surveyed.value);
  const unwritten = await collectPacks(copies, plan);
  if (unwritten !== undefined) return unwritten;
  const unjoined = await joinKeptPacks(copies, plan.shares);
  if (unjoined !== undefined) return unjoined;
  try {
    await collectObjects(setting);
    return ok(undefined);
  } catch (thrown) {
    return storeFault(reasonOf(thrown), "WRITE_FAILED");
  }
}

/** Surveys the packs, tidies their folder, and salvages damaged ones. A salvaged pack can take the name of another damaged one. */
async function surveyAndSalvage(
  setting: CollectSetting,
): Promise<Result<readonly SurveyedPack[], OperationFault>> {
  const { dryRun, folder, fs, signal, tally } = setting;
  let survey = await surveyPacks(folder, signal, fs);
  tally.partial += survey.partials.length;
  if (!dryRun) {
    const dir = enterPacks(folder, fs);
    removePartialPacks(dir, fs);
    removeOrphanIndexes(dir, fs);
    for (const pack of survey.packs) repairIndex(dir, pack, fs);
    const tried = new Set<string>();
    for (;;) {
      const damaged = survey.damaged.filter(({ name }) => !tried.has(name));
      if (damaged.length === 0) break;
      using copies = new OtherCopies(setting, survey.packs);
      for (const pack of damaged) {
        tried.add(pack.name);
        const salvaged = await salvagePack(copies, pack);
        if (!salvaged.ok) return salvaged;
      }
      survey = await surveyPacks(folder, signal, fs);
    }
  }
  note(survey, tally);
  return ok(survey.packs);
}

/** Notes what stays as it is. */
function note({ damaged, strays, unreadable }: PackSurvey, tally: Tally): void {
  const shown = (name: string): string => `${PACKS_FOLDER}/${name}`;
  tally.strays.push(...strays.map(shown));
  tally.damaged.push(...damaged.map(({ name, problem }) => ({ path: shown(name), problem })));
  tally.unreadable.push(...unreadable.map(shown));
}
