/**
 * Verifying a chain on disk: each bundle in order, then what holds them together (PROTOCOL 9).
 *
 * @module
 */

import {
  checkRunIds,
  concludeChain,
  inChain,
  type Limits,
  type Result,
  type VerifiedBundle,
  type VerifiedChain,
} from "../../core/index.ts";
import { HashCrew } from "../files/hash-crew.ts";
import { runIdOf } from "../files/open-bundle.ts";
import { nodeCrypto } from "../node-crypto.ts";
import { type OutputsFrom, reportWithCrew, type VerifyFailure } from "./verify-bundle-files.ts";

/** Which bundles, in which order, against which folder. */
export interface VerifyChainRequest {
  /** Run directories in the order in which the runs happened. */
  readonly bundles: readonly string[];
  readonly root: string;
  /** Where to look for outputs, of each bundle by itself; default: the root. */
  readonly from?: OutputsFrom | undefined;
  /** The chain root that the caller expects, 64 lowercase hex. */
  readonly expectedRoot?: string;
  /** Threads that may hash at once; by default as many as there are cores. */
  readonly jobs?: number | undefined;
  readonly limits?: Limits;
  readonly signal?: AbortSignal;
}

/** Verifies a chain, all or nothing: the first bundle that fails ends it, with its run id in the details. */
export async function verifyChain(
  request: VerifyChainRequest,
): Promise<Result<VerifiedChain, VerifyFailure>> {
  const runIds = request.bundles.map(runIdOf);
  const refused = checkRunIds(runIds, request.limits?.runs);
  if (refused !== undefined) return refused;
  const crew = new HashCrew(request.jobs);
  try {
    return await verifyEach(request, crew);
  } finally {
    crew.dismiss();
  }
}

async function verifyEach(
  request: VerifyChainRequest,
  crew: HashCrew,
): Promise<Result<VerifiedChain, VerifyFailure>> {
  const verified: VerifiedBundle[] = [];
  for (const bundle of request.bundles) {
    const { verdict } = await reportWithCrew({ ...request, bundle, untilFailure: true }, crew);
    if (!verdict.ok) return "phase" in verdict ? inChain(verdict, runIdOf(bundle)) : verdict;
    verified.push(verdict.value);
  }
  return concludeChain(verified, request.expectedRoot, nodeCrypto);
}
