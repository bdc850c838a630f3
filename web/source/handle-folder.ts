/**
 * A folder that was dropped, through the File System Access API: browsers that have it also read folders dropped on a page that was
 * opened from a file.
 *
 * @module
 */

import type { SourceEntry, SourceFolder, SourceName, SourceNames } from "./source-folder.ts";

/** A folder by its handle. Folders on the way to the last path stay known: neighbours have the same. */
export class HandleFolder implements SourceFolder {
  readonly name: string;
  readonly #folders = new Map<string, Promise<FileSystemDirectoryHandle>>();

  constructor(root: FileSystemDirectoryHandle) {
    this.name = root.name;
    this.#folders.set("", Promise.resolve(root));
  }

  async look(path: string): Promise<SourceEntry> {
    if (path === "") return { kind: "folder" };
    const end = path.lastIndexOf("/");
    try {
      const folder = await this.#folder(path.slice(0, Math.max(end, 0)));
      const file = await folder.getFileHandle(path.slice(end + 1));
      return { kind: "file", blob: await file.getFile() };
    } catch (thrown) {
      const name = errorName(thrown);
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
      return nothing(errorName(thrown)).kind;
    }
  }

  #folder(path: string): Promise<FileSystemDirectoryHandle> {
    const known = this.#folders.get(path);
    if (known !== undefined) return known;
    const end = path.lastIndexOf("/");
    const found = this.#folder(path.slice(0, Math.max(end, 0))).then((above) =>
      above.getDirectoryHandle(path.slice(end + 1)),
    );
    this.#folders.set(path, found);
    return found;
  }
}

/** The API refuses names that are unsafe on some system, such as `a:b`, and lists none of them: whether they are there stays unknown. */
function errorName(thrown: unknown): string {
  if (thrown instanceof DOMException || thrown instanceof TypeError) return thrown.name;
  throw thrown;
}

function nothing(error: string): { readonly kind: "missing" | "unreadable" } {
  return { kind: error === "NotFoundError" || error === "TypeMismatchError" ? "missing" : "unreadable" };
}
