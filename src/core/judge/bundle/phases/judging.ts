/**
 * A bundle under judgement, and how phases are walked (PROTOCOL 8).
 *
 * @module
 */

import type { Binding } from "../../../records/artifacts/binding.ts";
import type { SignerIdentity } from "../../../records/artifacts/identity.ts";
import type { OpenedBundle } from "../../../records/artifacts/opened-bundle.ts";
import { OutputClaims } from "../../../records/artifacts/output-claims.ts";
import type { OutputTable } from "../../../records/artifacts/output-table.ts";
import type { Crypto } from "../../../system/bytes/crypto.ts";
import type { HexDigest } from "../../../system/bytes/hex.ts";
import type { Limits } from "../../../system/bytes/limits.ts";
import type { Rejection, Undecided } from "../../../system/codes/verdict.ts";
import type { JsonObject } from "../../../system/json/json-value.ts";
import type { ArtifactName } from "../../../system/paths/artifact-name.ts";
import type { PathRules } from "../../../system/paths/output-path.ts";
import type { FindingTable } from "./findings.ts";
import type { LookedTree } from "./tree.ts";

/** The platform and the caller's bounds. */
export interface VerifyContext {
  readonly crypto: Crypto;
  readonly pathRules: PathRules;
  readonly limits?: Limits;
}

/** An artifact as stored and as parsed. */
export interface ParsedArtifact {
  readonly bytes: Uint8Array;
  readonly object: JsonObject;
  /** The member `hashes` of OUTPUT_HASHES.json; undefined if it is not an object, and for other artifacts. */
  readonly hashes: OutputTable | undefined;
}

/** What is left of phase 6 once all else in it holds: the platform's word on three byte strings. */
export interface SignatureQuestion {
  /** 32 raw bytes. */
  readonly publicKey: Uint8Array;
  readonly message: Uint8Array;
  /** 64 raw bytes. */
  readonly signature: Uint8Array;
}

/** What phase 10 finds besides a verdict. */
export interface Accepted {
  readonly binding: Binding | undefined;
  /** Whether the bundle says itself that its run failed. */
  readonly isFailed: boolean;
}

/** What the signature vouches for, once phases 1 to 6 have passed. */
export interface SignedBundle {
  readonly opened: OpenedBundle;
  readonly signer: SignerIdentity;
  readonly bundleRoot: HexDigest;
  readonly status: JsonObject;
  readonly taskSpec: JsonObject;
  readonly outputHashes: ParsedArtifact;
  /** Undefined where it was not among the artifacts to look at. */
  readonly proof: ParsedArtifact | undefined;
  readonly claims: OutputClaims;
}

/** The same while some of it has not been found yet. */
type Facts = Pick<SignedBundle, "opened"> & {
  -readonly [Key in Exclude<keyof SignedBundle, "opened">]?: SignedBundle[Key] | undefined;
};

/** A bundle under judgement: what the caller brought, and what the phases have found so far. */
export interface Judging extends Facts {
  readonly context: VerifyContext;
  /** The artifacts to look at: all of them, unless the order of a restore puts the proof off. */
  readonly names: readonly ArtifactName[];
  readonly parsed: Map<ArtifactName, ParsedArtifact>;
  question?: SignatureQuestion;
  /** The caller's answer to the question. */
  holds?: boolean;
  /** The only rows of the claims to look at, ascending; all of them where undefined. */
  readonly rows?: Uint32Array | undefined;
  /** Whether a run passes that says itself that it failed. */
  readonly takesFailed?: boolean;
  /** What the caller found at the claims' paths. */
  findings?: FindingTable | undefined;
  accepted?: Accepted;
  /** What the caller found of the tree. */
  lookedTree?: LookedTree | undefined;
}

/** What a phase needs from the caller before it can end: the answer to `question`, `findings`, or `lookedTree`. */
export type Request = "signature" | "outputs" | "tree";

/**
 * A phase: gives the first failure in it, or a request, or nothing where the bundle passes. After a request, the caller puts the
 * answer into the bundle and walks on from the same phase.
 */
export type Phase = (bundle: Judging) => Rejection | Undecided | Request | undefined;

/** Walks phases in their order, from one of them on, up to the first failure or request. */
export function walk(
  phases: readonly Phase[],
  bundle: Judging,
  from: Phase | undefined = phases[0],
): Rejection | Undecided | Request | undefined {
  for (const phase of phases.slice(from && phases.indexOf(from))) {
    const stop = phase(bundle);
    if (stop !== undefined) return stop;
  }
  return undefined;
}

/** Something that an earlier phase has found. Its absence is a bug in the order of the phases. */
export function known<Fact>(fact: Fact | undefined): Fact {
  if (fact === undefined) throw new TypeError("a phase needs what no phase before it has found");
  return fact;
}

/** An artifact that was parsed. */
export function artifactOf({ parsed }: Judging, name: ArtifactName): ParsedArtifact {
  return known(parsed.get(name));
}

/** What is known of a bundle whose signature holds. */
export function signedBundle(bundle: Judging): SignedBundle {
  const outputHashes = known(bundle.outputHashes);
  return {
    opened: bundle.opened,
    signer: known(bundle.signer),
    bundleRoot: known(bundle.bundleRoot),
    status: known(bundle.status),
    taskSpec: known(bundle.taskSpec),
    outputHashes,
    proof: bundle.proof,
    claims: new OutputClaims(known(outputHashes.hashes), bundle.context.pathRules),
  };
}
