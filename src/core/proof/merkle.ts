/**
 * The Merkle tree over a manifest of files (PROTOCOL 10).
 *
 * Leaf: SHA-256 of `path:digest`; node: SHA-256 of the ASCII of left hex and right hex; an odd level
 * repeats its last. A leaf's preimage ends in `:` and 64 hex, a node's is 128 hex characters, so neither
 * can pass for the other as long as paths and digests are what they claim to be: both are checked.
 *
 * A tree of a million leaves is a few flat arrays of raw digests, 64 bytes a leaf in all. Each node's
 * preimage is written into one buffer that serves them all.
 *
 * @module
 */

import type { Crypto } from "../bytes/crypto.ts";
import { DIGEST_BYTES, digestToHex, type HexDigest, isHexDigest, writeHex } from "../bytes/hex.ts";
import { MAX_PATH_BYTES } from "../bytes/limits.ts";
import type { Listing } from "../bytes/listing.ts";
import { ok, type Result } from "../bytes/result.ts";
import { compareUtf8, encodeUtf8, sortUtf8, writeUtf8 } from "../bytes/utf8.ts";
import { parseOutputPath } from "../paths/output-path.ts";

/** One file of a manifest. */
export interface ManifestEntry {
  readonly path: string;
  /** SHA-256 of the contents, 64 lowercase hex characters. */
  readonly digest: string;
}

/** A manifest with a path or digest that could blur the line between leaf and node, or one path twice. */
export interface ManifestFault {
  readonly ok: false;
  readonly code: "MANIFEST_INVALID";
}

/** A tree with all its levels, from which `proveMembership` reads the way of each leaf. */
export interface MerkleTree {
  readonly root: HexDigest;
  /** The leaves, in byte order of path. */
  readonly entries: Listing<ManifestEntry>;
  /** The raw digests of each level, 32 bytes each: the leaves' level first, the root's last. */
  readonly levels: readonly Uint8Array[];
}

/**
 * Grows the tree of a manifest, whatever the order of its entries. Fails with MANIFEST_INVALID where
 * `computeManifestRoot` does, and where the manifest is empty: without a leaf there is no tree.
 */
export function growMerkleTree(
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
 * Computes the root of a manifest, whatever the order of its entries. An empty one has the SHA-256 of no
 * bytes. Fails with MANIFEST_INVALID where a path breaks 9.1, has `:` as its second character or occurs
 * twice, or where a digest isn't 64 lowercase hex.
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
 * Computes the root above leaves in the order of their paths, 32 raw bytes each, at least one; in their place, so that they are
 * no leaves afterwards. They are those of a manifest that `computeManifestRoot` accepts, which is the caller's to know.
 */
export function computeRootOfLeaves(leaves: Uint8Array, crypto: Crypto): HexDigest {
  let level = leaves;
  while (level.length > DIGEST_BYTES) level = levelAbove(level, crypto, level);
  return digestToHex(level);
}

/** Whether a path and a digest may be a leaf: whatever may not could pass for something else. */
export function isManifestEntry(entry: ManifestEntry): boolean {
  const lawful = parseOutputPath(entry.path, { refuseColon: false }).ok;
  return lawful && entry.path.charAt(1) !== ":" && isHexDigest(entry.digest);
}

/** What is hashed for a leaf, in UTF-8. The entry is a lawful one. */
export function leafPreimage({ digest, path }: ManifestEntry): string {
  return `${path}:${digest}`;
}

/** The digest of a leaf, 32 raw bytes. The entry is a lawful one. */
export function hashLeaf(entry: ManifestEntry, crypto: Crypto): Uint8Array {
  return crypto.sha256(encodeUtf8(leafPreimage(entry)));
}

/** The entries in byte order of path, or `undefined` where one is unlawful or a path occurs twice. */
function sortManifest(entries: Listing<ManifestEntry>): Listing<ManifestEntry> | undefined {
  let isAscending = true;
  let before: string | undefined;
  for (const entry of entries) {
    if (!isManifestEntry(entry)) return undefined;
    isAscending &&= before === undefined || compareUtf8(before, entry.path) < 0;
    before = entry.path;
  }
  // Manifests mostly come sorted, and then a million entries need no sort of their own.
  if (isAscending) return entries;
  // Texts alone are sorted by the platform, several times faster than entries by a comparison of ours.
  const byPath = new Map(Array.from(entries, (entry) => [entry.path, entry]));
  if (byPath.size < entries.length) return undefined;
  const sorted: ManifestEntry[] = [];
  for (const path of sortUtf8([...byPath.keys()])) {
    const entry = byPath.get(path);
    if (entry !== undefined) sorted.push(entry);
  }
  return sorted;
}

/** As `hashLeaf` would, a leaf after the other, in one buffer. */
function hashLeaves(entries: Listing<ManifestEntry>, crypto: Crypto): Uint8Array {
  const level = new Uint8Array(entries.length * DIGEST_BYTES);
  const buffer = new Uint8Array(MAX_PATH_BYTES + 1 + DIGEST_BYTES * 2);
  // A view costs as much as its hash: there is one for each length.
  const views: Uint8Array[] = [];
  let offset = 0;
  for (const { path, digest } of entries) {
    // A text of path and digest together would be thrown away a million times.
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

/** Into new memory, or from the beginning of `place`, which may be that of the level itself: each node comes before its children. */
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
