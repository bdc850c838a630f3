/**
 * Restores a bundle or a chain: PREFLIGHT and PLAN of all bundles before the first write, then one transaction
 * (PROTOCOL 13).
 *
 * @module
 */

import { ok, type TreeLink } from "../../../core/internal.ts";
import { carriedSources, type RunSources } from "../../judge/source/run-sources.ts";
import { ignoresModes } from "../../judge/verify/match-tree.ts";
import { openSources } from "../../records/store/output-source.ts";
import { openRoot } from "../../system/files/anchored-root.ts";
import { type FileSystem, nodeFileSystem } from "../../system/files/file-system.ts";
import { protection } from "../../system/files/shared-above.ts";
import { unlessRefused } from "../../system/runtime/machine-reason.ts";
import type { Environment } from "../../system/runtime/user-home.ts";
import { WorkerPool } from "../../system/work/worker-pool.ts";
import { hasDescriptors } from "../transaction/journal/enough-descriptors.ts";
import { beginOrigin } from "../transaction/journal/journal.ts";
import { JournalKeys } from "../transaction/journal/journal-key.ts";
import { enterIfThere } from "../transaction/journal/reach-folder.ts";
import { keepOthersOut, type RestoreFailure, refused } from "../transaction/restore-failure.ts";
import type { Executed } from "../transaction/run-transaction.ts";
import { transact } from "../transaction/transact.ts";
import { NO_PLAN } from "../transaction/transaction-plan.ts";
import type { Entries } from "../transaction/work/entries.ts";
import { isWorthSharing } from "../transaction/work/share-work.ts";
import {
  type CarriedRuns,
  checkEligibility,
  type Eligibility,
  type EligibilityRequest,
  type KeepBytes,
  notVerified,
} from "./eligibility.ts";
import { type JudgedRun, planEntries, type RestoreWishes } from "./plan-entries.ts";
import { afterRecovery } from "./recover/recover-first.ts";
import { LateTarget } from "./target/late-target.ts";
import { restoreIntoNewRoot } from "./target/new-root.ts";
import type { RestoreOutcome, RestoreSuccess } from "./target/restore-outcome.ts";
import type { Target } from "./target/target-root.ts";

/** What a caller asks of any restore. */
export interface RestoreDemand
  extends Omit<EligibilityRequest, "bundles" | "carried" | "pool" | "isChain">,
    RestoreWishes {
  /** The restore root: an absolute path. */
  readonly target: string | null | undefined;
  /** The user's, for the state folder with the key of journals. */
  readonly environment: Environment;
  /** Make the restore root if it is missing. */
  readonly mkdir?: boolean;
  /** Stop after PLAN, and write nothing. */
  readonly dryRun?: boolean;
}

type Demand = RestoreDemand & EligibilityRequest & { readonly keys: JournalKeys };

/** Which bundle to restore, and where. */
export interface RestoreRequest extends RestoreDemand {
  /** The run directory. */
  readonly bundle: string;
}

/** Which chain to restore, and where. Each run is restored into its own folder. */
export interface RestoreChainRequest extends RestoreDemand {
  /** Run directories in the order in which the runs happened. */
  readonly bundles: readonly string[];
}

/** Which carried runs to restore, and where. */
export interface RestoreCarriedRequest
  extends Omit<RestoreDemand, "home" | "root">,
    Omit<CarriedRuns, "only"> {
  /** Restore the runs as a chain, in their order; default: the one run that `runs` names. */
  readonly isChain?: boolean;
}

/**
 * Restores runs of a source, all or nothing. The caller closes the source. Throws an Interruption when the signal fired, after
 * everything was rolled back.
 */
export async function restoreCarried(
  { isChain = false, runs, source, ...demand }: RestoreCarriedRequest,
  fs: FileSystem = nodeFileSystem,
): Promise<RestoreOutcome> {
  const carried = { only: demand.only, runs, source };
  return restoreRuns({ ...demand, root: ".", bundles: [], carried, isChain }, fs);
}

/** Restores a bundle, all or nothing. Throws an Interruption when the signal fired, after everything was rolled back. */
export async function restoreBundle(
  request: RestoreRequest,
  fs: FileSystem = nodeFileSystem,
): Promise<RestoreOutcome> {
  return restoreRuns({ ...request, bundles: [request.bundle], isChain: false }, fs);
}

/** Restores a chain, all or nothing. Throws an Interruption when the signal fired, after everything was rolled back. */
export async function restoreChain(
  request: RestoreChainRequest,
  fs: FileSystem = nodeFileSystem,
): Promise<RestoreOutcome> {
  return restoreRuns({ ...request, isChain: true }, fs);
}

/** Throws an InterruptedRestore instead of an Interruption if something was recovered before. */
async function restoreRuns(request: Omit<Demand, "keys" | "pool">, fs: FileSystem): Promise<RestoreOutcome> {
  // Through any other port each call has to go, in the order of the code: no worker makes it.
  const pool = new WorkerPool(fs === nodeFileSystem ? request.jobs : 1);
  using keys = new JournalKeys(request.environment, fs);
  try {
    return await restoreWithPool({ ...request, ignoreModes: ignoresModes(request), pool, keys }, fs);
  } finally {
    pool.dismiss();
  }
}

