/**
 * The verdict on a run in a repository or an archive, once its outputs were found.
 *
 * @module
 */

import {
  type ArtifactReading,
  beginConclusion,
  declaredBytes,
  type JudgedBundle,
  judgeHere,
  type Limits,
  type OutputFindings,
  type Result,
  VERIFY,
  type VerifiedBundle,
} from "../../core/internal.ts";
import { type VerifyFailure, verifyContext } from "../bundle/verify-context.ts";
import type { Repository } from "../registry/repository.ts";
import type { WorkOptions } from "../runtime/progress.ts";
import { NO_KEEPER } from "../source/blob-keeper.ts";
import { OutputFetch } from "./fetch-outputs.ts";
import type { OpenedRun } from "./open-carried.ts";

/** Phases 9 to 11. The tree is the signed one; nothing on a disk is compared with it, as where outputs are in a store. */
export function concludeCarried(
  judged: JudgedBundle,
  findings: OutputFindings,
  tree: ArtifactReading,
  limits: Limits | undefined,
): Result<VerifiedBundle, VerifyFailure> {
  const begun = beginConclusion(judged, findings, verifyContext(limits));
  if (!begun.ok) return begun;
  const { end, readTree } = begun.value;
  return readTree === undefined ? end() : end({ tree: readTree(tree), failure: undefined });
}

/** Fetches the outputs of a run, keeps none of them, and concludes. Fails as `OutputFetch.fetch` and verification do. */
export async function judgeCarried(
  repository: Repository,
  run: OpenedRun,
  work: WorkOptions,
): Promise<Result<VerifiedBundle, VerifyFailure>> {
  const judged = judgeHere(run.opened, verifyContext(), VERIFY);
  if (!judged.ok) return judged;
  const wanted = { claims: judged.value.claims, declaredBytes: declaredBytes(judged.value.status) };
  const fetch = new OutputFetch(repository, run.layers, wanted);
  const fault = await fetch.fetch(NO_KEEPER, work);
  return fault ?? concludeCarried(judged.value, fetch.findings(), run.tree, undefined);
}
