/** Runs of a repository for a program that divides their verification among processes. @module */

import { isHexDigest, ociDigest, ok, orderNewestFirst, type Result } from "../../core/internal.ts";
import { deciderFor } from "../keys/trust/whom-to-trust.ts";
import { DividedRun } from "../move/carry/divided-run.ts";
import { listRepository } from "../move/carry/list-repository.ts";
import { type FoundRun, findRun } from "../move/carry/open-carried.ts";
import { runsWithFile } from "../move/carry/runs-with-file.ts";
import type { ManifestAddress, Repository } from "../move/registry/repository.ts";
import { nodeCrypto } from "../system/runtime/node-crypto.ts";
import type { OperationFault } from "../system/runtime/operation-fault.ts";
import { ArgumentError, answer, type CommonOptions, type Takes } from "./arguments.ts";
import { openReferred, type PushOptions, referenceIn } from "./carry.ts";
import { type TrustFault, type TrustSpec, trustOf } from "./who.ts";

/** Which runs to list. */
export interface ListRunsOptions extends CommonOptions, Pick<PushOptions, "plainHttp"> {
  /** A repository of a registry, or an OCI layout; with a tag or a digest, one run of it. */
  readonly from: string;
  /** The SHA-256 of a file, 64 lowercase hex: only runs that name it as one of their files are listed. */
  readonly containing?: string | undefined;
}

/** A run of a repository. Nothing of it was checked. */
export interface RepositoryRun {
  /** Its manifest by digest. */
  readonly reference: string;
  /** The run id that the manifest names. */
  readonly runId: string;
}

/** Runs of a repository. */
export interface RepositoryRuns {
  /** In the order of the links that the bundles claim. */
  readonly runs: readonly RepositoryRun[];
  /** Tags that lead to something else. */
  readonly others: number;
  /** Tags that lead to a broken manifest, to one of a run that is not as a push writes it, or to none. */
  readonly broken: number;
  /** Whether the repository has more than are listed. */
  readonly more: boolean;
}

const REFERENCE = { from: "must", plainHttp: "may" } as const;
const LIST_RUNS: Takes<ListRunsOptions> = { ...REFERENCE, containing: "may" };

/**
 * Lists the runs that the tags of a repository lead to, each once. With `containing`, a run whose packs have a malformed index counts as
 * broken.
 */
export async function listRuns(request: ListRunsOptions): Promise<Result<RepositoryRuns, OperationFault>> {
  return await answer(request, LIST_RUNS, async (call) => {
    const { containing, from, signal } = request;
    const reference = referenceIn(from, "from");
    const opened = openReferred(reference, request, call, false);
    if (!opened.ok) return opened;
    using repository = opened.value;
    const listed = ({ digest, layers }: FoundRun): RepositoryRun => ({
      reference: `${repository.shown}@${ociDigest(digest)}`,
      runId: layers.runId,
    });
    const read = await readRuns(repository, addressIn(reference), request);
    if (!read.ok) return read;
    const { broken, more, others, runs } = read.value;
    if (!isHexDigest(containing)) return ok({ runs: runs.map(listed), others, broken, more });
    const having = await runsWithFile(repository, runs, containing, signal);
    if (!having.ok) return having;
    return ok({ runs: having.value.runs.map(listed), others, broken: broken + having.value.broken, more });
  });
}

/** The run of an address, or without one all runs. */
async function readRuns(
  repository: Repository,
  address: ManifestAddress | undefined,
  request: ListRunsOptions,
): Promise<Result<Omit<RepositoryRuns, "runs"> & { readonly runs: readonly FoundRun[] }, OperationFault>> {
  if (address !== undefined) {
    const found = await findRun(repository, address, request.signal);
    return found.ok ? ok({ runs: [found.value], others: 0, broken: 0, more: false }) : found;
  }
  const read = await listRepository(repository, request);
  if (!read.ok) return read;
  const { broken, gone, history, more, others, runs: found } = read.value;
  const runs = orderNewestFirst(history, nodeCrypto)
    .toReversed()
    .flatMap((run) => found.get(run) ?? []);
  return ok({ runs, others, broken: broken + gone, more });
}

/** Which run to open, and whom to believe. */
export interface OpenRunOptions extends Omit<ListRunsOptions, "containing"> {
  readonly trust: TrustSpec;
}

const OPEN_RUN: Takes<OpenRunOptions> = { ...REFERENCE, trust: "must" };

/** Opens one run of a repository, named by a tag or a digest, to verify it in parts. */
export async function openRun(
  request: OpenRunOptions,
): Promise<Result<DividedRun, OperationFault | TrustFault>> {
  return await answer(request, OPEN_RUN, async (call) => {
    const trust = trustOf(request.trust, call);
    if (!trust.ok) return trust;
    const reference = referenceIn(request.from, "from");
    const address = addressIn(reference);
    if (address === undefined) throw new ArgumentError("from", "needs a tag or a digest");
    const opened = openReferred(reference, request, call, false);
    if (!opened.ok) return opened;
    const policy = trust.value === "any-signer" ? undefined : trust.value.policy;
    const demand = { policy, decide: deciderFor(trust.value), signal: request.signal };
    let run: Awaited<ReturnType<typeof DividedRun.open>> | undefined;
    try {
      run = await DividedRun.open(opened.value, address, demand);
      return run;
    } finally {
      if (run?.ok !== true) opened.value[Symbol.dispose]();
    }
  });
}

function addressIn({ digest, tag }: ReturnType<typeof referenceIn>): ManifestAddress | undefined {
  if (digest !== undefined) return { digest };
  return tag === undefined || tag === "" ? undefined : { tag };
}
