import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { replaceFile } from "../../src/node/files/durable-file.ts";
import { modeOf, namesIn } from "../support/cli.ts";
import { makeFolder, removeTree } from "../support/tree.ts";

/** A folder with one file, which a test gets and which goes away afterwards. */
function withFile(use: (file: string, folder: string) => void): void {
  const folder = makeFolder();
  try {
    const file = join(folder, "file");
    writeFileSync(file, "old");
    use(file, folder);
  } finally {
    removeTree(folder);
  }
}

describe("replacing a file", () => {
  it("puts the new bytes and mode in its place, and leaves nothing beside", () => {
    withFile((file, folder) => {
      chmodSync(file, 0o644);
      replaceFile(file, Buffer.from("new"), 0o640);
      expect(readFileSync(file, "utf8")).toBe("new");
      expect(modeOf(file)).toBe("0640");
      expect(namesIn(folder)).toEqual(["file"]);
    });
  });
});
