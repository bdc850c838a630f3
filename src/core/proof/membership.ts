/**
 * Membership proofs: that one file is in a Merkle tree, without the others (PROTOCOL 10).
 *
 * A proof is the way from a leaf to the root: at each step the sibling's digest, and on which side it
 * stands. Where an odd level repeats its last digest, the sibling is that digest itself, and its side says
 * nothing. Checking needs path, digest, proof and the expected root, and nothing else.
 *
 * @module
 */

import { type Crypto, matchesDigest } from "../bytes/crypto.ts";
import { DIGEST_BYTES, digestToHex, type HexDigest, isHexDigest } from "../bytes/hex.ts";
import { MAX_MEMBERSHIP_STEPS } from "../bytes/limits.ts";
import type { Listing } from "../bytes/listing.ts";
import { compareUtf8, encodeUtf8 } from "../bytes/utf8.ts";
import { hasExactly, isJsonObject, type JsonObject, type JsonValue, jsonObject } from "../json/json-value.ts";
import { hashLeaf, isManifestEntry, type ManifestEntry, type MerkleTree } from "./merkle.ts";

/** One step towards the root. */
export interface MembershipStep {
  readonly sibling: HexDigest;
  readonly siblingIsLeft: boolean;
}

/** That a file is in a tree. */
export interface MembershipProof {
  readonly path: string;
  /** SHA-256 of the file's bytes. */
  readonly digest: string;
  /** From the leaf to the root. */
  readonly steps: readonly MembershipStep[];
}

/** Why a proof shows nothing. */
export type MembershipReason =
  | "claim-malformed"
  | "root-malformed"
  | "proof-malformed"
  | "too-many-steps"
  | "path-differs"
  | "digest-differs"
  | "root-differs";

/** A proof that does not show what it should. */
export interface MembershipFault {
  readonly ok: false;
  readonly code: "VERIFICATION_FAILED";
  readonly reason: MembershipReason;
}

/** Proves that a path is in a tree; `undefined` where it isn't. */
export function proveMembership(tree: MerkleTree, path: string): MembershipProof | undefined {
  const index = findLeaf(tree.entries, path);
  const entry = tree.entries.at(index);
  return entry?.path === path ? proveLeaf(tree, entry, index) : undefined;
}

/** Proves all leaves, in byte order of path, one at a time: nothing but the tree is held. */
export function* proveAllMemberships(tree: MerkleTree): Generator<MembershipProof, void, undefined> {
  let index = 0;
  for (const entry of tree.entries) yield proveLeaf(tree, entry, index++);
}

/** Writes a proof as PROOF.json has it: `{ path, bytes_hash, steps: [{ sibling, sibling_is_left }] }`. */
export function membershipProofObject(proof: MembershipProof): JsonObject {
  const steps = proof.steps.map(({ sibling, siblingIsLeft }) =>
    jsonObject({ sibling, sibling_is_left: siblingIsLeft }),
  );
  return jsonObject({ path: proof.path, bytes_hash: proof.digest, steps });
}

/**
 * Whether a proof shows that a tree with this root has a file of this path and digest. `undefined` is yes.
 *
 * The proof is a stranger's: members that are not exact, a side that is no boolean, a digest that isn't
 * 64 lowercase hex, a path that could be no leaf's, more than 64 steps, each is a no with its reason,
 * VERIFICATION_FAILED, and never an exception.
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
  const reached = climb(digestToHex(hashLeaf(claim, crypto)), shown.steps, crypto);
  return matchesDigest(reached, root, crypto) ? undefined : refuse("root-differs");
}

/** Reads a proof of exactly the format's members, or says why it is none. Shows nothing by itself. */
export function parseMembershipProof(
  value: JsonValue | undefined,
): MembershipProof | "proof-malformed" | "too-many-steps" {
  if (!isJsonObject(value) || !hasExactly(value, ["path", "bytes_hash", "steps"])) return "proof-malformed";
  const path = value.get("path");
  const digest = value.get("bytes_hash");
  const steps = parseMembershipSteps(value.get("steps"));
  if (typeof steps === "string") return steps;
  return typeof path === "string" && isHexDigest(digest) ? { path, digest, steps } : "proof-malformed";
}

/** The digest that a leaf and its steps lead to. */
function climb(leaf: HexDigest, steps: readonly MembershipStep[], crypto: Crypto): HexDigest {
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

/** Reads the steps of a proof, or says why they are none. */
export function parseMembershipSteps(
  value: JsonValue | undefined,
): readonly MembershipStep[] | "proof-malformed" | "too-many-steps" {
  if (!Array.isArray(value)) return "proof-malformed";
  if (value.length > MAX_MEMBERSHIP_STEPS) return "too-many-steps";
  const steps: MembershipStep[] = [];
  for (const step of value) {
    if (!isJsonObject(step) || !hasExactly(step, ["sibling", "sibling_is_left"])) return "proof-malformed";
    const sibling = step.get("sibling");
    const siblingIsLeft = step.get("sibling_is_left");
    if (!isHexDigest(sibling) || typeof siblingIsLeft !== "boolean") return "proof-malformed";
    steps.push({ sibling, siblingIsLeft });
  }
  return steps;
}

function refuse(reason: MembershipReason): MembershipFault {
  return { ok: false, code: "VERIFICATION_FAILED", reason };
}

function proveLeaf(tree: MerkleTree, entry: ManifestEntry, leaf: number): MembershipProof {
  const steps: MembershipStep[] = [];
  let index = leaf;
  // The root's own level has no sibling.
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

/** Where a path stands, or would stand, among sorted entries. */
function findLeaf(entries: Listing<ManifestEntry>, path: string): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const found = entries.at(middle)?.path ?? "";
    if (compareUtf8(found, path) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
