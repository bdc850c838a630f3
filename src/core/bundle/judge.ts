/**
 * What every order of phases has in common: begin, stop at a question, go on, and keep what a verdict is made of.
 *
 * @module
 */

import type { Binding } from "../artifacts/binding.ts";
import type { SignerIdentity } from "../artifacts/identity.ts";
import type { ArtifactReading, OpenedBundle } from "../artifacts/opened-bundle.ts";
import type { OutputClaims } from "../artifacts/output-claims.ts";
import type { HexDigest } from "../bytes/hex.ts";
import type { Listing } from "../bytes/listing.ts";
import { ok, type Result } from "../bytes/result.ts";
import { READING_CODES } from "../codes/codes.ts";
import type { Rejection, Undecided } from "../codes/verdict.ts";
import type { JsonObject } from "../json/json-value.ts";
import type { ArtifactName } from "../paths/artifact-name.ts";
import type { SealedTree } from "../tree/output-tree.ts";
import { type CountersignatureFinding, findCountersignatures } from "./countersignature.ts";
import { FindingTable, type OutputFindings } from "./phases/findings.ts";
import {
  type Judging,
  known,
  type Phase,
  type SignatureQuestion,
  type SignedBundle,
  signedBundle,
  type VerifyContext,
  walk,
} from "./phases/judging.ts";
import { signature } from "./phases/signature.ts";
import { type LookedTree, notLookedAt, readTree, type TreeBinding, treeBinding } from "./phases/tree.ts";
import { type BundleTimestamps, findTimestamps } from "./timestamps.ts";
import { type VerifiedOutput, verifiedOutputs } from "./verified-outputs.ts";

/** What is known of a bundle that can be restored. */
export interface BundleFacts {
  readonly runId: string;
  readonly bundleRoot: HexDigest;
  readonly signer: SignerIdentity;
  /** In the order of the document. */
  readonly outputs: Listing<VerifiedOutput>;
  /** Bytes of all outputs together. */
  readonly bytes: number;
  /** Undefined for a plain SPECTRUM bundle (`bound: false`). */
  readonly binding: Binding | undefined;
  readonly taskSpec: JsonObject;
  readonly outputHashes: JsonObject;
  /** Undefined for a bundle without a tree. */
  readonly tree: SealedTree | undefined;
  /** Others who vouch for it, or claim to; no phase looks at them. */
  readonly countersignatures: readonly CountersignatureFinding[];
  /** Tokens over its signature, not judged; undefined without a TIMESTAMPS.json. */
  readonly timestamps: BundleTimestamps | undefined;
}

/** A bundle that has passed phase 6 if its signature holds. Nothing else comes of it before the caller has answered that. */
export interface UnsettledBundle<Settled extends SignedBundle> {
  readonly question: SignatureQuestion;
  /** Ends phase 6 with the platform's answer, and goes on until outputs are needed. */
  readonly settle: (holds: boolean) => Result<Settled, Rejection>;
}

/** Walks phases over the named artifacts up to the question whether the signature holds. */
export function beginWalk<Settled extends SignedBundle>(
  phases: readonly Phase[],
  names: readonly ArtifactName[],
  opened: OpenedBundle,
  context: VerifyContext,
  finish: (signed: SignedBundle) => Settled,
): Result<UnsettledBundle<Settled>, Rejection> {
  const begun: Judging = { opened, context, names, parsed: new Map() };
  const rejection = rejectionOf(walk(phases, begun));
  if (rejection !== undefined) return rejection;
  const settle = (holds: boolean): Result<Settled, Rejection> => {
    const bundle = { ...begun, holds };
    return rejectionOf(walk(phases, bundle, signature)) ?? ok(finish(signedBundle(bundle)));
  };
  return ok({ question: known(begun.question), settle });
}

/** Asks the platform whether the signature holds, and goes on. */
export function settleHere<Settled extends SignedBundle>(
  begun: Result<UnsettledBundle<Settled>, Rejection>,
  { crypto }: VerifyContext,
): Result<Settled, Rejection> {
  if (!begun.ok) return begun;
  const { message, publicKey, signature: bytes } = begun.value.question;
  return begun.value.settle(crypto.verifyEd25519(publicKey, message, bytes));
}

