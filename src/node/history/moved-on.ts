/**
 * Whether a later run of a project explains why the folder is not as a run has it, and whether the store still holds that run.
 *
 * @module
 */

import { join } from "node:path";
import {
  type Differences,
  differencesOf,
  explains,
  type History,
  type JudgedBundle,
  MOST_LATER_RUNS,
  type MovedOn,
  matchesDigest,
  mayExplain,
  type SealedRun,
} from "../../core/internal.ts";
import type { VerifyFailure } from "../bundle/verify-context.ts";
import { runsFolderOf } from "../project/project-names.ts";
import { nodeCrypto } from "../runtime/node-crypto.ts";
import { keepsOutputs } from "../store/hash-stored-claims.ts";
import { reportOnBundle, type VerifyRequest } from "../verify/verify-bundle-files.ts";
import { lookAtRun } from "./look-at-run.ts";
import type { JudgedHistoryRun } from "./verify-history.ts";

/** The run that failed below the root, and its history. */
export interface MovedRequest extends Omit<VerifyRequest, "from" | "untilFailure"> {
  readonly home: string;
  /** A history without faults. */
  readonly history: Pick<History<JudgedHistoryRun>, "line">;
  /** Whether the caller trusts the signer of a later run. */
  readonly isTrusted: (sealed: SealedRun) => boolean;
}

/** What the store holds of the run. Its bytes were hashed. */
export type StoredState =
  | { readonly kind: "whole" | "not-kept" }
  | { readonly kind: "damaged"; readonly failure: VerifyFailure };

/** The explanation. */
export interface Explained {
  readonly movedOn: MovedOn;
  readonly stored: StoredState;
}

/**
 * Looks for the newest later run that explains every difference. Compares that run with the folder, and hashes what the store holds of the
 * older one. Throws an Interruption.
 */
export async function findMovedOn(
  failed: JudgedBundle,
  { history, isTrusted, ...request }: MovedRequest,
): Promise<Explained | undefined> {
  const { bundleRoot, claims } = failed;
  const at = history.line.findIndex((run) => matchesDigest(bundleRoot, run.bundleRoot, nodeCrypto));
  const later = at < 0 ? [] : history.line.slice(at + 1).reverse();
  if (later.length === 0 || !claims.areAllLawful) return undefined;
  // The verdict needed the first difference only.
  const differences = differencesOf((await reportOnBundle({ ...request, from: "root" })).failures());
  if (differences === undefined) return undefined;
  const runId = await findExplaining(differences, later.slice(0, MOST_LATER_RUNS), { ...request, isTrusted });
  if (runId === undefined) return undefined;
  const movedOn = { runId, differing: differences.files, files: claims.length };
  return { movedOn, stored: await lookInStore(failed, request) };
}

/** What the caller expects of the older run is not expected of a later one. */
const ANY_BUNDLE = { expectedBundleRoot: undefined, expectedId: undefined };

async function findExplaining(
  differences: Differences,
  later: readonly JudgedHistoryRun[],
  { isTrusted, ...request }: Omit<MovedRequest, "history">,
): Promise<string | undefined> {
  for (const { bundleRoot, runId } of later) {
    const bundle = join(runsFolderOf(request.home), runId);
    const { sealed } = lookAtRun(bundle);
    if (sealed === undefined || bundleRoot === undefined || !isTrusted(sealed)) continue;
    if (!mayExplain(differences, sealed.claims, nodeCrypto)) continue;
    const compared = await reportOnBundle({ ...request, ...ANY_BUNDLE, bundle, from: "root" });
    return explains(differences, bundleRoot, compared, nodeCrypto) ? runId : undefined;
  }
  return undefined;
}

async function lookInStore(
  { claims }: JudgedBundle,
  request: Omit<MovedRequest, "history" | "isTrusted">,
): Promise<StoredState> {
  if (!keepsOutputs(request.home, claims)) return { kind: "not-kept" };
  const demand = { exact: undefined, untilFailure: true };
  const { verdict } = await reportOnBundle({ ...request, ...demand, from: "store" });
  return verdict.ok ? { kind: "whole" } : { kind: "damaged", failure: verdict };
}
