/** Phase 11, for bundles with a tree: it is there, lawful, and what the disk has (PROTOCOL 8 and 19). @module */

import { boundTree } from "../../../records/artifacts/binding.ts";
import type { ArtifactReading } from "../../../records/artifacts/opened-bundle.ts";
import type { OutputClaims } from "../../../records/artifacts/output-claims.ts";
import type { OutputTable } from "../../../records/artifacts/output-table.ts";
import type { SealedTree } from "../../../records/tree/output-tree.ts";
import { parseTree } from "../../../records/tree/tree-form.ts";
import { checkTree } from "../../../records/tree/tree-law.ts";
import { matchesDigest } from "../../../system/bytes/crypto.ts";
import { digestToHex } from "../../../system/bytes/hex.ts";
import { ok, type Result } from "../../../system/bytes/result.ts";
import { type Rejection, reject, type Undecided } from "../../../system/codes/verdict.ts";
import type { JsonValue } from "../../../system/json/json-value.ts";
import { type Judging, known, type Phase, type Request, type VerifyContext, walk } from "./judging.ts";

/** What phase 11 goes by. */
export interface LookedTree {
  /** What `readTree` gave. */
  readonly tree: Result<SealedTree, Rejection>;
  /** The first failure of comparing the disk with it; undefined if there is none, or if the outputs are not on the disk. */
  readonly failure: Rejection | Undecided | undefined;
}

/** What the tree of a bundle is compared with. */
export interface TreeBinding {
  /** What the signature names as the digest of the tree. */
  readonly digest: JsonValue;
  readonly claims: OutputClaims;
  readonly table: OutputTable;
}

/** What to compare the tree of a signed bundle with; undefined for a bundle without a tree. */
export function treeBinding({
  claims,
  outputHashes,
  status,
}: Pick<Judging, "claims" | "outputHashes" | "status">): TreeBinding | undefined {
  const digest = boundTree(known(status));
  if (digest === undefined) return undefined;
  return { digest, claims: known(claims), table: known(known(outputHashes).hashes) };
}

/**
 * Reads the tree of a bundle, as found under its name by lstat. Fails with TREE_MISSING, TREE_MISMATCH, TREE_MALFORMED, or
 * TREE_UNLAWFUL. Only signed bytes are parsed.
 */
export function readTree(
  { claims, digest }: TreeBinding,
  reading: ArtifactReading,
  { crypto, limits, pathRules }: VerifyContext,
): Result<SealedTree, Rejection> {
  if (reading.kind === "missing") return reject("tree", "TREE_MISSING", {});
  const isSigned =
    reading.kind === "bytes" && matchesDigest(digestToHex(crypto.sha256(reading.bytes)), digest, crypto);
  if (!isSigned) return reject("tree", "TREE_MISMATCH", { field: "output_tree_sha256" });
  const parsed = parseTree(reading.bytes);
  if (!parsed.ok) return parsed;
  const tree = { ...parsed.value, ...claims.lawfulPaths() };
  const { files } = tree;
  return checkTree(tree, { files, rules: pathRules, maxEntries: limits?.entries }) ?? ok(tree);
}

/** The phase: asks for the tree and what was found of it. */
export function tree({ lookedTree, status }: Judging): Rejection | Undecided | Request | undefined {
  if (boundTree(known(status)) === undefined) return undefined;
  if (lookedTree === undefined) return "tree";
  return lookedTree.tree.ok ? lookedTree.failure : lookedTree.tree;
}

/** A tree that the caller did not look at. It counts as missing: fail closed. */
export function notLookedAt(): LookedTree {
  return { tree: reject("tree", "TREE_MISSING", {}), failure: undefined };
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
  finish: (tree: SealedTree | undefined) => Ended,
): Result<UnendedBundle<Ended>, Rejection | Undecided> {
  const stop = walk(phases, bundle);
  if (stop !== undefined && typeof stop !== "string") return stop;
  if (stop !== undefined && stop !== "tree") throw new TypeError("what the phases ask for is there");
  const binding = treeBinding(bundle);
  if (binding === undefined) return ok({ readTree: undefined, end: () => ok(finish(undefined)) });
  return ok({
    readTree: (reading) => readTree(binding, reading, bundle.context),
    end: ({ failure, tree: read } = notLookedAt()) => (read.ok ? (failure ?? ok(finish(read.value))) : read),
  });
}
