/**
 * The Merkle root over a manifest of files (PROTOCOL 10).
 *
 * Leaf: SHA-256 of `path:digest`; node: SHA-256 of the ASCII of left hex and right hex; an odd level
 * repeats its last. A leaf's preimage ends in `:` and 64 hex, a node's is 128 hex characters, so neither
 * can pass for the other as long as paths and digests are what they claim to be: both are checked.
 *
 * @module
 */

import type { Crypto } from "./crypto.ts";
import { digestToHex, type HexDigest, isHexDigest } from "./hex.ts";
import { parseOutputPath } from "./output-path.ts";
import { ok, type Result } from "./result.ts";
import { compareUtf8, encodeUtf8 } from "./utf8.ts";

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

/**
 * Computes the root of a manifest, whatever the order of its entries. An empty one has the SHA-256 of no
 * bytes. Fails with MANIFEST_INVALID where a path breaks 9.1, has `:` as its second character or occurs
 * twice, or where a digest isn't 64 lowercase hex.
 */
export function computeManifestRoot(
  entries: readonly ManifestEntry[],
  crypto: Crypto,
): Result<HexDigest, ManifestFault> {
  const sorted = [...entries].sort((left, right) => compareUtf8(left.path, right.path));
  const invalid = sorted.some((entry, index) => !isLeaf(entry) || entry.path === sorted[index - 1]?.path);
  if (invalid) return { ok: false, code: "MANIFEST_INVALID" };
  let level = sorted.map(({ path, digest }) => hashText(`${path}:${digest}`, crypto));
  if (level.length === 0) return ok(hashText("", crypto));
  while (level.length > 1) level = levelAbove(level, crypto);
  return ok(level[0] ?? hashText("", crypto));
}

function levelAbove(level: readonly HexDigest[], crypto: Crypto): HexDigest[] {
  const above: HexDigest[] = [];
  for (let index = 0; index < level.length; index += 2) {
    const left = level[index] ?? "";
    above.push(hashText(left + (level[index + 1] ?? left), crypto));
  }
  return above;
}

function isLeaf(entry: ManifestEntry): boolean {
  const lawful = parseOutputPath(entry.path, { refuseColon: false }).ok;
  return lawful && entry.path.charAt(1) !== ":" && isHexDigest(entry.digest);
}

function hashText(text: string, crypto: Crypto): HexDigest {
  return digestToHex(crypto.sha256(encodeUtf8(text)));
}
