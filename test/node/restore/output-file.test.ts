import { createHash } from "node:crypto";
import { openSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { digestToHex } from "../../../src/core/internal.ts";
import { type FileSystem, nodeFileSystem } from "../../../src/node/files/file-system.ts";
import { makeReadBuffer } from "../../../src/node/hashing/hash-file.ts";
import { checkOutput } from "../../../src/node/restore/work/output-file.ts";
import { driveSteps } from "../../../src/node/runtime/interruption.ts";
import { makeFolder, removeTree } from "../../support/files/tree.ts";

it("finds a restored file of another size wrong without reading it", async () => {
  const folder = makeFolder();
  onTestFinished(() => removeTree(folder));
  const file = join(folder, "a.txt");
  writeFileSync(file, "alpha\n");
  truncateSync(file, 3 * 2 ** 40);
  const fs: FileSystem = {
    ...nodeFileSystem,
    readSync: () => {
      throw new Error("nothing is to be read");
    },
  };
  const digest = digestToHex(createHash("sha256").update("alpha\n").digest());
  const checking = { buffer: makeReadBuffer(), fs, usesPool: false, count: () => undefined };
  const steps = checkOutput(
    { path: "a.txt", digest, bytes: 6, mode: undefined },
    () => openSync(file, "r"),
    checking,
  );
  expect(await driveSteps(steps, undefined)).toMatchObject({ code: "RESTORE_HASH_MISMATCH_AFTER_RESTORE" });
});
