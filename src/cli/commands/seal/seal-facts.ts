/** What seal and run report of a sealed bundle, for programs. @module */

import type { TreeCounts } from "../../../node/make/seal/bundle-contents.ts";
import type { CompletedSeal } from "../../../node/make/seal/seal-into-project.ts";
import type { RecoveredSeal } from "../../../node/records/project/finish-pending.ts";
import type { KilledRun } from "../../../node/run/run-claim.ts";
import type { OperationDetails, OperationFault } from "../../../node/system/runtime/operation-fault.ts";
import type { KilledRunFacts, RecoveredSealFacts } from "../../results/recovery.ts";
import type { AnySealFacts, SealedTreeFacts, SignedSealFacts } from "../../results/seal-members.ts";
import { failedRunFacts, signerFacts } from "../../verdict/verdict-facts.ts";

/** A signed bundle for a program. What became of its timestamp is added later. */
export function sealFacts(sealed: CompletedSeal): Omit<SignedSealFacts, "timestamp"> {
  const { bundle, runId, bundleRoot, proofHash, previousBundleRoot, files, bytes, signer } = sealed;
  return {
    bundle,
    run_id: runId,
    bundle_root: bundleRoot,
    proof_hash: proofHash,
    previous_bundle_root: previousBundleRoot ?? null,
    failed_runs: sealed.failedRuns.map(failedRunFacts),
    files,
    bytes,
    signer: signerFacts(signer),
    kept: sealed.kept ?? null,
    kept_bytes: sealed.keptBytes ?? null,
    unkept: sealed.unkept?.code ?? null,
    replaced: sealed.replaced ?? null,
    remembered: sealed.memory ?? null,
    recovered: recoveredSealFacts(sealed.recovered),
    unreleased: unreleasedFacts(sealed.unreleased),
  };
}

/** What a tree holds, for a program. Of what was listed here there is always one. */
export function treeFacts(tree: TreeCounts | undefined): SealedTreeFacts {
  if (tree === undefined) throw new TypeError("a seal that lists files has a tree");
  const { emptyFolders, links, linksOutside, programs } = tree;
  return { programs, links, links_outside: linksOutside, empty_folders: emptyFolders };
}

/** A lock that could not be removed, for a program; null where it was. */
export function unreleasedFacts(fault: OperationFault | undefined): AnySealFacts["unreleased"] {
  const { path, reason }: OperationDetails = fault?.details ?? {};
  return path === undefined ? null : { path, reason };
}

/** Killed seals, and what became of them. */
export function recoveredSealFacts(recovered: readonly RecoveredSeal[]): readonly RecoveredSealFacts[] {
  return recovered.map(({ end, run }) => ({
    end,
    run_id: run?.runId ?? null,
    bundle_root: run?.bundleRoot ?? null,
  }));
}

/** Runs that were killed before they were sealed. */
export function killedRunFacts(killed: readonly KilledRun[]): readonly KilledRunFacts[] {
  return killed.map(({ runId, started }) => ({ run_id: runId, started }));
}