async function restoreWithPool(demand: Demand, fs: FileSystem): Promise<RestoreOutcome> {
  using opening = new LateTarget(demand.target, demand.mkdir ?? false, fs);
  const keep = (): ReturnType<KeepBytes> => (demand.dryRun === true ? ok({}) : opening.keep());
  const eligibility = await checkEligibility(demand, fs, keep);
  if (!eligibility.ok) return refused(eligibility);
  const target = opening.open();
  if (!target.ok) return refused(target);
  const shared = target.value.kind === "existing" ? keepOthersOut(target.value.root, fs) : undefined;
  if (shared !== undefined) return refused(shared);
  const work = () => restoreInto(target.value, eligibility.value, demand, fs);
  const first = { dryRun: demand.dryRun === true, keys: demand.keys, progress: demand.progress };
  return await afterRecovery(target.value, first, work, fs);
}

async function restoreInto(
  target: Target,
  eligible: Eligibility[],
  demand: Demand,
  fs: FileSystem,
): Promise<RestoreOutcome> {
  if (demand.carried !== undefined) {
    // A dry run kept no bytes.
    const sources = demand.dryRun === true ? undefined : sourcesOf(demand.carried, eligible);
    return await planAndCarryOut(target, eligible, sources, demand, fs);
  }
  const openedRoot = openRoot(demand.root, fs);
  if (!openedRoot.ok) return refused(notVerified(openedRoot));
  using root = openedRoot.value;
  const openedHome = openRoot(demand.home ?? demand.root, fs);
  if (!openedHome.ok) return refused(notVerified(openedHome));
  using home = openedHome.value;
  const opened = openSources({ root, home }, runsInStore(eligible), fs);
  if (!opened.ok) return refused(notVerified(opened));
  using sources = opened.value;
  return await planAndCarryOut(target, eligible, sources, demand, fs);
}

/** The ranges of carried runs, by the ids under which they were judged. */
function sourcesOf({ source }: CarriedRuns, eligible: readonly Eligibility[]): RunSources {
  return carriedSources(
    new Map(eligible.map(({ eligible: { opened } }, index) => [opened.runId, source.outputs(index)])),
  );
}

async function planAndCarryOut(
  target: Target,
  eligible: Eligibility[],
  sources: RunSources | undefined,
  demand: Demand,
  fs: FileSystem,
): Promise<RestoreOutcome> {
  const planned = await planEntries(target, eligible, sources, demand, fs);
  if (!planned.ok) return refused(planned);
  const { entries, judged } = planned.value;
  const executed =
    demand.dryRun === true || sources === undefined
      ? { ok: true as const, isClean: true }
      : await carryOut(entries, judged, sources, target, demand, fs);
  return executed.ok ? success(entries, judged, executed, demand) : executed;
}

async function carryOut(
  entries: Entries,
  judged: readonly JudgedRun[],
  sources: RunSources,
  target: Target,
  { pool, keys, progress, signal }: Demand,
  fs: FileSystem,
): Promise<Executed | RestoreFailure> {
  const key = keys.obtain();
  if (!key.ok) return refused(key);
  const { runs } = entries;
  const isMuch = pool.size > 0 && isWorthSharing(entries.outputs.length, entries.bytes, fs);
  const work = {
    entries,
    sourceOf: sources.sourceOf,
    threads: isMuch && hasDescriptors(pool.size) ? { pool, sources: sources.held } : undefined,
    // Any other port must see each call.
    usesPool: pool.size > 0 && fs === nodeFileSystem,
    progress,
    signal,
    origin: beginOrigin({
      runIds: runs.map((run) => run.runId),
      bundleRoots: runs.map((run) => run.bundleRoot),
      signers: [...new Set(judged.map(({ signer }) => signer.validatorId))],
    }),
    key: key.value,
  };
  if (target.kind === "new") return await restoreIntoNewRoot({ ...work, place: target }, fs);
  const { path, root } = target;
  const plan = {
    ...NO_PLAN,
    needs: entries.needs((folder) => unlessRefused(() => enterIfThere(root, folder)) !== undefined),
  };
  return await transact({ ...work, act: "restore", root, path, plan }, fs);
}

function success(
  { bytes, chainRoot, runs, targets, trees }: Entries,
  judged: readonly JudgedRun[],
  { isClean }: Executed,
  { dryRun }: Demand,
): RestoreSuccess {
  const found = new Map(judged.map((run) => [run.runId, run]));
  let paths: readonly string[] | undefined;
  let links: readonly TreeLink[] | undefined;
  let emptyFolders: readonly string[] | undefined;
  return {
    ok: true,
    code: null,
    phase: dryRun === true ? "PLAN" : "VERIFY",
    cause_code: null,
    runs: runs.flatMap(({ bundleRoot, bytes, files, runId }) => {
      const run = found.get(runId);
      return run === undefined ? [] : [{ ...run, bundleRoot, files: files.length, bytes }];
    }),
    chainRoot,
    get paths() {
      paths ??= [...targets];
      return paths;
    },
    bytes,
    get links() {
      links ??= [...trees.links];
      return links;
    },
    get emptyFolders() {
      emptyFolders ??= [...trees.emptyFolders];
      return emptyFolders;
    },
    linksLeftOut: [...trees.linksLeftOut],
    protection: protection(),
    isClean,
    recovered: [],
    left: [],
  };
}

function runsInStore(eligible: readonly Eligibility[]): ReadonlySet<string> {
  const stored = eligible.filter(({ source }) => source === "store");
  return new Set(stored.map(({ eligible: { opened } }) => opened.runId));
}
