/**
 * Verifying a bundle on disk: open it, judge its artifacts, hash its outputs, conclude (PROTOCOL 8).
 *
 * @module
 */

import {
  concludeVerification,
  declaredBytes,
  type JudgedBundle,
  judgeArtifacts,
  judgeCandidate,
  type LawfulClaim,
  type Limits,
  matchesDigest,
  type OpenedBundle,
  type OutputClaims,
  type OutputFinding,
  type OutputFindings,
  ok,
  outputFailures,
  type Rejection,
  type Result,
  type SaidFailure,
  saidFailure,
  type Undecided,
  type VerifiedBundle,
  type VerifyContext,
} from "../../core/internal.ts";
import { openBundle } from "../bundle/open-bundle.ts";
import { tellOfLongManifest, type VerifyFailure, verifyContext } from "../bundle/verify-context.ts";
import { openRoot } from "../files/open-root.ts";
import type { BudgetShare } from "../hashing/byte-budget.ts";
import { type HashOptions, hashFiles } from "../hashing/hash-files.ts";
import { HASH_JOB } from "../hashing/jobs.ts";
import { nodeCrypto } from "../runtime/node-crypto.ts";
import type { OperationFault } from "../runtime/operation-fault.ts";
import type { Progress } from "../runtime/progress.ts";
import { hashStoredClaims, type StoredFindings } from "../store/hash-stored-claims.ts";
import type { SourceName } from "../store/output-source.ts";
import { WorkerPool } from "../work/worker-pool.ts";
import { checkExpected, type ExpectedBundle, underExpectedId } from "./expected-bundle.ts";
import { lawfulOutputs } from "./lawful-outputs.ts";

/**
 * Where to look for outputs: under their names below the root, or by their digests in the store of the project whose
 * root that is. `"either"`: below the root first, and in the store where the root has moved on since and all outputs
 * are kept. `"store-first"`: in the store first, and below the root where the store does not hold all of them.
 */
export type OutputsFrom = SourceName | "either" | "store-first";

/** What to verify, and against which folder. */
export interface VerifyRequest extends ExpectedBundle {
  /** The run directory. */
  readonly bundle: string;
  /** The project root: the folder that output paths are relative to. Always given, never guessed here. */
  readonly root: string;
  /** Default: the root, and nothing else. */
  readonly from?: OutputsFrom | undefined;
  /** Threads that may hash at once; by default as many as there are cores. */
  readonly jobs?: number | undefined;
  /** Whether the first failure will do: what comes after it need not be looked at, and is not told of. */
  readonly untilFailure?: boolean | undefined;
  readonly limits?: Limits;
  readonly signal?: AbortSignal | undefined;
  /** Who is told how far it is. */
  readonly progress?: Progress | undefined;
}

/** Which outputs to look at, and how. */
export type OutputsRequest = Pick<VerifyRequest, "from" | "jobs" | "root" | "signal" | "untilFailure"> & {
  /** Threads to work with, instead of `jobs`. */
  readonly pool?: WorkerPool | undefined;
  /** Bytes of all outputs together, as their signer declares them: no more are read. Undefined: nothing is bounded. */
  readonly declaredBytes?: number | undefined;
  /** As `watchOutputs` makes it. */
  readonly watch?: HashOptions["watch"];
};

/** Bytes of OUTPUT_HASHES.json from which on helpers are called while it is parsed: about 5,000 entries. */
const LONG_MANIFEST: number = 512 * 1024;

/** What a caller may learn besides the verdict. */
export interface VerifyReport {
  readonly verdict: Result<VerifiedBundle, VerifyFailure>;
  /** What the signature claims, once it held; undefined where the artifacts were rejected. */
  readonly judged: JudgedBundle | undefined;
  /** Why the run says that it failed, under a signature that holds; undefined where it does not. */
  readonly said?: SaidFailure | undefined;
  /** Where the outputs were looked for; undefined where they were not. */
  readonly source: SourceName | undefined;
  /** Every changed and missing file, in the order of the document; one of them where the first one was to do. */
  readonly failures: () => Iterable<Rejection | Undecided>;
}

