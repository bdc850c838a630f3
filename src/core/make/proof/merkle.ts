/**
 * The Merkle tree over a manifest of files (PROTOCOL 10).
 *
 * A leaf is the SHA-256 of `path:digest`. A node is the SHA-256 of the ASCII of left hex and right hex. An odd
 * level repeats its last digest. A leaf's preimage ends in `:` and 64 hex, and a node's is 128 hex characters.
 * So neither can be passed off as the other, if paths and digests are well-formed: both are checked.
 *
 * A tree of a million leaves is a few flat arrays of raw digests, 64 bytes for each leaf in all. All
 * preimages are written into one reused buffer.
 *
 * @module
 */

import type { Crypto } from "../../system/bytes/crypto.ts";
import { DIGEST_BYTES, digestToHex, type HexDigest, isHexDigest, writeHex } from "../../system/bytes/hex.ts";
import { MAX_PATH_BYTES } from "../../system/bytes/limits.ts";
import type { Listing } from "../../system/bytes/listing.ts";
import { type Fault, ok, type Result } from "../../system/bytes/result.ts";
import { compareUtf8, encodeUtf8, sortUtf8, writeUtf8 } from "../../system/bytes/utf8.ts";
import { parseOutputPath } from "../../system/paths/output-path.ts";

/** One file of a manifest. */
export interface ManifestEntry {
  readonly path: string;
  /** SHA-256 of the contents, 64 lowercase hex characters. */
  readonly digest: string;
}

/** A manifest with an unlawful entry, which could be confused with a node, or with one path twice. */
export type ManifestFault = Fault<"MANIFEST_INVALID">;

/** A tree with all its levels, from which `proveMembership` reads the steps of a leaf. */
export interface MerkleTree {
  readonly root: HexDigest;
  /** The leaves, in byte order of path. */
  readonly entries: Listing<ManifestEntry>;
  /** The raw digests of each level, 32 bytes each: the leaves first, the root last. */
  readonly levels: readonly Uint8Array[];
}

/**
 * Builds the tree of a manifest with its entries in any order. Fails with MANIFEST_INVALID as
 * `computeManifestRoot` does, and also for an empty manifest, which has no leaf.
 */
export function buildMerkleTree(
  entries: Listing<ManifestEntry>,
  crypto: Crypto,
): Result<MerkleTree, ManifestFault> {
  const sorted = sortManifest(entries);
  if (sorted === undefined || sorted.length === 0) return { ok: false, code: "MANIFEST_INVALID" };
  let level = hashLeaves(sorted, crypto);
  const levels = [level];
  while (level.length > DIGEST_BYTES) {
    level = levelAbove(level, crypto);
    levels.push(level);
  }
  return ok({ root: digestToHex(level), entries: sorted, levels });
}

/**
 * Computes the root of a manifest with its entries in any order. The root of an empty manifest is the SHA-256
 * of no bytes. Fails with MANIFEST_INVALID if a path breaks 9.1, has `:` as its second character or occurs
 * twice, or if a digest is not 64 lowercase hex.
 */
export function computeManifestRoot(
  entries: Listing<ManifestEntry>,
  crypto: Crypto,
): Result<HexDigest, ManifestFault> {
  if (entries.length === 0) return ok(digestToHex(crypto.sha256(new Uint8Array(0))));
  const sorted = sortManifest(entries);
  if (sorted === undefined) return { ok: false, code: "MANIFEST_INVALID" };
  return ok(computeRootOfLeaves(hashLeaves(sorted, crypto), crypto));
}

/**
 * Computes the root above leaves of 32 raw bytes each, in the order of their paths, at least one. Overwrites the leaves
 * to save memory. The caller must know that `computeManifestRoot` accepts the manifest.
 */
export function computeRootOfLeaves(leaves: Uint8Array, crypto: Crypto): HexDigest {
  let level = leaves;
  while (level.length > DIGEST_BYTES) level = levelAbove(level, crypto, level);
  return digestToHex(level);
}

