/**
 * What a restore leaves beside what it restored: RESTORE_MANIFEST.json and RESTORE_REPORT.json, and, while a
 * chain is being restored, the chain manifest (PROTOCOL 13.6 and 13.8). All canonical JSON.
 *
 * @module
 */

import { declareDigest, parseDeclaredDigest } from "./artifacts/output-claims.ts";
import { concatBytes } from "./bytes.ts";
import { encodeCanonical } from "./canonical-json.ts";
import { type HexDigest, isHexDigest } from "./hex.ts";
import {
  asCount,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  jsonInteger,
  jsonObject,
} from "./json-value.ts";
import type { Listing } from "./listing.ts";
import { findPathsBelowOthers, parseOutputPath } from "./output-path.ts";
import { STAGING_PREFIX } from "./restore-gate.ts";
import { parseStrictJson } from "./strict-json.ts";
import { compareUtf8, encodeUtf8 } from "./utf8.ts";

/** The two files that a restore leaves at the top of a root, or of each run's folder. */
export const RESULT_ARTIFACTS = ["RESTORE_MANIFEST.json", "RESTORE_REPORT.json"] as const;

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

/** Encodes RESTORE_MANIFEST.json; the files come in byte order of path. */
export function encodeRestoreManifest(files: Iterable<RestoredFile>): Uint8Array {
  return concatBytes([...encodeRestoreManifestInPieces(files)]);
}

/** Entries that are encoded at once: of a million files, nobody holds a million JSON objects. */
const ENTRIES_A_PIECE = 256;

/** The same, piece by piece. */
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
    entries.push(
      jsonObject({ bytes: jsonInteger(bytes), relative_path: path, sha256: declareDigest(digest) }),
    );
  }
  yield encodePiece(open, entries, "]}");
}

/** Some entries without the brackets of an array, and what stands around them. */
function encodePiece(open: string, entries: readonly JsonObject[], close: string): Uint8Array {
  return concatBytes([encodeUtf8(open), encode(entries).subarray(1, -1), encodeUtf8(close)]);
}

/** Encodes RESTORE_REPORT.json. `chainRoot` is undefined outside a chain. */
export function encodeRestoreReport(run: RestoredRun, chainRoot: HexDigest | undefined): Uint8Array {
  return encode(
    jsonObject({
      bundle_roots: [run.bundleRoot],
      chain_root: chainRoot ?? null,
      ok: true,
      restored_bytes: jsonInteger(run.bytes),
      restored_files_count: jsonInteger(run.files.length),
    }),
  );
}

/** Encodes the chain manifest, which stands in the root while the runs of a chain are put in place. */
export function encodeChainManifest(runIds: readonly string[]): Uint8Array {
  return encode(jsonObject({ run_ids: runIds }));
}

/** What the result artifacts of one bundle tell. */
export interface RestoreRecord extends RestoredRun {
  readonly files: readonly RestoredFile[];
  /** Undefined outside a chain. */
  readonly chainRoot: HexDigest | undefined;
}

/**
 * Reads a manifest and its report. `undefined` unless they are, byte for byte, what a restore writes: whoever
 * edited them may name any file, and nothing else tells what was restored.
 */
export function parseRestoreRecord(manifest: Uint8Array, report: Uint8Array): RestoreRecord | undefined {
  const files = readFiles(parseObject(manifest)?.get("entries"));
  const told = parseObject(report);
  const roots = told?.get("bundle_roots");
  const bundleRoot = Array.isArray(roots) ? roots[0] : undefined;
  const chainRoot = told?.get("chain_root") ?? undefined;
  if (files === undefined || !isHexDigest(bundleRoot)) return undefined;
  if (chainRoot !== undefined && !isHexDigest(chainRoot)) return undefined;
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  if (!Number.isSafeInteger(bytes)) return undefined;
  const record = { bundleRoot, files, bytes, chainRoot };
  const isWhole =
    isEqual(encodeRestoreManifest(files), manifest) &&
    isEqual(encodeRestoreReport(record, chainRoot), report);
  return isWhole ? record : undefined;
}

function parseObject(bytes: Uint8Array): JsonObject | undefined {
  const parsed = parseStrictJson(bytes);
  return parsed.ok && isJsonObject(parsed.value) ? parsed.value : undefined;
}

function readFiles(entries: JsonValue | undefined): readonly RestoredFile[] | undefined {
  if (!Array.isArray(entries) || entries.length === 0) return undefined;
  const files: RestoredFile[] = [];
  for (const entry of entries) {
    if (!isJsonObject(entry)) return undefined;
    const path = entry.get("relative_path");
    const bytes = asCount(entry.get("bytes"));
    const digest = parseDeclaredDigest(entry.get("sha256"));
    if (typeof path !== "string" || bytes === undefined || digest === undefined) return undefined;
    if (!isRestorable(path)) return undefined;
    files.push({ path, bytes, digest });
  }
  const paths = files.map((file) => file.path);
  const isSorted = paths.every((path, index) => index === 0 || compareUtf8(paths[index - 1] ?? "", path) < 0);
  return isSorted && findPathsBelowOthers(paths).size === 0 ? files : undefined;
}

/** Whether a restore may have put an output there. */
function isRestorable(path: string): boolean {
  if (path.startsWith(STAGING_PREFIX) || RESULT_ARTIFACTS.some((name) => name === path)) return false;
  return parseOutputPath(path, { refuseColon: false }).ok;
}

function isEqual(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}

function encode(value: JsonValue): Uint8Array {
  const encoded = encodeCanonical(value);
  if (!encoded.ok) throw new TypeError("texts and integers always have a canonical form");
  return encoded.value;
}
