/**
 * What a restore leaves beside what it restored: RESTORE_MANIFEST.json and RESTORE_REPORT.json, and, while a
 * chain is being restored, the chain manifest (PROTOCOL 13.6 and 13.8). All canonical JSON.
 *
 * @module
 */

import { declareDigest } from "../../records/artifacts/output-table.ts";
import type { TreeLink } from "../../records/tree/output-tree.ts";
import type { HexDigest } from "../../system/bytes/hex.ts";
import type { Listing } from "../../system/bytes/listing.ts";
import { encodeInPieces, encodeOwn, type LongJson } from "../../system/json/canonical-json.ts";
import { integerOf, type JsonObject, jsonObject } from "../../system/json/json-value.ts";

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

/** Encodes RESTORE_MANIFEST.json, piece by piece; the files come in byte order of path. */
export function encodeRestoreManifest(files: Iterable<RestoredFile>): Iterable<Uint8Array> {
  return encodeInPieces(new Map([["entries", () => entriesOf(files)]]));
}

function* entriesOf(files: Iterable<RestoredFile>): Generator<JsonObject, void, undefined> {
  for (const { bytes, digest, path } of files)
    yield jsonObject({ bytes, relative_path: path, sha256: declareDigest(digest) });
}

/** The content of RESTORE_TREE.json: what was put there besides files. Lists are in byte order of path. */
export interface RestoredTree {
  readonly emptyFolders: Listing<string>;
  readonly links: Listing<TreeLink>;
}

/** The version of RESTORE_TREE.json that this runseal writes and reads. */
export const RESTORED_TREE_VERSION = 1;

/** Encodes RESTORE_TREE.json, piece by piece. */
export function encodeRestoredTree({ emptyFolders, links }: RestoredTree): Iterable<Uint8Array> {
  const document = new Map<string, LongJson>([
    ["empty_folders", () => emptyFolders],
    ["links", () => linksOf(links)],
    ["version", integerOf(RESTORED_TREE_VERSION)],
  ]);
  return encodeInPieces(document);
}

function* linksOf(links: Iterable<TreeLink>): Generator<JsonObject, void, undefined> {
  for (const { path, target } of links) yield jsonObject({ path, target });
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