/** Whether a path and a digest can be a leaf. Another entry could have the same preimage as a node. */
export function isManifestEntry(entry: ManifestEntry): boolean {
  const lawful = parseOutputPath(entry.path, { refuseColon: false }).ok;
  return lawful && entry.path.charAt(1) !== ":" && isHexDigest(entry.digest);
}

/** The text that is hashed for a leaf, in UTF-8. The entry must be lawful. */
export function leafPreimage({ digest, path }: ManifestEntry): string {
  return `${path}:${digest}`;
}

/** The digest of a leaf, 32 raw bytes. The entry must be lawful. */
export function hashLeaf(entry: ManifestEntry, crypto: Crypto): Uint8Array {
  return crypto.sha256(encodeUtf8(leafPreimage(entry)));
}

/** The entries in byte order of path. Gives `undefined` if one is unlawful or a path occurs twice. */
function sortManifest(entries: Listing<ManifestEntry>): Listing<ManifestEntry> | undefined {
  let isAscending = true;
  let before: string | undefined;
  for (const entry of entries) {
    if (!isManifestEntry(entry)) return undefined;
    isAscending &&= before === undefined || compareUtf8(before, entry.path) < 0;
    before = entry.path;
  }
  // Most manifests are sorted already, and then a million entries need no sort.
  if (isAscending) return entries;
  // The platform sorts plain texts several times faster than entries with a comparison function.
  const byPath = new Map(Array.from(entries, (entry) => [entry.path, entry]));
  if (byPath.size < entries.length) return undefined;
  const sorted: ManifestEntry[] = [];
  for (const path of sortUtf8([...byPath.keys()])) {
    const entry = byPath.get(path);
    if (entry !== undefined) sorted.push(entry);
  }
  return sorted;
}

/** As `hashLeaf` for each entry, with one buffer for all. */
function hashLeaves(entries: Listing<ManifestEntry>, crypto: Crypto): Uint8Array {
  const level = new Uint8Array(entries.length * DIGEST_BYTES);
  const buffer = new Uint8Array(MAX_PATH_BYTES + 1 + DIGEST_BYTES * 2);
  // Creating a view takes as long as hashing it, so there is one for each length.
  const views: Uint8Array[] = [];
  let offset = 0;
  for (const { path, digest } of entries) {
    // Writes path and digest directly: a joined text for each of a million leaves would become garbage.
    const colon = writeUtf8(path, buffer);
    buffer[colon] = 0x3a;
    for (let index = 0; index < digest.length; index++) buffer[colon + 1 + index] = digest.charCodeAt(index);
    const length = colon + 1 + digest.length;
    const preimage = views[length] ?? buffer.subarray(0, length);
    views[length] = preimage;
    level.set(crypto.sha256(preimage), offset);
    offset += DIGEST_BYTES;
  }
  return level;
}

/** Writes the level above into new memory or into `place`. That may be `level` itself: a node overwrites only digests that are hashed already. */
function levelAbove(level: Uint8Array, crypto: Crypto, place?: Uint8Array): Uint8Array {
  const nodes = Math.ceil(level.length / DIGEST_BYTES / 2);
  const above = place?.subarray(0, nodes * DIGEST_BYTES) ?? new Uint8Array(nodes * DIGEST_BYTES);
  const preimage = new Uint8Array(DIGEST_BYTES * 4);
  for (let node = 0; node < nodes; node++) {
    const left = node * 2 * DIGEST_BYTES;
    const right = left + DIGEST_BYTES;
    writeHex(level, left, DIGEST_BYTES, preimage, 0);
    writeHex(level, right < level.length ? right : left, DIGEST_BYTES, preimage, DIGEST_BYTES * 2);
    above.set(crypto.sha256(preimage), node * DIGEST_BYTES);
  }
  return above;
}
