import { cpSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { collectGarbage } from "../../../../src/node/records/store/collect/collect-garbage.ts";
import type { FileSystem } from "../../../../src/node/system/files/file-system.ts";
import { faultyFileSystem } from "../../../support/files/faulty-file-system.ts";
import { makeFolder, removeTree } from "../../../support/files/tree.ts";
import { isStored, nameContents, packNames, placeObject, placePackOf } from "../../../support/store/packs.ts";

const FILES = ["delta", "epsilon"];
const NAMED = ["alpha", "beta", "gamma", ...FILES];

function makeTemplate(): string {
  const root = makeFolder();
  onTestFinished(() => removeTree(root));
  nameContents(root, "one", NAMED);
  // One to rewrite, one to join with it, and one to remove.
  placePackOf(
    root,
    ["alpha", "x".repeat(1_200_000), "y".repeat(300)].map((content) => content.slice(0, 1_000_000)),
  );
  placePackOf(root, ["beta", "z".repeat(1_000_000)]);
  placePackOf(root, ["gamma", "garbage"]);
  placePackOf(root, ["nothing that is needed"]);
  for (const content of [...FILES, "garbage in a file"]) placeObject(root, content);
  return root;
}

async function collect(root: string, fs?: FileSystem) {
  return await (fs === undefined ? collectGarbage({ root }) : collectGarbage({ root }, fs));
}

function expectStored(root: string, what: string): void {
  for (const content of NAMED) expect(isStored(root, content), `${content} after ${what}`).toBe(true);
}

/** Runs a collection in which one call fails, for each call that it makes. */
async function failEach(
  errno: "ENOSPC" | "EIO",
  when: "before" | "after",
  persists: boolean,
  judge: (root: string, failed: string) => Promise<void>,
): Promise<void> {
  const template = makeTemplate();
  for (let at = 0; ; at++) {
    const root = makeFolder();
    try {
      cpSync(template, root, { recursive: true, preserveTimestamps: true });
      const { calls, fs } = faultyFileSystem({ kind: "change", at, errno, when, persists });
      await collect(root, fs);
      const failed = calls[at];
      expectStored(root, `${failed} ${at}`);
      if (failed === undefined) return;
      await judge(root, failed);
    } finally {
      removeTree(root);
    }
  }
}

describe("prune, where a call fails", () => {
  it.each([
    ["ENOSPC", "before"],
    ["EIO", "after"],
  ] as const)("loses nothing with %s %s the call, and the next one ends the work", async (errno, when) => {
    await failEach(errno, when, false, async (root, failed) => {
      const partials = packNames(root, ".partial");
      if (failed !== "unlinkSync" && failed !== "openSync") expect(partials, failed).toEqual([]);
      expect(await collect(root)).toMatchObject({ ok: true, value: { kept: 5, damaged: [] } });
      expectStored(root, `the collection after ${failed}`);
      expect(packNames(root, ".partial")).toEqual([]);
      expect(readdirSync(join(root, ".runseal", "objects"))).toHaveLength(FILES.length);
    });
  });

  it("loses nothing if no later call works either", async () => {
    await failEach("ENOSPC", "before", true, async () => undefined);
  });
});
