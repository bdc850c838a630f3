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
import { type JsonObject, type JsonValue, jsonObject } from "../json/json-value.ts";
import type { TreeLink } from "../tree/tree-places.ts";

/** The two files that a restore leaves at the top of a root, or of each run's folder. */
export const RESULT_ARTIFACTS = ["RESTORE_MANIFEST.json", "RESTORE_REPORT.json"] as const;

/** The third, for a bundle with a tree: the links and the empty folders that a restore put there. */
export const RESTORE_TREE_NAME = "RESTORE_TREE.json";

/** The names of the result artifacts, in the order in which they are written. */
export function resultArtifacts(hasTree: boolean): readonly string[] {
  return hasTree ? [RESTORE_TREE_NAME, ...RESULT_ARTIFACTS] : RESULT_ARTIFACTS;
}

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

/** The content of RESTORE_TREE.json: what was put there besides files. Lists are in byte order of path. */
export interface RestoredTree {
  readonly emptyFolders: Listing<string>;
  readonly links: Listing<TreeLink>;
}

/** The version of RESTORE_TREE.json that this runseal writes and reads. */
export const RESTORED_TREE_VERSION = 1;

/** Encodes RESTORE_TREE.json, piece by piece. */
export function* encodeRestoredTreeInPieces({
  emptyFolders,
  links,
}: RestoredTree): Generator<Uint8Array, void, undefined> {
  yield encodeUtf8('{"empty_folders":[');
  yield* encodeList(emptyFolders, (path) => path);
  yield encodeUtf8('],"links":[');
  yield* encodeList(links, ({ path, target }) => jsonObject({ path, target }));
  yield encodeUtf8(`],"version":${RESTORED_TREE_VERSION}}`);
}

function* encodeList<Item>(
  items: Iterable<Item>,
  toJson: (item: Item) => JsonValue,
): Generator<Uint8Array, void, undefined> {
  let before = "";
  let values: JsonValue[] = [];
  for (const item of items) {
    if (values.length === ENTRIES_A_PIECE) {
      yield encodePiece(before, values, "");
      before = ",";
      values = [];
    }
    values.push(toJson(item));
  }
  if (values.length > 0) yield encodePiece(before, values, "");
}

/** Some entries without the brackets of an array, and what stands around them. */
function encodePiece(open: string, entries: readonly JsonValue[], close: string): Uint8Array {
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
