/**
 * Pulls a run into a project, from a registry or an archive: verified in whole before it appears. Its bytes come first, its bundle last,
 * and HEAD is never written. A run that the project's own history names and lost comes back among its runs; any other one is kept apart
 * from them.
 *
 * @module
 */

import { join } from "node:path";
import {
  admitOutputs,
  beginConclusion,
  declaredBytes,
  type HexDigest,
  itemAt,
  type JudgedBundle,
  judgeHere,
  ok,
  type Result,
  type SignerIdentity,
  type TrustPolicy,
  VERIFY,
  type VerifiedBundle,
} from "../../../core/internal.ts";
import type { OpenKeeper } from "../../judge/source/blob-keeper.ts";
import type { BundleSource, CarriedRun, CarrierOrigin } from "../../judge/source/bundle-source.ts";
import { Spool, SpoolFailure } from "../../judge/source/spool.ts";
import { carriedTree, endWithTree, readCarriedTree } from "../../judge/source/tree-look.ts";
import { checkExpected, type ExpectedBundle, underExpectedId } from "../../judge/verify/expected-bundle.ts";
import { boundOutputs } from "../../judge/verify/judge-source.ts";
import { openOne } from "../../judge/verify/open-one.ts";
import type { SignedThing } from "../../keys/trust/whom-to-trust.ts";
import { writeBundle } from "../../records/bundle/bundle-writer.ts";
import { type VerifyFailure, verifyContext } from "../../records/bundle/verify-context.ts";
import { readHead } from "../../records/project/head-file.ts";
import { heldFolder } from "../../records/project/held-folder.ts";
import { type HeldProject, holdProject } from "../../records/project/held-project.ts";
import { writeOwnGitignore } from "../../records/project/project-gitignore.ts";
import { ownFolderOf, PULLED_NAME, RUNS_NAME } from "../../records/project/project-names.ts";
import { isInHistory } from "../../records/project/walk-history.ts";
import { AnchoredRoot } from "../../system/files/anchored-root.ts";
import { nodeFileSystem as fs } from "../../system/files/file-system.ts";
import { openOrMakeFolders } from "../../system/files/make-folders.ts";
import { closedOutputs } from "../../system/packs/closed-outputs.ts";
import { errnoOf, reasonOf } from "../../system/runtime/machine-reason.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";
import type { WorkOptions } from "../../system/runtime/progress.ts";
import type { Environment } from "../../system/runtime/user-home.ts";
import { BlobPlacing } from "./place-blobs.ts";
import { placeRanges } from "./place-ranges.ts";
import { addReferrers, filesOf, runThere } from "./pulled-files.ts";

/** What to pull, and where to. */
export interface PullRequest extends ExpectedBundle, WorkOptions {
  /** Closed by the caller. */
  readonly source: BundleSource;
  /** What the caller calls it; a registry names its manifest itself. */
  readonly shown: string;
  /** Which run of the source. */
  readonly runs?: readonly string[] | undefined;
  /** Whose timestamps are taken. */
  readonly policy?: TrustPolicy | undefined;
  /** The project's folder, which is made if it is missing. */
  readonly into: string;
  readonly environment?: Environment | undefined;
  /** Called once if another process holds the project for more than a moment. */
  readonly onWaiting?: (() => void) | undefined;
}

/** A signer that the caller does not trust. Nothing was fetched but the bundle's own files. */
export interface UntrustedRun<Refusal> {
  readonly ok: false;
  readonly code: "SIGNER_REFUSED";
  readonly refusal: Refusal;
  readonly run: PulledFacts;
}

/** What is known of a run whose signature holds. */
export interface PulledFacts extends SignedThing {
  readonly runId: string;
  readonly bundleRoot: HexDigest;
  readonly signer: SignerIdentity;
  /** Where it comes from: a reference by digest, or what the caller calls the archive. */
  readonly from: string;
}

/** A run in the project. */
export interface PulledRun {
  readonly bundle: VerifiedBundle;
  /** A reference by digest, or what the caller calls the archive. */
  readonly from: string;
  /** Whether the run was there before. */
  readonly wasThere: boolean;
  /** Whether the run is in the history that ends at the project's HEAD; any other run is kept apart. */
  readonly inHistory: boolean;
  /** Bytes of outputs that were fetched or placed, and of blobs that were in the store. */
  readonly fetchedBytes: number;
  readonly presentBytes: number;
  /** Of a registry. */
  readonly referrers: CarrierOrigin["referrers"] | undefined;
  /** PROJECT_LOCK_NOT_RELEASED where the project's lock could not be removed afterwards. */
  readonly unreleased: OperationFault | undefined;
}

/**
 * Pulls a run. Fails as the source does; with AMBIGUOUS if it has several runs; as verification does; with SIGNER_REFUSED if the caller
 * refuses its signer; with RUN_EXISTS if another run has its name; as `holdProject` does; and with WRITE_FAILED. Then the run is not
 * there. Throws an Interruption.
 */
