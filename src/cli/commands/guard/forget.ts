/** `runseal forget`: takes old runs from the line, and removes the objects that no other run names. @module */

import { ok } from "../../../core/internal.ts";
import { type ForgetFault, type ForgottenAndCollected, forgetRuns } from "../../../node/guard/forget.ts";
import { guardsPublicKey, openGuardSigner } from "../../../node/guard/guard-key.ts";
import type { StoreOptions } from "../../options/guard-options.ts";
import { openKnownGuard } from "../../options/known-guard.ts";
import { signerSurroundings } from "../../options/passphrases.ts";
import { sealingTime } from "../../options/sealing-options.ts";
import { chooseSigner, type SignerOptions } from "../../options/signer-options.ts";
import { chooseTrust } from "../../options/trust-options.ts";
import { UsageError } from "../../options/usage-error.ts";
import { failureReport, operationReport, withLateFault } from "../../output/failure-report.ts";
import type { Io } from "../../output/io.ts";
import { doneReport, type Report } from "../../output/report.ts";
import { type ProgressOptions, showProgress } from "../../progress/show-progress.ts";
import { codeOfFinding, findingWords, type LineFault, lineFaults } from "../../verdict/finding-text.ts";
import { rejectedReport } from "../../verdict/verdict-facts.ts";
import { tellOfWaiting } from "../seal/seal-remarks.ts";
import { removalFacts } from "../store/removal-facts.ts";
import { collectedRemarks } from "../store/store-text.ts";
import { forgetFacts, forgottenLines } from "./forget-text.ts";

/** The options as parsed. */
export interface ForgetOptions extends SignerOptions, StoreOptions, ProgressOptions {
  readonly keepLast?: string | undefined;
  readonly keepWithin?: string | undefined;
  readonly dryRun?: true | undefined;
}

/** Forgets. */
export async function runForget(dir: string, options: ForgetOptions, io: Io): Promise<Report> {
  const dryRun = options.dryRun === true;
  const rules = rulesOf(options);
  const signer = chooseSigner(options, io);
  const trust = chooseTrust({ signer: [] }, io);
  if ("report" in trust) return trust.report;
  const opened = openKnownGuard(dir, options, io);
  if (!opened.ok) return operationReport(opened);
  using guarded = opened.value;
  const { guard } = guarded;
  using progress = showProgress(options, io);
  const forgotten = await forgetRuns({
    ...rules,
    home: guard.home,
    homePath: guard.homePath,
    environment: io.environment,
    dryRun,
    now: sealingTime(io),
    judge: async (history, home) => {
      // Beside a project, a file of that name is the user's.
      const guardsKey = guard.isInProject ? undefined : await guardsPublicKey(home);
      return lineFaults(history, { ...trust, guardsKey }, sealingTime(io));
    },
    openSigner: async () => {
      progress?.port.end();
      const signing = await openGuardSigner(guard, signer, signerSurroundings(io));
      return signing.ok ? ok(signing.value.signer) : signing;
    },
    signal: io.signal,
    progress: progress?.port,
    onWaiting: options.json === true ? undefined : () => tellOfWaiting(io),
  });
  return forgotten.ok ? forgottenReport(forgotten.value, dryRun) : refusedReport(forgotten);
}

function forgottenReport(done: ForgottenAndCollected, dryRun: boolean): Report {
  const { collected, unreleased } = done;
  const facts = forgetFacts(done);
  const text = forgottenLines(done, dryRun);
  if (collected?.ok === false) {
    // The runs are gone, and the line verifies. The next gc removes what they named.
    const failed = operationReport(collected);
    const removed = collected.removals === undefined ? null : removalFacts(collected.removals);
    return { ...failed, facts: { ...failed.facts, ...facts, collected: removed }, text };
  }
  const message = dryRun
    ? "nothing was forgotten: this is what would be"
    : done.forgotten.length === 0
      ? "there is nothing to forget"
      : "forgot old runs";
  const remarks = collected === undefined ? [] : collectedRemarks(collected.value);
  const report: Report = doneReport(message, facts, text, { remarks });
  return withLateFault(withLateFault(report, collected?.value.unreleased), unreleased);
}

function refusedReport(fault: ForgetFault<LineFault>): Report {
  if (fault.code !== "HISTORY_REFUSED")
    return "phase" in fault ? rejectedReport(fault, {}) : operationReport(fault);
  const [first] = fault.faults;
  if (first === undefined) throw new TypeError("a history is refused for a finding");
  return failureReport({
    code: codeOfFinding(first),
    where: { phase: "chain" },
    message: `nothing was forgotten: ${findingWords(first)}`,
    hints: ["runseal verify --history lists all that does not fit; what is wrong with a history is evidence"],
  });
}

const SECONDS: Readonly<Record<string, number>> = { h: 3600, d: 86_400, w: 604_800 };

/** Which runs to keep. Throws usage errors. */
function rulesOf({ keepLast, keepWithin }: ForgetOptions): {
  readonly keepLast: number | undefined;
  readonly keepWithin: number | undefined;
} {
  if (keepLast !== undefined && !/^[1-9][0-9]{0,8}$/.test(keepLast))
    throw new UsageError("--keep-last takes a whole number from 1 on");
  const [, count, unit = ""] = /^([1-9][0-9]{0,5})([hdw])$/.exec(keepWithin ?? "") ?? [];
  if (keepWithin !== undefined && count === undefined)
    throw new UsageError("--keep-within takes a number with h, d or w, such as 12h, 30d or 8w");
  return {
    keepLast: keepLast === undefined ? undefined : Number(keepLast),
    keepWithin: count === undefined ? undefined : Number(count) * (SECONDS[unit] ?? 0),
  };
}
