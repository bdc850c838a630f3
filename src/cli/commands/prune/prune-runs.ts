/** `runseal prune` of runs: drops old snapshots of a guard, and of a project the bytes of old runs or with --bundles the runs, and removes the objects that no other run names. @module */

import { resolve } from "node:path";
import { ok, quote } from "../../../core/internal.ts";
import { guardsPublicKey, lendSigner, openGuardSigner } from "../../../node/back/guard/guard-key.ts";
import { readKeepRules, SECONDS_OF_DAY } from "../../../node/back/guard/keep-rules.ts";
import { isMissing } from "../../../node/back/guard/list-guards.ts";
import { locateGuard } from "../../../node/back/guard/locate-guard.ts";
import { type ForgetFault, forgetRuns } from "../../../node/back/guard/prune/forget.ts";
import { removeGuard } from "../../../node/back/guard/prune/remove-forgotten.ts";
import { openSigner } from "../../../node/keys/open-signer.ts";
import type { Signer } from "../../../node/keys/signer.ts";
import { collectGarbage } from "../../../node/records/store/collect/collect-garbage.ts";
import { openRoot } from "../../../node/system/files/anchored-root.ts";
import { operationFault } from "../../../node/system/runtime/operation-fault.ts";
import { confirmed } from "../../options/confirmed.ts";
import { guardRequest, type StoreOptions } from "../../options/guard-options.ts";
import { signerSurroundings } from "../../options/passphrases.ts";
import { sealingTime } from "../../options/sealing-options.ts";
import { chooseSigner, type SignerOptions } from "../../options/signer-options.ts";
import { choiceOfGuard, chooseTrust } from "../../options/trust-options.ts";
import { failureReport, operationReport } from "../../output/failure-report.ts";
import type { Io } from "../../output/io.ts";
import type { Report } from "../../output/report.ts";
import { type ProgressOptions, ShownWork } from "../../progress/show-progress.ts";
import { type FaultOfHistory, faultsOfHistory } from "../../verdict/finding-text.ts";
import { rejectedReport } from "../../verdict/verdict-facts.ts";
import { tellOfWaiting } from "../seal/seal-remarks.ts";
import { type Pruned, prunedReport } from "./prune-text.ts";

/** The options as parsed. */
export interface PruneOptions extends SignerOptions, StoreOptions, ProgressOptions {
  readonly project?: string | undefined;
  readonly guard?: string | undefined;
  readonly allGuards?: true | undefined;
  readonly bundles?: true | undefined;
  readonly yes?: true | undefined;
  readonly keepLast?: number | undefined;
  readonly keepDays?: number | undefined;
  readonly dryRun?: true | undefined;
}

/** Prunes the guard of a folder, or of the nearest guarded folder above it. The folder itself may be missing by now. */
export async function pruneGuard(dir: string, options: PruneOptions, io: Io): Promise<Report> {
  const located = locateGuard(resolve(io.cwd, dir), guardRequest(dir, options, io));
  if (!located.ok) return operationReport(located);
  const { home, homePath, root } = located.value;
  const missing = dropsGuards(options) && isMissing(root) ? root : undefined;
  if (missing !== undefined && !(await agreesToDrop(options, io, `the guard of ${quote(root)}`)))
    return operationReport(operationFault("DECLINED"));
  return reportOf(await pruneRuns({ folder: home, shown: homePath, isGuard: true, missing }, options, io));
}

/** Drops old runs of a project with --bundles, else their bytes. Asks before bundles go where the user named no retention. */
export async function pruneHistory(project: string, options: PruneOptions, io: Io): Promise<Report> {
  const keepsBundles = options.bundles !== true;
  const runs = { folder: resolve(io.cwd, project), shown: project, isGuard: false, keepsBundles };
  return reportOf(await pruneRuns(runs, options, io));
}

function reportOf(done: Pruned | Report): Report {
  return "facts" in done ? done : prunedReport(done);
}

/** Whose runs: the folder with the `.runseal`, and as the user may see it. */
interface OldRuns {
  readonly folder: string;
  readonly shown: string;
  readonly isGuard: boolean;
  /** Whether bytes alone are dropped. */
  readonly keepsBundles?: boolean;
  /** The missing folder whose guard goes as a whole. */
  readonly missing?: string | undefined;
  /** Where the user's signer stays for the next guard: it may ask for a passphrase. The caller disposes of it. */
  readonly lent?: { signer?: Signer };
}

