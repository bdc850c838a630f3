import { describe, expect, it } from "vitest";
import { HandleFolder } from "../../../web/source/handle-folder.ts";
import { recogniseFolder } from "../../../web/verify/read-project.ts";

/** A folder as Chromium shows it; `locked` is one that the browser may not read, and any other text the content of a file. */
type Described = string | { readonly [name: string]: Described };

/** As much of a handle as the page uses. */
class DescribedHandle {
  readonly kind = "directory";
  readonly name = "project";
  readonly #entries: Described;
  /** How often the folder was listed. */
  listed = 0;

  constructor(entries: Described) {
    this.#entries = entries;
  }

  async getDirectoryHandle(name: string): Promise<DescribedHandle> {
    const found = this.#find(name);
    if (typeof found === "string" && found !== "locked") throw new DOMException("", "TypeMismatchError");
    return new DescribedHandle(found);
  }

  async getFileHandle(name: string): Promise<{ getFile(): Promise<File> }> {
    const found = this.#find(name);
    if (typeof found !== "string" || found === "locked") throw new DOMException("", "TypeMismatchError");
    return { getFile: async () => new File([found], name) };
  }

  async *keys(): AsyncGenerator<string> {
    this.listed++;
    if (this.#entries === "locked") throw new DOMException("", "NotReadableError");
    yield* Object.keys(this.#entries);
  }

  async *entries(): AsyncGenerator<readonly [string, { readonly kind: string }]> {
    for await (const name of this.keys())
      yield [name, { kind: typeof this.#find(name) === "string" ? "file" : "directory" }];
  }

  #find(name: string): Described {
    const found = typeof this.#entries === "string" ? undefined : this.#entries[name];
    if (found === undefined) throw new DOMException("", "NotFoundError");
    return found;
  }
}

function folderOf(described: Described): { readonly folder: HandleFolder; readonly handle: DescribedHandle } {
  const handle = new DescribedHandle(described);
  return { folder: new HandleFolder(handle as unknown as FileSystemDirectoryHandle), handle };
}

describe("a dropped folder", () => {
  it("has a file as missing that is not in a folder which can be listed", async () => {
    const { folder } = folderOf({ out: { a: "alpha" } });
    expect((await folder.look("out/a")).kind).toBe("file");
    expect((await folder.look("out/b")).kind).toBe("missing");
    expect((await folder.look("in/a/b")).kind).toBe("missing");
    expect(await folder.list("in/a")).toBe("missing");
  });

  it("has a file as unreadable, not missing, that is in a folder which can't be listed", async () => {
    const { folder } = folderOf({ out: { deep: "locked" } });
    expect((await folder.look("out/deep/a")).kind).toBe("unreadable");
    expect((await folder.look("out/deep/b/c")).kind).toBe("unreadable");
    expect(await folder.list("out/deep/b")).toBe("unreadable");
  });

  it("has a file as missing that would be in a file", async () => {
    const { folder } = folderOf({ out: "a file" });
    expect((await folder.look("out/a")).kind).toBe("missing");
  });

  it("is listed once, however many of its files are missing", async () => {
    const { folder, handle } = folderOf({});
    for (const name of ["a", "b", "c"]) await folder.look(name);
    expect(handle.listed).toBe(1);
  });

  it("is a project where its runs can't be read, so that the page says why", async () => {
    expect(await recogniseFolder(folderOf("locked").folder)).toBe("project");
    expect(await recogniseFolder(folderOf({ ".runseal": { runs: "locked" } }).folder)).toBe("project");
    expect(await recogniseFolder(folderOf({ ".runseal": {} }).folder)).toBe("neither");
  });
});
