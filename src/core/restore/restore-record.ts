/**
 * Reading back what a restore left beside what it restored, RESTORE_MANIFEST.json and RESTORE_REPORT.json (PROTOCOL 13.6): what an
 * undo goes by.
 *
 * @module
 */

import { parseDeclaredDigest } from "../artifacts/output-table.ts";
import { concatBytes } from "../bytes/bytes.ts";
import { type HexDigest, isHexDigest } from "../bytes/hex.ts";
import { compareUtf8, encodeUtf8 } from "../bytes/utf8.ts";
import { asCount, isJsonObject, type JsonObject } from "../json/json-value.ts";
import { parseStrictJson } from "../json/strict-json.ts";
import { findPathsBelowOthers, parseOutputPath } from "../paths/output-path.ts";
import {
  ENTRIES_A_PIECE,
  encodeRestoreManifestInPieces,
  encodeRestoreReport,
  RESULT_ARTIFACTS,
  type RestoredFile,
  type RestoredRun,
} from "./restore-artifacts.ts";
import { STAGING_PREFIX } from "./restore-gate.ts";

/** What the result artifacts of one bundle tell. */
export interface RestoreRecord extends RestoredRun {
  readonly files: readonly RestoredFile[];
  /** Undefined outside a chain. */
  readonly chainRoot: HexDigest | undefined;
}

/**
 * Reads a manifest and its report. `undefined` unless they are, byte for byte, what a restore writes: an
 * edited manifest may name any file, and only the manifest says what was restored.
 */
export function parseRestoreRecord(manifest: Uint8Array, report: Uint8Array): RestoreRecord | undefined {
  const files = readFiles(manifest);
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
    isMadeOf(manifest, encodeRestoreManifestInPieces(files)) &&
    isEqual(encodeRestoreReport(record, chainRoot), report);
  return isWhole ? record : undefined;
}

function parseObject(bytes: Uint8Array): JsonObject | undefined {
  const parsed = parseStrictJson(bytes);
  return parsed.ok && isJsonObject(parsed.value) ? parsed.value : undefined;
}

function readFiles(manifest: Uint8Array): readonly RestoredFile[] | undefined {
  const files: RestoredFile[] = [];
  for (const piece of entriesInPieces(manifest)) {
    const entries = parseStrictJson(piece);
    if (!entries.ok || !Array.isArray(entries.value)) return undefined;
    for (const entry of entries.value) {
      const file = isJsonObject(entry) ? readFile(entry) : undefined;
      if (file === undefined) return undefined;
      files.push(file);
    }
  }
  const paths = files.map((file) => file.path);
  const isSorted = paths.every((path, index) => index === 0 || compareUtf8(paths[index - 1] ?? "", path) < 0);
  return files.length > 0 && isSorted && findPathsBelowOthers(paths).size === 0 ? files : undefined;
}

const OPENING = encodeUtf8('{"entries":[');
const CLOSING = encodeUtf8("]}");

/** Stands between two entries and nowhere else: in a text there is a backslash before each quote. */
const BETWEEN = encodeUtf8('},{"bytes":');

/**
 * The entries of a manifest as arrays of some of them, because a million JSON objects take too much memory and exceed the
 * limit of one text. For any text that a restore did not write, the entries are unspecified.
 */
function* entriesInPieces(manifest: Uint8Array): Generator<Uint8Array, void, undefined> {
  const end = manifest.length - CLOSING.length;
  for (let start = OPENING.length; start < end; ) {
    let stop = start;
    for (let entries = 0; entries < ENTRIES_A_PIECE && stop < end; entries++) {
      stop = endOfEntry(manifest, stop, end);
    }
    yield concatBytes([encodeUtf8("["), manifest.subarray(start, stop), encodeUtf8("]")]);
    // Over the comma.
    start = stop + 1;
  }
}

/** Where the entry ends that begins at a place, or in whose last character that lies. */
function endOfEntry(manifest: Uint8Array, from: number, end: number): number {
  const [first] = BETWEEN;
  for (let place = from + 1; place < end; place++) {
    if (manifest[place] === first && BETWEEN.every((byte, index) => manifest[place + index] === byte))
      return place + 1;
  }
  return end;
}

function readFile(entry: JsonObject): RestoredFile | undefined {
  const path = entry.get("relative_path");
  const bytes = asCount(entry.get("bytes"));
  const digest = parseDeclaredDigest(entry.get("sha256"));
  if (typeof path !== "string" || bytes === undefined || digest === undefined) return undefined;
  return isRestorable(path) ? { path, bytes, digest } : undefined;
}

/** Whether a restore may have put an output there. */
function isRestorable(path: string): boolean {
  if (path.startsWith(STAGING_PREFIX) || RESULT_ARTIFACTS.some((name) => name === path)) return false;
  return parseOutputPath(path, { refuseColon: false }).ok;
}

function isEqual(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}

/** Whether bytes are these pieces, one after the other, and nothing else. */
function isMadeOf(bytes: Uint8Array, pieces: Iterable<Uint8Array>): boolean {
  let place = 0;
  for (const piece of pieces) {
    if (!isEqual(bytes.subarray(place, place + piece.length), piece)) return false;
    place += piece.length;
  }
  return place === bytes.length;
}