/** Drops old runs, and collects what no run needs then. Asks first if the user named no retention. */
export async function pruneRuns(
  { folder, isGuard, keepsBundles, lent, missing, shown }: OldRuns,
  options: PruneOptions,
  io: Io,
): Promise<Pruned | Report> {
  const dryRun = options.dryRun === true;
  const { keepDays, keepLast } = options;
  const signer = chooseSigner(options, io);
  const trust = chooseTrust({ signer: [] }, io);
  if ("report" in trust) return trust.report;
  const opened = openRoot(folder);
  if (!opened.ok) return operationReport(opened);
  using home = opened.value;
  const rules =
    keepLast === undefined && keepDays === undefined && isGuard
      ? readKeepRules(home.dir, shown)
      : ok({ keepLast, keepWithin: keepDays && keepDays * SECONDS_OF_DAY });
  if (!rules.ok) return operationReport(rules);
  using shownWork = new ShownWork(options, io);
  // A guard that goes as a whole is looked at first, and removed in one step.
  const work = { ...shownWork, dryRun: dryRun || missing !== undefined };
  const forgotten = await forgetRuns({
    ...work,
    keepsBundles,
    dropsAll: missing !== undefined,
    ...rules.value,
    home,
    homePath: shown,
    now: sealingTime(io),
    judge: async (history, place, dropped) => {
      // Beside a project, a file of that name is the user's.
      const choice = isGuard ? choiceOfGuard(trust, await guardsPublicKey(place)) : trust;
      return faultsOfHistory({ ...history, dropped }, choice, sealingTime(io));
    },
    openSigner: async () => {
      work.progress?.end();
      if (!(await agreesToPrune(options, io))) return operationFault("DECLINED");
      if (!isGuard) return await openSigner(signer, signerSurroundings(io));
      if (lent?.signer !== undefined) return ok(lendSigner(lent.signer));
      const signing = await openGuardSigner({ home, homePath: shown }, signer, signerSurroundings(io));
      if (!signing.ok) return signing;
      if (lent === undefined || signing.value.isGuardsOwn) return ok(signing.value.signer);
      lent.signer = signing.value.signer;
      return ok(lendSigner(lent.signer));
    },
    onWaiting: tellOfWaiting(options, io),
  });
  if (!forgotten.ok) return refusedReport(forgotten);
  // A killed snapshot may have left objects even if no run is old.
  const collected = forgotten.value.collected ?? (await collectGarbage({ ...work, root: folder }));
  if (missing !== undefined && !dryRun && collected.ok) {
    const place = { guarded: missing, home, homePath: shown };
    const stays = await removeGuard({ ...work, ...place }, forgotten.value.without);
    if (stays !== undefined) return operationReport(stays);
  }
  return { forgotten: forgotten.value, collected, dryRun };
}

/** Whether the guards of missing folders go as a whole. */
export function dropsGuards({ keepDays, keepLast }: PruneOptions): boolean {
  return keepLast === 0 && keepDays === undefined;
}

/** Whether guards may go for good, with all that is left of their folders. */
export async function agreesToDrop(options: PruneOptions, io: Io, which: string): Promise<boolean> {
  const shown =
    "with --keep-last 0 the guard of a missing folder goes, with the last snapshot of what the folder held; a disk that is not mounted counts as missing\n";
  return options.dryRun === true || (await confirmed(shown, `Remove ${which} for good?`, options, io));
}

/** Whether old runs may go for good; `which` says of what, if not of one place. A retention that the user named has answered. */
export async function agreesToPrune(options: PruneOptions, io: Io, which = ""): Promise<boolean> {
  const { keepDays, keepLast } = options;
  if (keepDays !== undefined || keepLast !== undefined) return true;
  return await confirmed(USUAL_RULE, `Remove the others${which} for good?`, options, io);
}

function refusedReport(fault: ForgetFault<FaultOfHistory>): Report {
  if (fault.code !== "HISTORY_REFUSED")
    return "phase" in fault ? rejectedReport(fault, {}) : operationReport(fault);
  const [first] = fault.faults;
  if (first === undefined) throw new TypeError("a history is refused for a finding");
  const hint =
    first.finding === undefined
      ? "your trust file judges the one signer that CUT.json or DROPPED.json has; runseal trust lists whom it trusts"
      : "runseal verify --history lists all that does not fit; what is wrong with a history is evidence";
  return failureReport({
    code: first.code,
    where: { phase: "chain" },
    message: `nothing was removed: ${first.words}`,
    hints: [hint],
  });
}

const USUAL_RULE =
  "without --keep-last and --keep-days, what snapshot --keep-last and --keep-days set for a guard stays, else the newest 50 runs and those of the last 30 days; and what they need\n--dry-run lists the others\n";
