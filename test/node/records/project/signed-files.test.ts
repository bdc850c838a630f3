import { describe, expect, it } from "vitest";
import { DROPPED_FILE, type DroppedFacts, type HexDigest, ok } from "../../../../src/core/internal.ts";
import { holdProject } from "../../../../src/node/records/project/held-project.ts";
import { readSignedFile, signFile } from "../../../../src/node/records/project/signed-files.ts";
import { AnchoredRoot } from "../../../../src/node/system/files/anchored-root.ts";
import { FIRST_SEED, testSigner } from "../../../support/bundles/bundle.ts";
import { makeFolder, removeTree } from "../../../support/files/tree.ts";

/** Signs a record of so many runs in a new project. Gives the fault, and whether the record is there. */
async function signed(maxBytes: number, runs: number): Promise<readonly [string | undefined, boolean]> {
  const rootPath = makeFolder();
  const root = AnchoredRoot.open(rootPath);
  try {
    const held = await holdProject({ home: root, homePath: rootPath });
    if (!held.ok) throw new TypeError(held.code);
    const key = testSigner(FIRST_SEED);
    const facts: DroppedFacts = {
      droppedAt: "2026-11-26T01:02:03Z",
      runs: Array.from({ length: runs }, (_, at) => ({
        runId: `run-${at}`,
        bundleRoot: "ab".repeat(32) as HexDigest,
      })),
    };
    const fault = await signFile(held.value, { ...DROPPED_FILE, maxBytes }, facts, {
      admit: async () => undefined,
      openSigner: async () =>
        ok({
          publicKey: () => Buffer.from(key.publicKeyHex, "hex"),
          sign: async (message) => ok(Buffer.from(key.sign(Buffer.from(message)), "hex")),
          [Symbol.dispose]: () => undefined,
        }),
    });
    const read = readSignedFile(held.value.folder, DROPPED_FILE);
    held.value.release();
    return [fault?.code, read !== undefined];
  } finally {
    root.close();
    removeTree(rootPath);
  }
}

describe("signing a file of a project", () => {
  it("writes nothing that would be too long to be read", async () => {
    expect(await signed(DROPPED_FILE.maxBytes, 3)).toEqual([undefined, true]);
    expect(await signed(500, 3)).toEqual(["WRITE_FAILED", false]);
  });
});
