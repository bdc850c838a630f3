/**
 * Whether a later run of a project explains why the folder is not as a run has it, and whether the store still holds that run.
 *
 * @module
 */

import { join } from "node:path";
import {
  type Explained,
  findMovedOn,
  type History,
  type JudgedBundle,
  matchesDigest,
  type SealedRun,
} from "../../../core/internal.ts";
import type { VerifyFailure } from "../../records/bundle/verify-context.ts";
import { runsFolderOf } from "../../records/project/project-names.ts";
import { keepsOutputs } from "../../records/store/hash-stored-claims.ts";
import { nodeCrypto } from "../../system/runtime/node-crypto.ts";
import { reportOnBundle, type VerifyRequest } from "../verify/verify-bundle-files.ts";
import { inspectRun } from "./inspect-run.ts";
import type { JudgedHistoryRun } from "./verify-history.ts";

/** The run that failed below the root, and its history. */
export interface MovedRequest extends Omit<VerifyRequest, "from" | "untilFailure"> {
  readonly home: string;
  /** A history without faults. */
  readonly history: Pick<History<JudgedHistoryRun>, "line">;
  /** Whether the caller trusts the signer of a later run. */
  readonly isTrusted: (sealed: SealedRun) => boolean;
}

/** What explains that the folder differs. */
export type ExplainedRun = Explained<JudgedHistoryRun, VerifyFailure>;

/** What the caller expects of the older run is not expected of a later one. */
const ANY_BUNDLE = { expectedBundleRoot: undefined, expectedId: undefined };

/** Looks for the newest later run that explains every difference, among those of trusted signers. Throws an Interruption. */
export async function findLaterRun(
  failed: JudgedBundle,
  { history: { line }, isTrusted, ...request }: MovedRequest,
): Promise<ExplainedRun | undefined> {
  const { bundleRoot, claims } = failed;
  const at = line.findIndex((run) => matchesDigest(bundleRoot, run.bundleRoot, nodeCrypto));
  const bundleOf = ({ runId }: JudgedHistoryRun): string => join(runsFolderOf(request.home), runId);
  return await findMovedOn<JudgedHistoryRun, VerifyFailure>(failed, {
    later: at < 0 ? [] : line.slice(at + 1).reverse(),
    // The verdict needed the first difference only.
    failures: async () => (await reportOnBundle({ ...request, from: "root" })).failures(),
    claimsOf: (run) => {
      const { sealed } = inspectRun(bundleOf(run));
      return sealed !== undefined && isTrusted(sealed) ? sealed.claims : undefined;
    },
    compare: async (run) =>
      await reportOnBundle({ ...request, ...ANY_BUNDLE, bundle: bundleOf(run), from: "root" }),
    isKept: () => keepsOutputs(request.home, claims),
    verifyStored: async () =>
      await reportOnBundle({ ...request, exact: undefined, untilFailure: true, from: "store" }),
    crypto: nodeCrypto,
  });
}
