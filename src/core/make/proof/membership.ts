/**
 * Membership proofs: show that one file is in a Merkle tree, without the other files (PROTOCOL 10).
 *
 * A proof is the path from a leaf to the root: for each step the sibling's digest, and its side. Where an odd
 * level repeats its last digest, the sibling is that digest itself, and both sides give the same root. A check
 * needs only path, digest, proof and the expected root.
 *
 * @module
 */

import { type Crypto, matchesDigest } from "../../system/bytes/crypto.ts";
import { DIGEST_BYTES, digestToHex, type HexDigest, isHexDigest } from "../../system/bytes/hex.ts";
import { MAX_MEMBERSHIP_STEPS } from "../../system/bytes/limits.ts";
import { lowerBound } from "../../system/bytes/listing.ts";
import type { Fault } from "../../system/bytes/result.ts";
import { compareUtf8, encodeUtf8 } from "../../system/bytes/utf8.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../system/json/json-value.ts";
import { DIGEST, FLAG, type Kind, list, named, object, readAs, text } from "../../system/json/record.ts";
import { hashLeaf, isManifestEntry, type ManifestEntry, type MerkleTree } from "./merkle.ts";

/** One step towards the root. */
export interface MembershipStep {
  readonly sibling: HexDigest;
  readonly siblingIsLeft: boolean;
}

/** Shows that a file is in a tree. */
export interface MembershipProof {
  readonly path: string;
  /** SHA-256 of the file's bytes. */
  readonly digest: string;
  /** From the leaf to the root. */
  readonly steps: readonly MembershipStep[];
}

/** The steps of a proof: `[{ sibling, sibling_is_left }]`. */
export const MEMBERSHIP_STEPS: Kind<readonly MembershipStep[]> = list(
  object<MembershipStep>({ sibling: DIGEST, siblingIsLeft: FLAG }),
  MAX_MEMBERSHIP_STEPS,
);

const PROOF = object<MembershipProof>({
  path: text(),
  digest: named("bytes_hash", DIGEST),
  steps: MEMBERSHIP_STEPS,
});

/** Why a proof fails. */
export type MembershipReason =
  | "claim-malformed"
  | "root-malformed"
  | "proof-malformed"
  | "too-many-steps"
  | "path-differs"
  | "digest-differs"
  | "root-differs";

/** A membership proof that fails. */
export interface MembershipFault extends Fault<"VERIFICATION_FAILED"> {
  readonly reason: MembershipReason;
}

/** Proves that a path is in a tree. Gives `undefined` if it is not. */
export function proveMembership(tree: MerkleTree, path: string): MembershipProof | undefined {
  const { entries } = tree;
  const index = lowerBound(entries.length, (at) => compareUtf8(entries.at(at)?.path ?? "", path) < 0);
  const entry = entries.at(index);
  return entry?.path === path ? proveLeaf(tree, entry, index) : undefined;
}

/** A proof as JSON of PROOF.json: `{ path, bytes_hash, steps: [{ sibling, sibling_is_left }] }`. */
export function membershipProofObject(proof: MembershipProof): JsonObject {
  return PROOF.write(proof);
}

/**
 * Checks that a proof shows a file of this path and digest in a tree with this root. Gives `undefined` if it does.
 *
 * The proof is untrusted. Fails with VERIFICATION_FAILED and a reason, and never throws: for wrong members, a
 * side that is not a boolean, a digest that is not 64 lowercase hex, an unlawful path, more than 64 steps.
 */
export function checkMembership(
  claim: ManifestEntry,
  proof: JsonValue | undefined,
  root: unknown,
  crypto: Crypto,
): MembershipFault | undefined {
  if (typeof claim.path !== "string" || !isManifestEntry(claim)) return refuse("claim-malformed");
  if (!isHexDigest(root)) return refuse("root-malformed");
  const shown = parseMembershipProof(proof);
  if (typeof shown === "string") return refuse(shown);
  if (shown.path !== claim.path) return refuse("path-differs");
  if (!isHexDigest(claim.digest) || !matchesDigest(claim.digest, shown.digest, crypto)) {
    return refuse("digest-differs");
  }
  const reached = rootAbove(digestToHex(hashLeaf(claim, crypto)), shown.steps, crypto);
  return matchesDigest(reached, root, crypto) ? undefined : refuse("root-differs");
}

/** Parses a proof with exactly the format's members, or gives the reason. `checkMembership` checks what it claims. */
export function parseMembershipProof(
  value: JsonValue | undefined,
): MembershipProof | "proof-malformed" | "too-many-steps" {
  const hasTooMany = isJsonObject(value) && parseMembershipSteps(value.get("steps")) === "too-many-steps";
  return hasTooMany ? "too-many-steps" : (readAs(PROOF, value) ?? "proof-malformed");
}

/** The root that a leaf and its steps lead to. */
function rootAbove(leaf: HexDigest, steps: readonly MembershipStep[], crypto: Crypto): HexDigest {
  return steps.reduce((digest, step) => hashNode(digest, step, crypto), leaf);
}

/** The digest of the node above a digest and its sibling. */
export function hashNode(
  digest: HexDigest,
  { sibling, siblingIsLeft }: MembershipStep,
  crypto: Crypto,
): HexDigest {
  const preimage = siblingIsLeft ? sibling + digest : digest + sibling;
  return digestToHex(crypto.sha256(encodeUtf8(preimage)));
}

/** Parses the steps of a proof, or gives the reason why they are malformed. */
export function parseMembershipSteps(
  value: JsonValue | undefined,
): readonly MembershipStep[] | "proof-malformed" | "too-many-steps" {
  if (Array.isArray(value) && value.length > MAX_MEMBERSHIP_STEPS) return "too-many-steps";
  return readAs(MEMBERSHIP_STEPS, value) ?? "proof-malformed";
}

function refuse(reason: MembershipReason): MembershipFault {
  return { ok: false, code: "VERIFICATION_FAILED", reason };
}

function proveLeaf(tree: MerkleTree, entry: ManifestEntry, leaf: number): MembershipProof {
  const steps: MembershipStep[] = [];
  let index = leaf;
  // The root has no sibling.
  for (const level of tree.levels.slice(0, -1)) {
    const sibling = index ^ 1;
    const start = (sibling * DIGEST_BYTES < level.length ? sibling : index) * DIGEST_BYTES;
    steps.push({
      sibling: digestToHex(level.subarray(start, start + DIGEST_BYTES)),
      siblingIsLeft: (index & 1) === 1,
    });
    index >>= 1;
  }
  return { path: entry.path, digest: entry.digest, steps };
}
