import { chmodSync, chownSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { replaceFile } from "../../src/node/files/replace-file.ts";
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
      expect(replaceFile(file, Buffer.from("new"), 0o640)).toBe(true);
      expect(readFileSync(file, "utf8")).toBe("new");
      expect(modeOf(file)).toBe("0640");
      expect(namesIn(folder)).toEqual(["file"]);
    });
  });

  it("replaces nothing where somebody else was quicker, and says so", () => {
    withFile((file, folder) => {
      const isCurrent = (): boolean => {
        // The new bytes are on the disk by now: only the rename is left.
        expect(namesIn(folder)).toHaveLength(2);
        return false;
      };
      expect(replaceFile(file, Buffer.from("new"), 0o644, { isCurrent })).toBe(false);
      expect(readFileSync(file, "utf8")).toBe("old");
      expect(namesIn(folder)).toEqual(["file"]);
    });
  });

  it.skipIf(process.getuid?.() !== 0)("leaves a user's file the user's, when root edits it", () => {
    withFile((file) => {
      chownSync(file, 65_534, 65_534);
      replaceFile(file, Buffer.from("new"), 0o600, { owner: { uid: 65_534, gid: 65_534 } });
      expect(statSync(file)).toMatchObject({ uid: 65_534, gid: 65_534 });
      expect(modeOf(file)).toBe("0600");
    });
  });
});
