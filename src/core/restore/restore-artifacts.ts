/**
 * What a restore leaves beside what it restored: RESTORE_MANIFEST.json and RESTORE_REPORT.json, and, while a
 * chain is being restored, the chain manifest (PROTOCOL 13.6 and 13.8). All canonical JSON.
 *
 * @module
 */

import { declareDigest } from "../artifacts/output-table.ts";
import { concatBytes } from "../bytes/bytes.ts";
import type { HexDigest } from "../bytes/hex.ts";
import type { Listing } from "../bytes/listing.ts";
import { encodeUtf8 } from "../bytes/utf8.ts";
import { encodeOwn } from "../json/canonical-json.ts";
import { type JsonObject, jsonObject } from "../json/json-value.ts";

/** The two files that a restore leaves at the top of a root, or of each run's folder. */
export const RESULT_ARTIFACTS = ["RESTORE_MANIFEST.json", "RESTORE_REPORT.json"] as const;

/** The third, for a bundle with a tree: the links and the empty folders that a restore put there. */
export const RESTORE_TREE_NAME = "RESTORE_TREE.json";

/** One restored file. */
export interface RestoredFile {
  /** Relative to the folder that the manifest stands in. */
  readonly path: string;
  readonly digest: HexDigest;
  readonly bytes: number;
}

/** What a report says of one restored bundle. */
export interface RestoredRun {
  readonly bundleRoot: HexDigest;
  readonly files: Listing<RestoredFile>;
  readonly bytes: number;
}

/** Entries that are encoded, or read, at once: a million files never become a million JSON objects in memory. */
export const ENTRIES_A_PIECE = 256;

/** Encodes RESTORE_MANIFEST.json, piece by piece; the files come in byte order of path. */
export function* encodeRestoreManifestInPieces(
  files: Iterable<RestoredFile>,
): Generator<Uint8Array, void, undefined> {
  let open = '{"entries":[';
  let entries: JsonObject[] = [];
  for (const { path, digest, bytes } of files) {
    if (entries.length === ENTRIES_A_PIECE) {
      yield encodePiece(open, entries, "");
      open = ",";
      entries = [];
    }
    entries.push(jsonObject({ bytes: bytes, relative_path: path, sha256: declareDigest(digest) }));
  }
  yield encodePiece(open, entries, "]}");
}

/** Some entries without the brackets of an array, and what stands around them. */
function encodePiece(open: string, entries: readonly JsonObject[], close: string): Uint8Array {
  return concatBytes([encodeUtf8(open), encodeOwn(entries).subarray(1, -1), encodeUtf8(close)]);
}

/** Encodes RESTORE_REPORT.json. `chainRoot` is undefined outside a chain. */
export function encodeRestoreReport(run: RestoredRun, chainRoot: HexDigest | undefined): Uint8Array {
  return encodeOwn(
    jsonObject({
      bundle_roots: [run.bundleRoot],
      chain_root: chainRoot ?? null,
      ok: true,
      restored_bytes: run.bytes,
      restored_files_count: run.files.length,
    }),
  );
}

/** Encodes the chain manifest, which stands in the root while the runs of a chain are put in place. */
export function encodeChainManifest(runIds: readonly string[]): Uint8Array {
  return encodeOwn(jsonObject({ run_ids: runIds }));
}
