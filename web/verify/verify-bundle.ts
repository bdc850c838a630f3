/**
 * Verifying one bundle: open it, judge its artifacts, hash its outputs, conclude (PROTOCOL 8).
 *
 * @module
 */

import {
  type ArchiveFault,
  concludeWithTree,
  declaredBytes,
  type FindingTable,
  findCountersignatures,
  type JudgedBundle,
  judgeOpened,
  outputFailures,
  type Phase,
  type Rejection,
  type Result,
  readTree,
  type SealedTree,
  type SeenTree,
  type TreeDemand,
  treeBinding,
  type Undecided,
  type VerifiedBundle,
  type WebCrypto,
  webContext,
} from "../../src/core/internal.ts";
import type { HashedFile } from "../hashing/hash-message.ts";
import type { ArchiveFailure } from "../source/read-archive.ts";
import type { SourceFault } from "../source/read-artifact.ts";
import { findOutputs } from "./find-given-outputs.ts";
import { matchTree } from "./given-tree.ts";
import { type BundlePlace, openBundle, readOutputTree } from "./open-given-bundle.ts";
import { type OutputPlace, outputsBelow } from "./output-place.ts";

/** What to verify, and by what. */
export interface VerifyRequest extends BundlePlace, TreeDemand {
  /** What its outputs are in. */
  readonly from: OutputsFrom;
  /** Where its outputs are; undefined if the user did not give them. */
  readonly place: OutputPlace | undefined;
  readonly crypto: WebCrypto;
  readonly hash: (blob: Blob) => Promise<HashedFile>;
  readonly onFile?: () => void;
  /** Compares the entries of an archive with those that the bundle names, before any of them is hashed. */
  readonly checkEntries?: EntriesCheck | undefined;
  /** Called with the claims of a bundle whose artifacts passed, before outputs are hashed. */
  readonly onJudged?: (judged: JudgedBundle) => void;
  readonly signal?: AbortSignal;
}

/** What outputs are in: the folder that the user gave, the store of the project, an archive. */
export type OutputsFrom = "folder" | "store" | "archive";

/** Compares the entries of an archive with those that a bundle names. */
export type EntriesCheck = (
  judged: JudgedBundle,
  tree: SealedTree | undefined,
  signal: AbortSignal | undefined,
) => Promise<ArchiveFailure | undefined>;

/** Why there is no verdict: an output can't be read, or was not given. */
export type NoVerdict = Undecided | SourceFault | { readonly ok: false; readonly code: "FILES_NOT_GIVEN" };

/** Why a bundle is not verified. */
export type BundleFailure = Rejection | NoVerdict | ArchiveFault;

/** What was found of a bundle. */
export interface BundleReport {
  readonly verdict: Result<VerifiedBundle, BundleFailure>;
  readonly from: OutputsFrom;
  /** What the signature claims, once it held; undefined where the artifacts were rejected. */
  readonly judged: JudgedBundle | undefined;
  /** What was found at the paths of the claims; undefined where nothing was looked for. */
  readonly findings: FindingTable | undefined;
  /** Undefined for a bundle without a tree, and where it was not looked at. */
  readonly tree: SeenTree | undefined;
  /** Whether a tree is there that the signature does not name. */
  readonly hasUnboundTree: boolean;
  /** Every difference: outputs in the order of the document, then the rest of the tree in byte order of path. */
  readonly failures: () => Iterable<Rejection | Undecided>;
}

/** Verifies one bundle. Throws the signal's reason once it is aborted. */
export async function verifyBundle(request: VerifyRequest): Promise<BundleReport> {
  const { crypto, from, hash, onFile, onJudged, signal } = request;
  const opened = await openBundle(request);
  if (!opened.ok) return { ...NOTHING, from, verdict: opened };
  const judged = await judgeOpened(opened.value, crypto);
  if (!judged.ok) return { ...NOTHING, from, verdict: judged };
  const { bundleRoot, claims, status } = judged.value;
  onJudged?.(judged.value);
  const known = {
    ...NOTHING,
    from,
    judged: judged.value,
    hasUnboundTree: treeBinding(judged.value) === undefined && opened.value.hasTree === true,
  };
  // So that the conclusion knows which of them hold.
  const { countersignatures } = opened.value;
  await crypto.settle(() => findCountersignatures(countersignatures, bundleRoot, crypto.port));
  if (request.place === undefined && claims.length > 0)
    return { ...known, verdict: { ok: false, code: "FILES_NOT_GIVEN" } };
  const declared = declaredBytes(status);
  const broken = await checkArchive(judged.value, request);
  if (broken !== undefined) return { ...known, verdict: broken };
  const place = request.place ?? outputsBelow(request.bundle);
  const findings = await findOutputs({
    claims,
    declaredBytes: declared,
    place,
    crypto: crypto.port,
    hash,
    onFile,
    signal,
  });
  // The user is shown every difference.
  const { tree, verdict } = await concludeWithTree(judged.value, findings, webContext(crypto), true, (read) =>
    matchTree(read, { ...request, disk: place.disk, findings }),
  );
  return {
    ...known,
    verdict,
    findings,
    tree,
    failures: function* () {
      yield* outputFailures(claims, findings, crypto.port, declared);
      yield* tree?.failures ?? [];
    },
  };
}

/** What is reported of a run whose bundle is gone since the project was read. */
export function goneBundle(runId: string, from: OutputsFrom = "folder"): BundleReport {
  return { ...NOTHING, from, verdict: { ok: false, code: "CHANGED_WHILE_READ", details: { path: runId } } };
}

/** What is reported of a bundle whose artifacts were rejected. */
const NOTHING: Omit<BundleReport, "verdict" | "from"> = {
  judged: undefined,
  findings: undefined,
  tree: undefined,
  hasUnboundTree: false,
  failures: () => [],
};

/** A tree that is not as signed is left to phase 11: only then the entries say nothing. */
async function checkArchive(
  judged: JudgedBundle,
  { bundle, checkEntries, crypto, signal }: VerifyRequest,
): Promise<ArchiveFault | SourceFault | undefined> {
  if (checkEntries === undefined) return undefined;
  const binding = treeBinding(judged);
  if (binding === undefined) return await checkEntries(judged, undefined, signal);
  const reading = await readOutputTree(bundle);
  if (!reading.ok) return reading;
  const tree = readTree(binding, reading.value, webContext(crypto));
  return tree.ok ? await checkEntries(judged, tree.value, signal) : undefined;
}

/** The phase in which a verification ended, if it was one. */
export function phaseOf(failure: BundleFailure): Phase | undefined {
  return "phase" in failure ? failure.phase : undefined;
}
