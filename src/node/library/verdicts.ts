/** Verdicts for a program: `ok` is what exit code 0 of the command is, and has the decision about the signer. @module */

import {
  type HistoryFinding,
  type HistoryStatement,
  historyStatements,
  NO_FAILED_RUNS,
  ok,
  quote,
  type Result,
  signedAt,
  type TreeDemand,
  type VerifiedBundle,
  type VerifiedChain,
} from "../../core/internal.ts";
import { type JudgedHistoryRun, reportOnHistory } from "../judge/history/verify-history.ts";
import type { ExpectedBundle, ExpectedChain } from "../judge/verify/expected-bundle.ts";
import { judgeBundle, type VerifyRequest } from "../judge/verify/verify-bundle-files.ts";
import { judgeBundleChain, type VerifyChainRequest } from "../judge/verify/verify-chain-files.ts";
import {
  type AcceptedSigner,
  type Decide,
  deciderFor,
  type UntrustedSigner,
  untrustedSigner,
} from "../keys/trust/whom-to-trust.ts";
import {
  type CheckedFiles,
  type CheckProofFailure,
  type CheckProofRequest,
  judgeProofOfFiles,
} from "../make/prove/check-proof-of-files.ts";
import { type ProveFailure, type ProvenFiles, proveBundleFiles } from "../make/prove/prove-bundle-files.ts";
import type { VerifyFailure } from "../records/bundle/verify-context.ts";
import { answer, type CommonOptions, EXPECTED, PLACE, type Takes } from "./arguments.ts";
import { findBundle, findBundles, type PlaceOptions } from "./places/bundle-place.ts";
import { projectPlace } from "./places/project-place.ts";
import { type TrustFault, type TrustSpec, trustOf } from "./who.ts";

/** Which run. `project` is a folder in the project whose runs ids name, `files` the folder that outputs are in; default: the current one, and the run's project. */
export interface BundleOptions extends CommonOptions, ExpectedBundle, PlaceOptions {
  /** A run directory by its path, or the id of a run of the project; `latest` and `latest~N` too. */
  readonly bundle: string;
}

/** What to verify, and whom to believe. */
export interface VerifyOptions extends BundleOptions, TreeDemand, Pick<VerifyRequest, "from"> {
  readonly trust: TrustSpec;
}

/** A bundle that is whole, with its outputs, by a signer that is trusted. */
export interface AcceptedBundle {
  readonly bundle: VerifiedBundle;
  readonly trust: AcceptedSigner;
}

const VERIFY: Takes<VerifyOptions> = {
  ...PLACE,
  ...EXPECTED,
  ...{ bundle: "must", trust: "must", exact: "may", from: "may", ignore: "may", ignoreModes: "may" },
};

/** Verifies one run: it is accepted, each output is as it was sealed, and the signer is trusted. */
export async function verify(
  request: VerifyOptions,
): Promise<Result<AcceptedBundle, VerifyFailure | UntrustedSigner | TrustFault>> {
  return await answer(request, VERIFY, async (call) => {
    const believed = trustOf(request.trust, call);
    if (!believed.ok) return believed;
    const place = findBundle(request.bundle, request, call);
    if (!place.ok) return place;
    const verdict = await judgeBundle({ ...request, ...place.value });
    if (!verdict.ok) return verdict;
    const bundle = verdict.value;
    const trust = deciderFor(believed.value)(bundle);
    return trust.ok
      ? ok({ bundle, trust })
      : untrustedSigner(bundle.signer, trust, "the bundle is sound, but ");
  });
}

/** Which history to verify, and whom to believe. */
export interface VerifyHistoryOptions
  extends CommonOptions,
    PlaceOptions,
    Pick<ExpectedChain, "expectedChainRoot">,
    Pick<VerifyChainRequest, "from" | "ignoreModes"> {
  /** Runs in the order in which they happened, as `bundle` names one; default: the whole history of the project. */
  readonly bundles?: readonly string[] | undefined;
  readonly trust: TrustSpec;
}

