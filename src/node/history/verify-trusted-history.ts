/**
 * Verifying a project's history for a program: nothing that does not fit, every output, and each signer trusted.
 *
 * @module
 */

import { type HistoryFinding, quote, type Rejection, type Result } from "../../core/internal.ts";
import type { VerifyFailure } from "../bundle/verify-context.ts";
import type { OperationFault } from "../runtime/operation-fault.ts";
import { deciderFor, type KeyRefused, type Trust, type UntrustedSigner } from "../trust/whom-to-trust.ts";
import { type AcceptedChain, decideChain } from "../verify/verify-chain.ts";
import { type JudgedHistoryRun, reportOnHistory, type VerifyHistoryRequest } from "./verify-history.ts";

/** Whose history to verify, and whom to believe. */
export interface TrustedHistoryRequest extends VerifyHistoryRequest {
  readonly trust: Trust;
}

/** Something does not fit into the history: no output was looked at. */
export interface HistoryBroken {
  readonly ok: false;
  /** The first finding's; of a run that is rejected, its own verdict's. */
  readonly code: Exclude<HistoryFinding<JudgedHistoryRun>["code"], "RUN_REJECTED"> | VerifyFailure["code"];
  readonly message: string;
  readonly details: { readonly run_id?: string };
  readonly findings: readonly HistoryFinding<JudgedHistoryRun>[];
}

/**
 * Verifies the history of a project. `ok` is what exit code 0 of `runseal verify --history` is. As there, `from` is `"newest-root"`
 * unless it is given.
 */
export async function verifyHistory(
  request: TrustedHistoryRequest,
): Promise<
  Result<
    AcceptedChain,
    VerifyFailure | OperationFault | Rejection | HistoryBroken | UntrustedSigner | KeyRefused
  >
> {
  const decide = deciderFor(request.trust);
  if (!decide.ok) return decide;
  const read = await reportOnHistory({ ...request, from: request.from ?? "newest-root" });
  if (!read.ok) return read;
  const { history, verdict } = read.value;
  const [first] = history.findings;
  if (first !== undefined) return historyBroken(first, history.findings);
  if (verdict === undefined) throw new TypeError("a history without findings has a verdict");
  return verdict.ok ? decideChain(verdict.value, decide.value, "history", history.cut) : verdict;
}

function historyBroken(
  first: HistoryFinding<JudgedHistoryRun>,
  findings: readonly HistoryFinding<JudgedHistoryRun>[],
): HistoryBroken {
  if (first.code !== "RUN_REJECTED") {
    const message = `${first.code}: the runs are not one whole line up to HEAD`;
    return { ok: false, code: first.code, message, details: {}, findings };
  }
  const { failure, runId } = first.run;
  if (failure === undefined) throw new TypeError("a run is rejected for a reason");
  const message = `run ${quote(runId)}: ${failure.message}`;
  return { ok: false, code: failure.code, message, details: { run_id: runId }, findings };
}
