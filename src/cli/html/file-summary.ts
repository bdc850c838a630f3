/**
 * What a report shows of files: the largest ones and the folders that hold most. A run may have a million files; the summary is
 * bounded, and counts what it leaves out.
 *
 * @module
 */

import { itemAt, type Listing } from "../../core/internal.ts";

/** A file of a run. */
export interface FileSize {
  readonly path: string;
  /** Undefined if no file was found there, or if it was not read. */
  readonly bytes: number | undefined;
}

/** Files that are counted together. */
export interface Folder {
  /** Relative to `FileSummary.base`; "" for files beside the folders. */
  readonly name: string;
  readonly files: number;
  readonly bytes: number;
  /** Its largest files, largest first. */
  readonly largest: readonly LargeFile[];
}

/** A file with its size. */
export interface LargeFile {
  readonly path: string;
  readonly bytes: number;
}

/** A bounded summary. */
export interface FileSummary {
  readonly files: number;
  readonly bytes: number;
  /** Files without a size. */
  readonly unread: number;
  /** The folder that all files are in; "" if they have none in common. Ends in a slash otherwise. */
  readonly base: string;
  /** Largest first. */
  readonly largest: readonly LargeFile[];
  /** Largest first. */
  readonly folders: readonly Folder[];
  /** The folders that are left out, together. */
  readonly others: Omit<Folder, "name" | "largest"> & { readonly folders: number };
}

/** How much a summary holds. */
const MAX_LARGEST = 20;
const MAX_PIECES = 120;
const MAX_FOLDERS = 12;
/** Folders that are counted one by one. */
const MAX_COUNTED = 10_000;

/** Summarizes files, which may be in any order. */
export function summarizeFiles(files: Listing<FileSize>): FileSummary {
  const base = commonFolder(files);
  const folders = new Map<string, Counted>();
  const rest: Counted = { files: 0, bytes: 0 };
  const pieces: LargeFile[] = [];
  let [bytes, unread] = [0, 0];
  for (const { bytes: size, path } of files) {
    const name = folderName(path, base);
    let counted = folders.get(name);
    if (counted === undefined) {
      counted = folders.size < MAX_COUNTED ? { files: 0, bytes: 0 } : rest;
      if (counted !== rest) folders.set(name, counted);
    }
    counted.files++;
    if (size === undefined) unread++;
    else {
      counted.bytes += size;
      bytes += size;
      offer(pieces, { path, bytes: size }, MAX_PIECES);
    }
  }
  const ordered = [...folders].sort(([, left], [, right]) => right.bytes - left.bytes);
  const largest = keepLargest(pieces, MAX_PIECES);
  return {
    files: files.length,
    bytes,
    unread,
    base,
    largest: largest.slice(0, MAX_LARGEST),
    folders: ordered.slice(0, MAX_FOLDERS).map(([name, counted]) => ({
      name,
      ...counted,
      largest: largest.filter(({ path }) => folderName(path, base) === name),
    })),
    others: countOthers(ordered.slice(MAX_FOLDERS), rest),
  };
}

interface Counted {
  files: number;
  bytes: number;
}

function countOthers(folders: readonly (readonly [string, Counted])[], rest: Counted): FileSummary["others"] {
  const all = [...folders.map(([, counted]) => counted), rest];
  return {
    folders: folders.length,
    files: all.reduce((sum, { files }) => sum + files, 0),
    bytes: all.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

function folderName(path: string, base: string): string {
  const rest = path.slice(base.length);
  const slash = rest.indexOf("/");
  return slash < 0 ? "" : rest.slice(0, slash);
}

/** The deepest folder that all files are in, with its slash. */
function commonFolder(files: Listing<FileSize>): string {
  if (files.length === 0) return "";
  let base = folderOf(itemAt(files, 0).path);
  for (const { path } of files) {
    while (!path.startsWith(base)) base = folderOf(base.slice(0, -1));
    if (base === "") break;
  }
  return base;
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/") + 1);
}

/** Adds a file to the largest ones. Sorting once per `most` files keeps the work in proportion to the number of files. */
function offer(largest: LargeFile[], file: LargeFile, most: number): void {
  if (largest.push(file) >= 2 * most) keepLargest(largest, most);
}

function keepLargest(files: LargeFile[], most: number): readonly LargeFile[] {
  files.sort((left, right) => right.bytes - left.bytes).splice(most);
  return files;
}
