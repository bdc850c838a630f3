/**
 * Verifying all runs of a history with their outputs, and the chain that they make (PROTOCOL 9, 18). Each run gets a verdict: one that is
 * rejected does not end the work.
 *
 * @module
 */

import {
  BundleChain,
  type ChainBundle,
  type HexDigest,
  type OutputClaims,
  ok,
  type Rejection,
  type VerifiedChain,
  type WebCrypto,
} from "../../src/core/internal.ts";
import type { ArchiveFailure } from "../source/read-archive.ts";
import type { ProjectRun } from "./read-project.ts";
import type { BundleFailure, BundleReport, OutputsFrom } from "./verify-bundle.ts";

/** A run and its verdict. */
export interface RunOfHistory {
  readonly run: ProjectRun;
  readonly from: OutputsFrom;
  readonly verdict: { readonly ok: true; readonly value: ChainBundle } | BundleFailure;
}

/** All runs of a history, verified. */
export interface HistoryReport {
  /** In the order of the history. */
  readonly runs: readonly RunOfHistory[];
  /** The chain root; undefined where a run is rejected or has no verdict. */
  readonly chain:
    | { readonly ok: true; readonly value: VerifiedChain }
    | Rejection
    | ArchiveFailure
    | undefined;
}

/** What to verify. */
export interface AllRunsRequest {
  /** Oldest first. */
  readonly runs: readonly ProjectRun[];
  /** The root of a run that may be the first although it names another one. */
  readonly cutRoot: HexDigest | undefined;
  readonly crypto: WebCrypto;
  readonly verify: (run: ProjectRun, isNewest: boolean) => Promise<BundleReport>;
  /** Of an archive: checks what is in it beside the bundles. */
  readonly checkAll?: ((claims: readonly OutputClaims[]) => Promise<ArchiveFailure | undefined>) | undefined;
  readonly onRun: (done: number) => void;
  readonly signal: AbortSignal;
}

/** Verifies one run after the other. Throws the signal's reason once it is aborted. */
export async function verifyAllRuns(request: AllRunsRequest): Promise<HistoryReport> {
  const { checkAll, crypto, cutRoot, onRun, signal, verify } = request;
  const runs: RunOfHistory[] = [];
  // The page shows no notes: no paths are kept for them.
  const chain = new BundleChain(new Set());
  const claims: OutputClaims[] = [];
  for (const run of request.runs) {
    signal.throwIfAborted();
    const { from, judged, verdict } = await verify(run, run === request.runs.at(-1));
    if (verdict.ok) {
      if (checkAll !== undefined && judged !== undefined) claims.push(judged.claims);
      runs.push({ run, from, verdict: ok(chain.add(verdict.value)) });
    } else runs.push({ run, from, verdict });
    onRun(runs.length);
  }
  if (runs.some((run) => !run.verdict.ok)) return { runs, chain: undefined };
  const refused = await checkAll?.(claims);
  return { runs, chain: refused ?? chain.conclude(undefined, crypto.port, cutRoot) };
}
