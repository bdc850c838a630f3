/**
 * How many bytes a guard has, and how many of them the next `prune` would free. No lock is taken: what other processes do meanwhile may
 * count or not.
 *
 * @module
 */

import { OWN_FOLDER } from "../../../records/project/project-names.ts";
import { newestRuns, openRuns } from "../../../records/project/run-links.ts";
import { collectGarbage } from "../../../records/store/collect/collect-garbage.ts";
import type { AnchoredDir } from "../../../system/files/anchored-dir.ts";
import { pathOfComponents } from "../../../system/files/path-components.ts";
import { Interruption } from "../../../system/runtime/interruption.ts";
import { reasonOf } from "../../../system/runtime/machine-reason.ts";
import { readKeepRules } from "../keep-rules.ts";
import { measureStore } from "../list-guards.ts";
import { readTurns } from "../turns/turn-record.ts";
import { type PlanRequest, planOf, readJudged } from "./forget.ts";

/** Bytes of lists of files that are read for this: more would take longer than a second. */
const MOST_READ: number = 16 * 1024 * 1024;

/** What a guard takes of the disk. */
export interface GuardBytes {
  /** Bytes of all its files; undefined where they can't be read. */
  readonly bytes: number | undefined;
  /** Bytes that the next `prune` frees; undefined where it would refuse, or where looking takes long. */
  readonly freed: number | undefined;
}

/** Measures a guard. Throws an Interruption. */
export async function measureGuard(request: PlanRequest): Promise<GuardBytes> {
  const path = pathOfComponents(request.home.real);
  const size = await measureStore(path, path, path, request.signal);
  return { bytes: size.ok ? size.value.bytes : undefined, freed: await measureFreed(path, request) };
}

async function measureFreed(root: string, request: PlanRequest): Promise<number | undefined> {
  try {
    using own = request.home.dir.enter(OWN_FOLDER);
    if (bytesOfLists(own) > MOST_READ) return undefined;
    const history = await readJudged(request, readTurns(own));
    const rules = readKeepRules(request.home.dir, "");
    if (!rules.ok) return undefined;
    const planned = history.ok ? await planOf(own, history.value, { ...request, ...rules.value }) : history;
    if (!planned.ok) return undefined;
    const without = new Set(planned.value.plan.forgotten.map(({ runId }) => runId));
    const collected = await collectGarbage({ ...request, root, without, dryRun: true });
    return collected.ok ? collected.value.bytes : undefined;
  } catch (thrown) {
    if (thrown instanceof Interruption) throw thrown;
    reasonOf(thrown);
    return undefined;
  }
}

function bytesOfLists(own: AnchoredDir): number {
  using runs = openRuns(own);
  if (runs === undefined) return 0;
  return newestRuns(runs).reduce((sum, runId) => {
    using run = runs.enterIfThere(runId);
    return sum + (run?.lstat("OUTPUT_HASHES.json")?.size ?? 0);
  }, 0);
}
