/**
 * Reading back what a restore left beside what it restored, RESTORE_MANIFEST.json and RESTORE_REPORT.json (PROTOCOL 13.6), and RESTORE_TREE.json: what an
 * undo goes by.
 *
 * @module
 */

import { parseDeclaredDigest } from "../../records/artifacts/output-table.ts";
import { mergePaths } from "../../records/tree/merge-paths.ts";
import type { TreeLink } from "../../records/tree/output-tree.ts";
import { isTarget } from "../../records/tree/tree-law.ts";
import { concatBytes, isSameBytes } from "../../system/bytes/bytes.ts";
import { type HexDigest, isHexDigest } from "../../system/bytes/hex.ts";
import { itemAt, itemsOf } from "../../system/bytes/listing.ts";
import { compareUtf8, encodeUtf8 } from "../../system/bytes/utf8.ts";
import { asCount, isJsonObject, type JsonObject } from "../../system/json/json-value.ts";
import { list, object, readAs, text } from "../../system/json/record.ts";
import { parseObject, parseStrictJson } from "../../system/json/strict-json.ts";
import { findPathsBelowOthers, parseOutputPath } from "../../system/paths/output-path.ts";
import {
  encodeRestoredTree,
  encodeRestoreManifest,
  encodeRestoreReport,
  RESTORE_TREE_NAME,
  RESTORED_TREE_VERSION,
  RESULT_ARTIFACTS,
  type RestoredFile,
  type RestoredRun,
  type RestoredTree,
} from "./restore-artifacts.ts";
import { STAGING_PREFIX } from "./restore-gate.ts";
import { RestoredFiles } from "./restored-files.ts";

/**
 * Reads RESTORE_TREE.json. `undefined` unless the bytes are what a restore writes, with lawful paths.
 */
export function parseRestoredTree(bytes: Uint8Array): RestoredTree | undefined {
  const file = parseObject(bytes);
  if (file === undefined || asCount(file.get("version")) !== RESTORED_TREE_VERSION) return undefined;
  const emptyFolders = readAs(list(text()), file.get("empty_folders"));
  const links = readAs(list(LINK), file.get("links"));
  if (emptyFolders === undefined || links === undefined) return undefined;
  const paths = links.map(({ path }) => path);
  const isLawful = [paths, emptyFolders].every((list) => isAscending(list) && list.every(isRestorable));
  const tree = { emptyFolders, links };
  return isLawful && isMadeOf(bytes, encodeRestoredTree(tree)) ? tree : undefined;
}

const LINK = object<TreeLink>({ path: text(), target: text(isTarget) });

function isAscending(paths: readonly string[]): boolean {
  return paths.every((path, index) => index === 0 || compareUtf8(paths[index - 1] ?? "", path) < 0);
}

/** What the result artifacts of one bundle tell. */
export interface RestoreRecord extends RestoredRun {
  readonly files: RestoredFiles;
  /** Undefined outside a chain. */
  readonly chainRoot: HexDigest | undefined;
  /** Undefined for a plain bundle. */
  readonly tree: RestoredTree | undefined;
}

/**
 * Reads a manifest and its report, and the tree beside them if there is one. `undefined` unless they are, byte for byte, what a restore writes: an
 * edited manifest may name any file, and only the manifest says what was restored.
 */
export function parseRestoreRecord(
  manifest: Uint8Array,
  report: Uint8Array,
  tree?: RestoredTree,
): RestoreRecord | undefined {
  const files = readFiles(manifest, tree);
  const told = parseObject(report);
  const roots = told?.get("bundle_roots");
  const bundleRoot = Array.isArray(roots) ? roots[0] : undefined;
  const chainRoot = told?.get("chain_root") ?? undefined;
  if (files === undefined || !isHexDigest(bundleRoot)) return undefined;
  if (chainRoot !== undefined && !isHexDigest(chainRoot)) return undefined;
  const { bytes } = files;
  if (!Number.isSafeInteger(bytes)) return undefined;
  const record = { bundleRoot, files, bytes, chainRoot, tree };
  const isWhole =
    isMadeOf(manifest, encodeRestoreManifest(files)) &&
    isSameBytes(encodeRestoreReport(record, chainRoot), report);
  return isWhole ? record : undefined;
}

function readFiles(manifest: Uint8Array, tree: RestoredTree | undefined): RestoredFiles | undefined {
  const files = new RestoredFiles();
  let before: string | undefined;
  for (const piece of entriesInPieces(manifest)) {
    const entries = parseStrictJson(piece);
    if (!entries.ok || !Array.isArray(entries.value)) return undefined;
    for (const entry of entries.value) {
      const file = isJsonObject(entry) ? readFile(entry) : undefined;
      if (file === undefined || (before !== undefined && compareUtf8(before, file.path) >= 0))
        return undefined;
      before = file.path;
      files.add(file);
    }
  }
  if (files.length === 0 && tree === undefined) return undefined;
  if (tree !== undefined && !isBeside(files, tree)) return undefined;
  const all = { [Symbol.iterator]: () => pathsWith(files, tree) };
  return findPathsBelowOthers(all).size === 0 ? files : undefined;
}

/** Whether no path of files, links and empty folders is there twice, and no file has the name of an artifact. */
function isBeside(files: RestoredFiles, tree: RestoredTree): boolean {
  let before: string | undefined;
  for (const path of pathsWith(files, tree)) {
    if (path === before) return false;
    before = path;
  }
  for (let index = 0; index < files.length; index++)
    if (files.pathAt(index) === RESTORE_TREE_NAME) return false;
  return true;
}

/** The paths of files, links and empty folders in byte order. Not as a list: that would be a million texts. */
function* pathsWith(files: RestoredFiles, tree: RestoredTree | undefined): Generator<string, undefined> {
  const own = itemsOf(files.length, (index) => files.pathAt(index));
  if (tree === undefined) return yield* own;
  const { emptyFolders, links } = tree;
  const linked = itemsOf(links.length, (index) => itemAt(links, index).path);
  for (const { path } of mergePaths([own, emptyFolders, linked])) yield path;
  return undefined;
}

/** Entries that are read at once. */
const ENTRIES_A_PIECE = 256;

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

/** Whether bytes are these pieces, one after the other, and nothing else. */
function isMadeOf(bytes: Uint8Array, pieces: Iterable<Uint8Array>): boolean {
  let place = 0;
  for (const piece of pieces) {
    if (!isSameBytes(bytes.subarray(place, place + piece.length), piece)) return false;
    place += piece.length;
  }
  return place === bytes.length;
}