export async function pullRun<Refusal>(
  request: PullRequest & {
    /** Says why a signer is not trusted; `undefined`: it is. Asked before outputs are fetched. */
    readonly refuseSigner: (run: PulledFacts) => Refusal | undefined;
  },
): Promise<Result<PulledRun, VerifyFailure | UntrustedRun<Refusal>>> {
  const { shown, signal, source } = request;
  const opened = await openOne(source, request.runs, signal);
  if (!opened.ok) return opened;
  const run = opened.value;
  const context = verifyContext();
  const judged = judgeHere(underExpectedId(run.opened, request), context, VERIFY);
  if (!judged.ok) return judged;
  const other = checkExpected(judged.value, request);
  if (other !== undefined) return other;
  const facts = admitOutputs(judged.value, context);
  if (!facts.ok) return facts;
  const pulling = { ...facts.value, from: source.origin?.reference ?? shown };
  const refusal = request.refuseSigner(pulling);
  if (refusal !== undefined) return { ok: false, code: "SIGNER_REFUSED", refusal, run: pulling };
  const home = openHome(request.into);
  if (!home.ok) return home;
  using folder = home.value;
  const { environment, onWaiting } = request;
  const hold = { home: folder, homePath: request.into, environment, signal, onWaiting };
  const held = await holdProject(hold);
  if (!held.ok) return held;
  let unreleased: OperationFault | undefined;
  let pulled: Result<Omit<PulledRun, "unreleased">, VerifyFailure>;
  try {
    pulled = await pullInto(held.value, run, judged.value, request);
  } catch (thrown) {
    if (!(thrown instanceof SpoolFailure)) throw thrown;
    return operationFault("WRITE_FAILED", { path: request.into, reason: reasonOf(thrown.cause) });
  } finally {
    unreleased = held.value.release();
  }
  return pulled.ok ? ok({ ...pulled.value, unreleased }) : pulled;
}

function openHome(path: string): Result<AnchoredRoot, OperationFault> {
  try {
    openOrMakeFolders(path, 0o777).close();
    return ok(AnchoredRoot.open(path));
  } catch (thrown) {
    return operationFault("WRITE_FAILED", { path, reason: reasonOf(thrown) });
  }
}

/** As the lock holder. */
async function pullInto(
  held: HeldProject,
  run: CarriedRun,
  judged: JudgedBundle,
  request: PullRequest,
): Promise<Result<Omit<PulledRun, "unreleased">, VerifyFailure>> {
  const { into, policy, signal, source } = request;
  const there = runThere(held.folder, run, into);
  if (!there.ok) return there;
  const isNew = ![RUNS_NAME, PULLED_NAME].some((name) => held.folder.has(name));
  const brought = await bringOutputs(held.home, run, judged, request);
  if (!brought.ok) return brought;
  const { bundle } = brought.value;
  const inHistory = isOfHistory(held, bundle.bundleRoot);
  const name = there.value ?? (inHistory ? RUNS_NAME : PULLED_NAME);
  const wasThere = there.value !== undefined;
  const { origin } = source;
  const from = origin?.reference ?? request.shown;
  const shown = join(ownFolderOf(into), name);
  const { runId } = run.opened;
  if (wasThere) {
    const fault = await addReferrers(join(shown, runId), run, bundle.bundleRoot, policy, signal);
    if (fault !== undefined) return fault;
  } else {
    const written = writeBundle(
      heldFolder(held, { name, shown }),
      runId,
      filesOf(run, name === PULLED_NAME ? from : undefined),
    );
    if (!written.ok) return written.fault;
  }
  if (isNew) writeOwnGitignore(held.folder);
  return ok({ ...brought.value, from, wasThere, inHistory, referrers: origin?.referrers });
}

/** Brings the outputs into the store, durable, and concludes. A registry's go there as they come, an archive's once they are verified. */
async function bringOutputs(
  home: AnchoredRoot,
  run: CarriedRun,
  judged: JudgedBundle,
  { progress, signal, source }: PullRequest,
): Promise<Result<Pick<PulledRun, "bundle" | "fetchedBytes" | "presentBytes">, VerifyFailure>> {
  const { claims, status } = judged;
  const context = verifyContext();
  const isFetched = source.origin !== undefined;
  const bound = isFetched
    ? ok({ claims, declaredBytes: declaredBytes(status) })
    : boundOutputs(judged, source);
  if (!bound.ok) return bound;
  const tree = readCarriedTree(run, judged, context);
  if (tree?.ok === false) return tree;
  using spool = new Spool(home.dir, fs);
  let placing: BlobPlacing | undefined;
  const openKeeper: OpenKeeper = async (objects) => {
    const isClosed = closedOutputs(claims, tree?.value);
    const begun = await BlobPlacing.begin(home, objects, isClosed, { progress, signal });
    if (begun.ok) placing = begun.value;
    return begun;
  };
  try {
    const keeping = isFetched ? { keeper: openKeeper } : { keeps: true, spool };
    const wanted = [{ run: 0, bundle: bound.value, tree: tree?.value }];
    const found = await source.find(wanted, { ...keeping, progress, signal });
    if (!found.ok) return found;
    const { fetchedBytes = 0, findings } = itemAt(found.value, 0);
    const concluded = beginConclusion(judged, findings, context);
    const bundle = await endWithTree(concluded, carriedTree(tree?.value, false), { signal });
    if (!bundle.ok) return bundle;
    const placed = isFetched
      ? fetchedBytes
      : await placeRanges(bundle.value, source.outputs(0), openKeeper, { progress, signal });
    if (typeof placed !== "number") return placed;
    const fault = placing?.sync();
    if (fault !== undefined) return fault;
    return ok({ bundle: bundle.value, fetchedBytes: placed, presentBytes: placing?.presentBytes ?? 0 });
  } finally {
    placing?.[Symbol.dispose]();
  }
}

/** Whether the project's history names the run. A history that can't be read names none. */
function isOfHistory({ folder, shown }: HeldProject, bundleRoot: HexDigest): boolean {
  const head = readHead(folder, shown);
  if (!head.ok || head.value === undefined) return false;
  try {
    return isInHistory(folder, bundleRoot, head.value);
  } catch (thrown) {
    if (errnoOf(thrown) === undefined) throw thrown;
    return false;
  }
}
