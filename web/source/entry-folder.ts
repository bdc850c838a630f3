/**
 * A folder that was dropped, through the File and Directory Entries API. It is entered where a bundle leads, and not listed as a whole.
 *
 * @module
 */

import type { SourceEntry, SourceFolder, SourceName, SourceNames } from "./source-folder.ts";

/** Names that are read of one folder. More than any folder of bundles has. */
const MAX_NAMES = 1_000_000;

/** A dropped folder. */
export class EntryFolder implements SourceFolder {
  readonly name: string;
  readonly #root: FileSystemDirectoryEntry;

  constructor(root: FileSystemDirectoryEntry) {
    this.name = root.name;
    this.#root = root;
  }

  async look(path: string): Promise<SourceEntry> {
    if (path === "") return { kind: "folder" };
    const file = await this.#entry(path, "getFile");
    if (typeof file !== "string") return await openFile(file);
    if (file !== "TypeMismatchError") return nothing(file);
    const folder = await this.#entry(path, "getDirectory");
    return typeof folder === "string" ? nothing(folder) : { kind: "folder" };
  }

  async list(path: string): Promise<SourceNames> {
    const folder = path === "" ? this.#root : await this.#entry(path, "getDirectory");
    if (typeof folder === "string") return nothing(folder).kind === "unreadable" ? "unreadable" : "missing";
    if (!isFolder(folder)) return "missing";
    const reader = folder.createReader();
    const names: SourceName[] = [];
    for (;;) {
      const some = await readSome(reader);
      if (some === undefined || names.length + some.length > MAX_NAMES) return "unreadable";
      if (some.length === 0) return names;
      for (const { isFile, name } of some) names.push({ name, kind: isFile ? "file" : "folder" });
    }
  }

  /** An entry, or the name of the error. */
  #entry(path: string, get: "getFile" | "getDirectory"): Promise<FileSystemEntry | string> {
    return new Promise((resolve) => this.#root[get](path, {}, resolve, (error) => resolve(error.name)));
  }
}

function nothing(error: string): { readonly kind: "missing" | "unreadable" } {
  return { kind: error === "NotFoundError" || error === "TypeMismatchError" ? "missing" : "unreadable" };
}

function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

function openFile(entry: FileSystemEntry): Promise<SourceEntry> {
  if (!isFile(entry)) return Promise.resolve({ kind: "other" });
  return new Promise((resolve) =>
    entry.file(
      (blob) => resolve({ kind: "file", blob }),
      (error) => resolve(nothing(error.name)),
    ),
  );
}

/** The next names of a folder; none at its end, undefined where it can't be read. */
function readSome(reader: FileSystemDirectoryReader): Promise<readonly FileSystemEntry[] | undefined> {
  return new Promise((resolve) => reader.readEntries(resolve, () => resolve(undefined)));
}
