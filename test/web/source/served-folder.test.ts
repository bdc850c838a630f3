import { expect, it } from "vitest";
import { ListedFolder } from "../../../web/source/listed-folder.ts";
import { ServedFolder, serveFolder } from "../../../web/source/served-folder.ts";

it("a folder in another thread gives each question its own answer, of those that were asked at once", async () => {
  const folder = new ListedFolder("", false);
  folder.add("out/a", { kind: "file", blob: new Blob(["alpha"]) });
  const { port1, port2 } = new MessageChannel();
  try {
    serveFolder(folder, port1, (thrown) => {
      throw thrown;
    });
    const served = new ServedFolder("", port2);
    const answers = await Promise.all([
      served.list("out"),
      served.look("out/b"),
      served.look("out/a"),
      served.list("in"),
    ]);
    expect(answers).toMatchObject([
      [{ name: "a", kind: "file" }],
      { kind: "missing" },
      { kind: "file" },
      "missing",
    ]);
  } finally {
    port1.close();
  }
});
