import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { expect, it } from "vitest";
import { AnchoredRoot } from "../../src/node/files/anchored-root.ts";
import { BoardFindings } from "../../src/node/files/board-findings.ts";
import { makeHashBoard } from "../../src/node/files/hash-board.ts";
import type { CrewSettings, WorkerWord } from "../../src/node/files/hash-crew.ts";
import { makeFolder, removeTree } from "../support/tree.ts";

const WORKER = new URL("../../dist/cli/bundle/hash-worker.js", import.meta.url);
const SABOTAGE = fileURLToPath(new URL("../support/sabotage.mjs", import.meta.url));

/** Works a board off whose only file can't be opened; gives what the worker said of it. */
async function causesOf(folder: string, tellCauses: boolean): Promise<readonly unknown[]> {
  writeFileSync(join(folder, "a"), "");
  const root = AnchoredRoot.open(folder);
  const board = makeHashBoard(root, ["a"]);
  const worker = new Worker(WORKER, {
    workerData: { tellCauses } satisfies CrewSettings,
    execArgv: ["--import", SABOTAGE],
    // The first call of all asks whether folders can be entered by descriptor.
    env: { SABOTAGE: "openSync:2:EIO", SABOTAGE_TEXT: "forced" },
  });
  const said: unknown[] = [];
  await new Promise<void>((resolve, reject) => {
    worker.on("error", reject);
    worker.on("message", (word: WorkerWord) => {
      if (word.kind === "done") resolve();
      else said.push(word.thrown);
    });
    worker.postMessage(board);
  });
  await worker.terminate();
  expect([...new BoardFindings(board).read(1)]).toEqual([{ kind: "unreadable", code: "READ_FAILED" }]);
  root.close();
  return said;
}

it.each([
  [true, 1],
  [false, 0],
])("a hash worker tells why a file could not be read, if it is asked: %s", async (tellCauses, count) => {
  const folder = makeFolder();
  try {
    const said = await causesOf(folder, tellCauses);
    expect(said).toHaveLength(count);
    for (const cause of said) expect(String(cause)).toContain("EIO: forced");
  } finally {
    removeTree(folder);
  }
});
