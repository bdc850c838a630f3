/** What seal and run report of a sealed bundle, for programs. @module */

import type { CompletedSeal, KilledRun, RecoveredSeal, TreeCounts } from "../../../node/index.ts";
import { failedRunFacts, signerFacts } from "../../verdict/verdict-facts.ts";

/** A sealed bundle for a program. */
export function sealFacts(sealed: CompletedSeal): object {
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
    tree: treeFacts(sealed.tree),
    signer: signerFacts(signer),
    kept: sealed.kept ?? null,
    unkept: sealed.unkept?.code ?? null,
    replaced: sealed.replaced ?? null,
    remembered: sealed.memory ?? null,
    recovered: recoveredSealFacts(sealed.recovered),
    unreleased: sealed.unreleased?.details ?? null,
  };
}

/** What a tree holds, for a program; null for a plain bundle. */
export function treeFacts(tree: TreeCounts | undefined): object | null {
  if (tree === undefined) return null;
  const { emptyFolders, links, linksOutside, programs } = tree;
  return { programs, links, links_outside: linksOutside, empty_folders: emptyFolders };
}

/** Killed seals, and what became of them. */
export function recoveredSealFacts(recovered: readonly RecoveredSeal[]): readonly object[] {
  return recovered.map(({ end, run }) => ({
    end,
    run_id: run?.runId ?? null,
    bundle_root: run?.bundleRoot ?? null,
  }));
}

/** Runs that were killed before they were sealed. */
export function killedRunFacts(killed: readonly KilledRun[]): readonly object[] {
  return killed.map(({ runId, started }) => ({ run_id: runId, started }));
}