/** Verifies one bundle on disk. Throws only an Interruption, and on bugs and dying workers. */
export async function judgeBundle(request: VerifyRequest): Promise<Result<VerifiedBundle, VerifyFailure>> {
  return (await reportOnBundle({ ...request, untilFailure: true })).verdict;
}

/** Verifies one bundle, and keeps what else there is to tell of it. */
export async function reportOnBundle(request: VerifyRequest): Promise<VerifyReport> {
  const pool = new WorkerPool(request.jobs);
  try {
    return await reportWithPool(request, pool);
  } finally {
    pool.dismiss();
  }
}

/** As `reportOnBundle`, with threads that may be there already. */
export async function reportWithPool(request: VerifyRequest, pool: WorkerPool): Promise<VerifyReport> {
  const context = verifyContext(request.limits);
  const opened = openBundle(request.bundle, request.limits);
  if (!opened.ok) return { verdict: opened, judged: undefined, source: undefined, failures: () => [] };
  const manifest = opened.value.artifacts["OUTPUT_HASHES.json"];
  if (manifest.kind === "bytes" && manifest.bytes.length >= LONG_MANIFEST) pool.start(HASH_JOB);
  tellOfLongManifest(opened.value, request.progress);
  const judged = judgeArtifacts(underExpectedId(opened.value, request), context);
  if (!judged.ok) {
    const said = judged.code === "RESTORATION_FAILED" ? saidBy(opened.value, context) : undefined;
    return { verdict: judged, judged: undefined, said, source: undefined, failures: () => [] };
  }
  const other = checkExpected(judged.value, request);
  if (other !== undefined)
    return { verdict: other, judged: judged.value, source: undefined, failures: () => [] };
  const declared = declaredBytes(judged.value.status);
  const watch = watchOutputs(request.progress, [declared]);
  const looking = { ...request, pool, declaredBytes: declared, watch };
  const found = await findOutputs(judged.value.claims, looking);
  if (!found.ok) return { verdict: found, judged: judged.value, source: undefined, failures: () => [] };
  const { findings, source } = found.value;
  return {
    verdict: concludeVerification(judged.value, findings, context),
    judged: judged.value,
    said: saidFailure(judged.value.status),
    source,
    failures: () => {
      const failures = outputFailures(judged.value.claims, findings, context.crypto, declared);
      return request.untilFailure === true ? firstOf(failures) : failures;
    },
  };
}

/** A run whose scratch folders were not restored is rejected by its proof; its signature holds all the same. */
function saidBy(opened: OpenedBundle, context: VerifyContext): SaidFailure | undefined {
  const signed = judgeCandidate(opened, context);
  return signed.ok ? saidFailure(signed.value.status) : undefined;
}

function firstOf<Item>(items: Iterable<Item>): readonly Item[] {
  for (const item of items) return [item];
  return [];
}

/** Has whoever wants to know told how far the looking at outputs is: of so many bytes as the bindings of bundles declare. */
export function watchOutputs(
  progress: Progress | undefined,
  declared: readonly (number | undefined)[],
): HashOptions["watch"] {
  if (progress === undefined) return undefined;
  // Where one doesn't say, the sum is not a number.
  const sum = declared.reduce<number>((total, bytes) => total + (bytes ?? Number.NaN), 0);
  const bytes = Number.isNaN(sum) ? undefined : sum;
  return (done, files) => progress.begin("verify", { files, bytes }, done);
}

/** What was found of a bundle's outputs, and where. */
export interface FoundOutputs {
  readonly source: SourceName;
  readonly findings: OutputFindings;
}

/** Looks for a bundle's outputs where they are asked from. Fails as `openRoot` and `ObjectStore.open` do. */
export async function findOutputs(
  claims: OutputClaims,
  request: OutputsRequest,
): Promise<Result<FoundOutputs, OperationFault>> {
  const { from = "root" } = request;
  if (from === "store") {
    const stored = await lookInStore(claims, request);
    return stored.ok ? ok({ source: "store", findings: stored.value.findings }) : stored;
  }
  if (from === "store-first") return await findStoredFirst(claims, request);
  // What the store is asked for depends on all that is below the root.
  const untilFailure = from === "root" && request.untilFailure === true;
  return chooseFindings(claims, await hashClaims(claims, { ...request, untilFailure }), request);
}