/** A bundle whose signature holds, to go on with later phases. Without findings, only those that need no outputs. */
export function withFindings(
  signed: SignedBundle,
  findings: OutputFindings | undefined,
  context: VerifyContext,
  names: readonly ArtifactName[] = [],
): Judging {
  return { ...signed, context, names, parsed: new Map(), findings: findings && FindingTable.of(findings) };
}

/** Walks all phases, with the findings given, and the tree if there is one. */
export function walkToEnd(
  phases: readonly Phase[],
  bundle: Judging,
  from?: Phase,
): Rejection | Undecided | undefined {
  const stop = walk(phases, bundle, from);
  if (typeof stop === "string") throw new TypeError("what the phases ask for is there");
  return stop;
}

/** A bundle that has passed phases 9 and 10. Only its tree is left to look at, if it has one. */
export interface UnendedBundle<Ended> {
  /** Reads the tree, as `readTree` does; undefined for a bundle without a tree. */
  readonly readTree: ((reading: ArtifactReading) => Result<SealedTree, Rejection>) | undefined;
  /** Walks phase 11. A tree that the caller did not look at is missing: TREE_MISSING. */
  readonly end: (looked?: LookedTree) => Result<Ended, Rejection | Undecided>;
}

/** Walks phases up to the tree, which the caller looks at only if nothing else fails. */
export function walkToTree<Ended>(
  phases: readonly Phase[],
  bundle: Judging,
  from: Phase,
  finish: (bundle: Judging, tree: SealedTree | undefined, bytes: Uint8Array | undefined) => Ended,
): Result<UnendedBundle<Ended>, Rejection | Undecided> {
  const stop = walk(phases, bundle, from);
  if (stop !== undefined && typeof stop !== "string") return stop;
  if (stop !== undefined && stop !== "tree") throw new TypeError("what the phases ask for is there");
  return ok(awaitTree(treeBinding(bundle), bundle.context, (...read) => finish(bundle, ...read)));
}

/** Leaves phase 11 to be walked. `finish` gets the bytes of the tree too where `readTree` read it. */
export function awaitTree<Ended>(
  binding: TreeBinding | undefined,
  context: VerifyContext,
  finish: (tree: SealedTree | undefined, bytes: Uint8Array | undefined) => Ended,
): UnendedBundle<Ended> {
  if (binding === undefined) return { readTree: undefined, end: () => ok(finish(undefined, undefined)) };
  let bytes: Uint8Array | undefined;
  return {
    readTree: (reading) => {
      bytes = reading.kind === "bytes" ? reading.bytes : undefined;
      return readTree(binding, reading, context);
    },
    end: ({ failure, tree } = notLookedAt()) => (tree.ok ? (failure ?? ok(finish(tree.value, bytes))) : tree),
  };
}

/** What stays of a bundle when its artifacts are let go, outputs aside. */
export function keptFacts(
  { bundleRoot, opened, outputHashes, signer, taskSpec }: SignedBundle,
  binding: Binding | undefined,
  { crypto }: VerifyContext,
): Omit<BundleFacts, "outputs" | "bytes" | "tree"> {
  const countersignatures = findCountersignatures(opened.countersignatures, bundleRoot, crypto);
  return {
    runId: opened.runId,
    bundleRoot,
    signer,
    binding,
    taskSpec,
    outputHashes: outputHashes.object,
    countersignatures,
    timestamps: findTimestamps(opened),
  };
}

/** What stays of outputs that were all found as claimed. */
export function outputFacts(
  claims: OutputClaims,
  findings: FindingTable,
): Pick<BundleFacts, "outputs" | "bytes"> {
  return { outputs: verifiedOutputs(claims, findings), bytes: findings.bytes };
}

/** The failure of phases that need no outputs. A request is not a failure. */
function rejectionOf(stop: ReturnType<Phase>): Rejection | undefined {
  if (stop === undefined || typeof stop === "string") return undefined;
  if (isUndecided(stop)) throw new TypeError("an output was looked at before it was asked for");
  return stop;
}

function isUndecided(failure: Rejection | Undecided): failure is Undecided {
  return READING_CODES.some((code) => code === failure.code);
}
