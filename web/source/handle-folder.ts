/**
 * A folder that was dropped, through the File System Access API: browsers that have it also read folders dropped on a page that was
 * opened from a file.
 *
 * @module
 */

import type { SourceEntry, SourceFolder, SourceName, SourceNames } from "./source-folder.ts";

/** Whether the names in a folder can be seen. */
type FolderState = "readable" | "missing" | "unreadable";

/** A folder by its handle. Folders on the way to the last path stay known: neighbours have the same. */
export class HandleFolder implements SourceFolder {
  readonly name: string;
  readonly #folders = new Map<string, Promise<FileSystemDirectoryHandle>>();
  readonly #states = new Map<string, Promise<FolderState>>();

  constructor(root: FileSystemDirectoryHandle) {
    this.name = root.name;
    this.#folders.set("", Promise.resolve(root));
  }

  async look(path: string): Promise<SourceEntry> {
    if (path === "") return { kind: "folder" };
    try {
      const folder = await this.#folder(folderOf(path));
      const file = await folder.getFileHandle(nameOf(path));
      return { kind: "file", blob: await file.getFile() };
    } catch (thrown) {
      const name = errorName(thrown);
      if (name === "NotFoundError") return { kind: await this.#absence(path) };
      if (name !== "TypeMismatchError") return nothing(name);
      return (await this.list(path)) === "missing" ? { kind: "missing" } : { kind: "folder" };
    }
  }

  async list(path: string): Promise<SourceNames> {
    try {
      const names: SourceName[] = [];
      for await (const [name, { kind }] of (await this.#folder(path)).entries())
        names.push({ name, kind: kind === "file" ? "file" : "folder" });
      return names;
    } catch (thrown) {
      const name = errorName(thrown);
      return name === "NotFoundError" ? await this.#absence(path) : nothing(name).kind;
    }
  }

  /**
   * Why nothing was found at a path. Chromium answers `NotFoundError` for everything in a folder that it may not read, but fails in
   * another way to list that folder.
   */
  async #absence(path: string): Promise<Exclude<FolderState, "readable">> {
    for (let above = path; above !== ""; ) {
      above = folderOf(above);
      const state = await this.#state(above);
      if (state !== "missing") return state === "unreadable" ? "unreadable" : "missing";
    }
    return "missing";
  }

  #state(path: string): Promise<FolderState> {
    const known = this.#states.get(path);
    if (known !== undefined) return known;
    const found = this.#folder(path)
      .then(async (folder): Promise<FolderState> => {
        await folder.keys().next();
        return "readable";
      })
      .catch((thrown) => nothing(errorName(thrown)).kind);
    this.#states.set(path, found);
    return found;
  }

  #folder(path: string): Promise<FileSystemDirectoryHandle> {
    const known = this.#folders.get(path);
    if (known !== undefined) return known;
    const found = this.#folder(folderOf(path)).then((above) => above.getDirectoryHandle(nameOf(path)));
    this.#folders.set(path, found);
    return found;
  }
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf("/"), 0));
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** The API refuses names that are unsafe on some system, such as `a:b`, and lists none of them: whether they are there stays unknown. */
function errorName(thrown: unknown): string {
  if (thrown instanceof DOMException || thrown instanceof TypeError) return thrown.name;
  throw thrown;
}

function nothing(error: string): { readonly kind: "missing" | "unreadable" } {
  return { kind: error === "NotFoundError" || error === "TypeMismatchError" ? "missing" : "unreadable" };
}
