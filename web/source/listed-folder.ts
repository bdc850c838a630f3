/**
 * A folder whose entries are all known: the list that a folder input gives, or the entries of an archive.
 *
 * @module
 */

import type { FoundEntry, ListedEntry, TreeDisk } from "../../src/core/internal.ts";
import type { SourceEntry, SourceFile, SourceFolder, SourceName, SourceNames } from "./source-folder.ts";

/** One entry that was listed. Permission bits are left out where they are not known. */
export type KnownEntry =
  | SourceFile
  | { readonly kind: "link"; readonly target: string }
  | { readonly kind: "fifo" | "socket" | "device" }
  | { readonly kind: "folder"; readonly mode?: number };

interface FolderNode {
  readonly kind: "folder";
  mode: number | undefined;
  readonly entries: Map<string, Node>;
}

type Node = FolderNode | Exclude<KnownEntry, { kind: "folder" }>;

interface Walked {
  /** Undefined where nothing is there. */
  readonly node: Node | undefined;
  /** The path of the node, or of the first name that is no folder. */
  readonly path: string;
  readonly isWhole: boolean;
}

/** A folder as a tree of names in memory. */
export class ListedFolder implements SourceFolder {
  readonly name: string;
  readonly disk: TreeDisk | undefined;
  readonly #root: FolderNode = newFolder();

  /** @param seesTree whether links, modes and empty folders were listed too. */
  constructor(name: string, seesTree: boolean) {
    this.name = name;
    this.disk = seesTree
      ? { look: (path) => this.#foundAt(path), list: (path) => this.#listedIn(path) }
      : undefined;
  }

  /** Adds an entry, and the folders above it. An entry of that name that is there already is replaced. */
  add(path: string, entry: KnownEntry): void {
    const names = path.split("/");
    const last = names.pop() ?? "";
    let folder = this.#root;
    for (const name of names) folder = enter(folder, name);
    if (entry.kind !== "folder") {
      folder.entries.set(last, entry);
      return;
    }
    const made = path === "" ? this.#root : enter(folder, last);
    made.mode = entry.mode;
  }

  async look(path: string): Promise<SourceEntry> {
    return this.#lookAt(path);
  }

  async list(path: string): Promise<SourceNames> {
    const { isWhole, node } = this.#walk(path);
    if (!isWhole || node?.kind !== "folder") return "missing";
    return [...node.entries].map(([name, entry]): SourceName => ({ name, kind: plainKind(entry) }));
  }

  #lookAt(path: string): SourceEntry {
    const walked = this.#walk(path);
    const { isWhole, node } = walked;
    if (node?.kind === "link") return { kind: "link", target: node.target, path: walked.path };
    if (!isWhole || node === undefined) return { kind: "missing" };
    if (node.kind === "file") return node;
    return { kind: node.kind === "folder" ? "folder" : "other" };
  }

  #walk(path: string): Walked {
    let node: Node | undefined = this.#root;
    let at = "";
    for (const name of path === "" ? [] : path.split("/")) {
      if (node.kind !== "folder") return { node, path: at, isWhole: false };
      at = at === "" ? name : `${at}/${name}`;
      node = node.entries.get(name);
      if (node === undefined) return { node, path: at, isWhole: at === path };
    }
    return { node, path: at, isWhole: true };
  }

  #foundAt(path: string): FoundEntry {
    const { node, path: at } = this.#walk(path);
    if (node === undefined) return { path: at, kind: "missing", mode: 0 };
    if (node.kind === "link")
      return { path: at, kind: "link", mode: 0o777, target: node.target, isTextTarget: true };
    return { path: at, kind: node.kind, mode: "mode" in node ? (node.mode ?? 0) : 0 };
  }

  #listedIn(path: string): readonly ListedEntry[] | undefined {
    const { isWhole, node } = this.#walk(path);
    if (!isWhole || node?.kind !== "folder") return undefined;
    return [...node.entries].map(([name, { kind }]) => ({ name, isText: true, kind }));
  }
}

function newFolder(): FolderNode {
  return { kind: "folder", mode: undefined, entries: new Map() };
}

function enter(folder: FolderNode, name: string): FolderNode {
  const known = folder.entries.get(name);
  if (known?.kind === "folder") return known;
  const made = newFolder();
  folder.entries.set(name, made);
  return made;
}

function plainKind({ kind }: Node): SourceName["kind"] {
  return kind === "file" || kind === "folder" || kind === "link" ? kind : "other";
}
