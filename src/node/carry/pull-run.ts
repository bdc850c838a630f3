/**
 * Pulls a run into a project: verified in whole before it appears. Its bytes come first, its bundle last, and HEAD is never written. A
 * run that the project's own history names and lost comes back among its runs; any other one is kept apart from them.
 *
 * @module
 */

import { join } from "node:path";
import {
  admitOutputs,
  declaredBytes,
  type HexDigest,
  type JudgedBundle,
  judgeHere,
  ok,
  type Result,
  type SignerIdentity,
  VERIFY,
  type VerifiedBundle,
} from "../../core/internal.ts";
import { writeBundle } from "../bundle/bundle-writer.ts";
import { type VerifyFailure, verifyContext } from "../bundle/verify-context.ts";
import { AnchoredRoot } from "../files/anchored-root.ts";
import { openOrMakeFolders } from "../files/make-folders.ts";
import type { Environment } from "../keys/user-home.ts";
import { closedOutputs } from "../packs/closed-outputs.ts";
import { readHead } from "../project/head.ts";
import { heldFolder } from "../project/held-folder.ts";
import { type HeldProject, holdProject } from "../project/held-project.ts";
import { writeOwnGitignore } from "../project/own-gitignore.ts";
import { ownFolderOf, PULLED_NAME, RUNS_NAME } from "../project/project-names.ts";
import { isInLine } from "../project/walk-line.ts";
import type { ManifestAddress, Repository } from "../registry/repository.ts";
import { errnoOf, reasonOf } from "../runtime/machine-reason.ts";
import { type OperationFault, operationFault } from "../runtime/operation-fault.ts";
import type { WorkOptions } from "../runtime/progress.ts";
import { readCarriedTree } from "../source/tree-look.ts";
import type { SignedThing } from "../trust/whom-to-trust.ts";
import { checkExpected, type ExpectedBundle, underExpectedId } from "../verify/expected-bundle.ts";
import { concludeCarried } from "./conclude-carried.ts";
import { OutputFetch } from "./fetch-outputs.ts";
import { findRun, type OpenedRun, type OpenOptions, openRun } from "./open-carried.ts";
import { BlobPlacing } from "./place-blobs.ts";
import { addReferrers, filesOf, type RunThere, runThere } from "./pulled-files.ts";
import type { TakenReferrers } from "./read-referrers.ts";

/** What to pull, and where to. */
export interface PullRequest extends ExpectedBundle, OpenOptions, WorkOptions {
  readonly repository: Repository;
  readonly address: ManifestAddress;
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
  /** Of its manifest. */
  readonly digest: HexDigest;
}

/** A run in the project. */
export interface PulledRun {
  readonly bundle: VerifiedBundle;
  readonly digest: HexDigest;
  /** Whether the run was there before. */
  readonly wasThere: boolean;
  /** Whether the run is in the history that ends at the project's HEAD; any other run is kept apart. */
  readonly inHistory: boolean;
  /** Bytes of outputs that were fetched, and of blobs that were in the store. */
  readonly fetchedBytes: number;
  readonly presentBytes: number;
  readonly referrers: TakenReferrers;
  /** PROJECT_LOCK_NOT_RELEASED where the project's lock could not be removed afterwards. */
  readonly unreleased: OperationFault | undefined;
}

/**
 * Pulls a run. Fails as the repository does; with CARRIED_RUN_MALFORMED; as verification does; with SIGNER_REFUSED if the caller
 * refuses its signer; with RUN_EXISTS if another run has its name; as `holdProject` does; and with WRITE_FAILED. Then the run is not
 * there. Throws an Interruption.
 */
export async function pullRun<Refusal>(
  request: PullRequest & {
    /** Says why a signer is not trusted; `undefined`: it is. Asked before outputs are fetched. */
    readonly refuseSigner: (run: PulledFacts) => Refusal | undefined;
  },
): Promise<Result<PulledRun, VerifyFailure | UntrustedRun<Refusal>>> {
  const { address, repository, signal } = request;
  const found = await findRun(repository, address, signal);
  if (!found.ok) return found;
  const run = await openRun(repository, found.value, request);
  if (!run.ok) return run;
  const context = verifyContext(request.limits);
  const judged = judgeHere(underExpectedId(run.value.opened, request), context, VERIFY);
  if (!judged.ok) return judged;
  const other = checkExpected(judged.value, request);
  if (other !== undefined) return other;
  const facts = admitOutputs(judged.value, context);
  if (!facts.ok) return facts;
  const pulling = { ...facts.value, digest: run.value.digest };
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
    pulled = await pullInto({ held: held.value, home: folder }, run.value, judged.value, request);
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

interface Project {
  readonly held: HeldProject;
  readonly home: AnchoredRoot;
}

/** As the lock holder. */
async function pullInto(
  { held, home }: Project,
  run: OpenedRun,
  judged: JudgedBundle,
  request: PullRequest,
): Promise<Result<Omit<PulledRun, "unreleased">, VerifyFailure>> {
  const { into, progress, repository, signal } = request;
  const { digest, layers, referrers } = run;
  const there = runThere(held.folder, run);
  if (!there.ok)
    return operationFault("RUN_EXISTS", { path: join(ownFolderOf(into), there.name, layers.runId) });
  const isNew = ![RUNS_NAME, PULLED_NAME].some((name) => held.folder.has(name));
  const tree = readCarriedTree(run, judged, verifyContext(request.limits));
  // The verdict on a tree that is not as signed comes after the outputs.
  const isClosed = tree?.ok === false ? () => true : closedOutputs(judged.claims, tree?.value);
  const begun = await BlobPlacing.begin(home, layers, isClosed, { progress, signal });
  if (!begun.ok) return begun;
  using placing = begun.value;
  const wanted = { claims: judged.claims, declaredBytes: declaredBytes(judged.status) };
  const fetch = new OutputFetch(repository, layers, wanted);
  const fault = (await fetch.fetch(placing, { progress, signal })) ?? placing.sync();
  if (fault !== undefined) return fault;
  const bundle = concludeCarried(judged, fetch, run, request.limits);
  if (!bundle.ok) return bundle;
  const inHistory = standsInLine(held, bundle.value.bundleRoot);
  const name = there.value ?? (inHistory ? RUNS_NAME : PULLED_NAME);
  const unwritten = await place(name, there.value !== undefined, { held, home }, run, request);
  if (unwritten !== undefined) return unwritten;
  if (isNew) writeOwnGitignore(held.folder);
  return ok({
    bundle: bundle.value,
    digest,
    wasThere: there.value !== undefined,
    inHistory,
    fetchedBytes: fetch.fetchedBytes,
    presentBytes: placing.presentBytes,
    referrers,
  });
}

/** Whether the project's history names the run. A history that can't be read names none. */
function standsInLine({ folder, shown }: HeldProject, bundleRoot: HexDigest): boolean {
  const head = readHead(folder, shown);
  if (!head.ok || head.value === undefined) return false;
  try {
    return isInLine(folder, bundleRoot, head.value);
  } catch (thrown) {
    if (errnoOf(thrown) === undefined) throw thrown;
    return false;
  }
}

async function place(
  name: RunThere,
  wasThere: boolean,
  { held, home }: Project,
  run: OpenedRun,
  { into, policy, signal }: PullRequest,
): Promise<OperationFault | undefined> {
  const shown = join(ownFolderOf(into), name);
  if (wasThere) return await addReferrers(join(shown, run.layers.runId), run, policy, signal);
  const folder = heldFolder(held.folder, home, { name, shown });
  const written = writeBundle(folder, run.layers.runId, filesOf(run));
  return written.ok ? undefined : written.fault;
}