/** The store is to blame only where it keeps an object for each output, and the root does not hold them either. */
async function findStoredFirst(
  claims: OutputClaims,
  request: OutputsRequest,
): Promise<Result<FoundOutputs, OperationFault>> {
  const stored = await lookInStore(claims, request);
  const inStore = stored.ok && stored.value.isComplete ? stored.value.findings : undefined;
  if (inStore !== undefined && areAsSealed(claims, inStore))
    return ok({ source: "store", findings: inStore });
  const below = await hashClaims(claims, request);
  const isBelow = below.ok && areAsSealed(claims, below.value);
  return inStore === undefined || isBelow ? inRoot(below) : ok({ source: "store", findings: inStore });
}

/** Takes what was found of a bundle's outputs below the root, or looks in the store too, as `findOutputs` does. */
export async function chooseFindings(
  claims: OutputClaims,
  below: Result<OutputFindings, OperationFault>,
  request: OutputsRequest,
): Promise<Result<FoundOutputs, OperationFault>> {
  if (!below.ok || request.from !== "either" || !hasMovedOn(claims, below.value)) return inRoot(below);
  const stored = await lookInStore(claims, request);
  // A store that can't be used is as good as none here: what the root holds decides.
  if (!stored.ok || !stored.value.isComplete) return inRoot(below);
  return ok({ source: "store", findings: stored.value.findings });
}

function inRoot(findings: Result<OutputFindings, OperationFault>): Result<FoundOutputs, OperationFault> {
  return findings.ok ? ok({ source: "root", findings: findings.value }) : findings;
}

async function lookInStore(
  claims: OutputClaims,
  { pool, declaredBytes, jobs, root, signal, watch }: OutputsRequest,
): Promise<Result<StoredFindings, OperationFault>> {
  const project = openRoot(root);
  if (!project.ok) return project;
  try {
    return await hashStoredClaims(claims, project.value, declaredBytes, { signal, jobs, pool, watch });
  } finally {
    project.value.close();
  }
}

function areAsSealed(claims: OutputClaims, findings: OutputFindings): boolean {
  return outputFailures(claims, findings, nodeCrypto).next().done === true;
}

/** Whether an output is no longer there as it was sealed. One that can't be read may well be. */
function hasMovedOn(claims: OutputClaims, findings: OutputFindings): boolean {
  if (areAsSealed(claims, findings)) return false;
  let index = 0;
  for (const claim of claims) {
    const finding = findings.at(index++);
    if (claim.lawful && finding?.kind !== "unreadable" && !isAsSealed(claim, finding)) return true;
  }
  return false;
}

function isAsSealed(claim: LawfulClaim, finding: OutputFinding | undefined): boolean {
  if (claim.digest === undefined || finding?.kind !== "file") return false;
  return matchesDigest(claim.digest, finding.digest, nodeCrypto);
}

/**
 * Looks below the root at the outputs that lawful claims name; nothing is opened for the others. `claimShares` say which claims
 * belong to which bundle; by default all belong to one.
 */
export async function hashClaims(
  claims: OutputClaims,
  request: OutputsRequest,
  claimShares: readonly BudgetShare[] = [{ paths: claims.length, declared: request.declaredBytes }],
): Promise<Result<OutputFindings, OperationFault>> {
  const { expected, paths, shares } = lawfulOutputs(claims, claimShares);
  if (paths.length === 0) return ok(Array.from(claims, () => undefined));
  const root = openRoot(request.root);
  if (!root.ok) return root;
  try {
    const { pool, declaredBytes: saidBytes, jobs, signal, untilFailure: untilUnexpected, watch } = request;
    const hashing = { signal, jobs, pool, saidBytes, watch, expected, shares, untilUnexpected };
    const found = await hashFiles(root.value, paths, hashing);
    if (paths.length === claims.length) return ok(found);
    let next = 0;
    return ok(Array.from(claims, ({ lawful }) => (lawful ? found.at(next++) : undefined)));
  } finally {
    root.value.close();
  }
}