/** A history that holds, each bundle by a signer that is trusted. */
export interface AcceptedChain {
  /** A bundle without `bytes` is one whose bytes were dropped: all of it but these is verified. */
  readonly chain: VerifiedChain;
  /** What was decided of each bundle's signer, in the order of the chain. */
  readonly trust: readonly AcceptedSigner[];
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

/** Why a history is not accepted. */
export type HistoryFailure = VerifyFailure | HistoryBroken | UntrustedSigner | TrustFault;

const VERIFY_HISTORY: Takes<VerifyHistoryOptions> = {
  ...PLACE,
  ...{ trust: "must", bundles: "may", expectedChainRoot: "may", from: "may", ignoreModes: "may" },
};

/** Verifies the history of a project, or some runs in order. `from` is `"newest-root"` unless it is given. */
export async function verifyHistory(
  request: VerifyHistoryOptions,
): Promise<Result<AcceptedChain, HistoryFailure>> {
  return await answer(request, VERIFY_HISTORY, async (call) => {
    const believed = trustOf(request.trust, call);
    if (!believed.ok) return believed;
    const decide = deciderFor(believed.value);
    const { bundles, from = "newest-root" } = request;
    if (bundles !== undefined) {
      const places = findBundles(bundles, request, call);
      if (!places.ok) return places;
      const [{ home, root } = { home: ".", root: "." }] = places.value;
      const paths = places.value.map(({ bundle }) => bundle);
      const verdict = await judgeBundleChain({ ...request, from, home, root, bundles: paths });
      return verdict.ok ? decideChain(verdict.value, decide, "chain") : verdict;
    }
    const place = projectPlace(request.project, call);
    if (!place.ok) return place;
    const { home } = place.value;
    const { files: root = place.value.root } = request;
    const read = await reportOnHistory({ ...request, ...call, from, home, root });
    if (!read.ok) return read;
    const { dropped, history, verdict } = read.value;
    const [first] = history.findings;
    if (first !== undefined) return historyBroken(first, history.findings);
    if (verdict === undefined) throw new TypeError("a history without findings has a verdict");
    if (!verdict.ok) return verdict;
    return decideChain(verdict.value, decide, "history", historyStatements(history.cut, dropped));
  });
}

/** Decides about each signer of a chain that holds, and of what a history rests on: the first that is not trusted ends it. */
function decideChain(
  chain: VerifiedChain,
  decide: Decide,
  noun: "chain" | "history",
  statements: readonly HistoryStatement[] = [],
): Result<AcceptedChain, UntrustedSigner> {
  const trusted: AcceptedSigner[] = [];
  for (const bundle of chain.bundles) {
    const trust = decide(bundle);
    if (!trust.ok) {
      const sound = `the ${noun} is sound, but run ${quote(bundle.runId)}: `;
      return untrustedSigner(bundle.signer, trust, sound, { run_id: bundle.runId });
    }
    trusted.push(trust);
  }
  for (const { name, signedAt: at, signer } of statements) {
    const trust = decide(signedAt(signer, at));
    if (!trust.ok) return untrustedSigner(signer, trust, `the ${noun} is sound, but ${name}: `);
  }
  return ok({ chain, trust: trusted });
}

function historyBroken(
  first: HistoryFinding<JudgedHistoryRun>,
  findings: readonly HistoryFinding<JudgedHistoryRun>[],
): HistoryBroken {
  if (first.code !== "RUN_REJECTED") {
    const message = `${first.code}: the runs are not one whole history up to HEAD`;
    return { ok: false, code: first.code, message, details: {}, findings };
  }
  const { failure, runId } = first.run;
  if (failure === undefined) throw new TypeError("a run is rejected for a reason");
  const message = `run ${quote(runId)}: ${failure.message}`;
  return { ok: false, code: failure.code, message, details: { run_id: runId }, findings };
}

/** Which files of a run to prove. */
export interface ProveOptions extends BundleOptions {
  /** Paths of the run's outputs, or of such files on this disk. */
  readonly paths: readonly string[];
}

const PROVE: Takes<ProveOptions> = { ...PLACE, ...EXPECTED, bundle: "must", paths: "must" };

/** Proves that files were in a run, without its other files. `bytes` of the value is what `check` reads. Does not judge the signer. */
export async function prove(request: ProveOptions): Promise<Result<ProvenFiles, ProveFailure>> {
  return await answer(request, PROVE, (call) => {
    const place = findBundle(request.bundle, request, call);
    return place.ok ? proveBundleFiles({ ...request, ...call, ...place.value }) : place;
  });
}

/** Which proof to check, which files with it, and whom to believe. */
export interface CheckOptions
  extends CommonOptions,
    Pick<CheckProofRequest, "as" | "proof" | keyof ExpectedBundle> {
  /** Files on this disk. Without any, only the proof itself is checked. */
  readonly paths?: readonly string[] | undefined;
  readonly trust: TrustSpec;
}

/** Files that are as they were sealed, by a signer that is trusted. */
export interface AcceptedFiles extends CheckedFiles {
  readonly trust: AcceptedSigner;
}

const CHECK: Takes<CheckOptions> = { ...EXPECTED, proof: "must", trust: "must", as: "may", paths: "may" };

/** Checks a proof of files, and files by it. */
export async function check(
  request: CheckOptions,
): Promise<Result<AcceptedFiles, CheckProofFailure | UntrustedSigner | TrustFault>> {
  return await answer(request, CHECK, async (call) => {
    const believed = trustOf(request.trust, call);
    if (!believed.ok) return believed;
    const checked = await judgeProofOfFiles({ ...request, ...call, files: request.paths ?? [] });
    if (!checked.ok) return checked;
    const { signer, statement } = checked.value.proof;
    const binding = {
      sealedAt: statement.sealedAt,
      previousBundleRoot: undefined,
      failedRuns: NO_FAILED_RUNS,
    };
    // The statement is signed with its run and its moment, as a bound bundle is. It carries no countersignature.
    const signed = { signer, binding, countersignatures: [], timestamps: undefined };
    const trust = deciderFor(believed.value)(signed);
    return trust.ok
      ? ok({ ...checked.value, trust })
      : untrustedSigner(signer, trust, "the proof is sound, but ");
  });
}
