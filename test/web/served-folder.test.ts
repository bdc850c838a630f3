import { afterEach, describe, expect, it } from "vitest";
import { ListedFolder } from "../../web/source/listed-folder.ts";
import { ServedFolder, serveFolder } from "../../web/source/served-folder.ts";
import type { SourceFolder } from "../../web/source/source-folder.ts";

describe("a folder that another thread looks into", () => {
  const ports: MessagePort[] = [];
  afterEach(() => {
    for (const port of ports.splice(0)) port.close();
  });

  /** Serves a folder through a port. `thrown` has what the folder threw, `messages` the number of messages to it. */
  function serve(folder: SourceFolder): {
    readonly served: ServedFolder;
    readonly thrown: unknown[];
    readonly messages: () => number;
  } {
    const { port1, port2 } = new MessageChannel();
    ports.push(port1, port2);
    const thrown: unknown[] = [];
    let messages = 0;
    port1.addEventListener("message", () => {
      messages++;
    });
    serveFolder(folder, port1, (reason) => thrown.push(reason));
    return { served: new ServedFolder(folder.name, port2), thrown, messages: () => messages };
  }

  function someFolder(): ListedFolder {
    const folder = new ListedFolder("project", false);
    folder.add("out/a.txt", { kind: "file", blob: new Blob(["alpha"]) });
    folder.add("out/b.txt", { kind: "file", blob: new Blob(["beta"]) });
    return folder;
  }

  it("has the files, the folders and the name of that one", async () => {
    const { served } = serve(someFolder());
    const file = await served.look("out/a.txt");
    expect(file.kind === "file" && (await file.blob.text())).toBe("alpha");
    expect(await served.look("out")).toEqual({ kind: "folder" });
    expect(await served.look("out/c.txt")).toEqual({ kind: "missing" });
    expect(await served.list("out")).toEqual([
      { name: "a.txt", kind: "file" },
      { name: "b.txt", kind: "file" },
    ]);
    expect(await served.list("in")).toBe("missing");
    expect(served.name).toBe("project");
  });

  it("is asked in one message for all paths that are looked up in one turn", async () => {
    const { messages, served } = serve(someFolder());
    const paths = Array.from({ length: 256 }, (_, index) => `out/${index}`);
    const found = await Promise.all(paths.map(async (path) => await served.look(path)));
    expect(found.every(({ kind }) => kind === "missing")).toBe(true);
    expect(messages()).toBe(1);
  });

  it("reports a folder that throws", async () => {
    const broken: SourceFolder = {
      name: "broken",
      look: () => Promise.reject(new TypeError("a bug")),
      list: async () => "missing",
    };
    const { served, thrown } = serve(broken);
    void served.look("a");
    await expect.poll(() => thrown).toEqual([new TypeError("a bug")]);
  });
});
