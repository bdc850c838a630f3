import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { expect, it } from "vitest";
import { AnchoredRoot } from "../../../../src/node/system/files/anchored-root.ts";
import { BoardFindings } from "../../../../src/node/system/hashing/board-findings.ts";
import { makeHashBoard } from "../../../../src/node/system/hashing/hash-board.ts";
import { layOutTexts } from "../../../../src/node/system/hashing/shared-texts.ts";
import type {
  JobRequest,
  WorkerMessage,
  WorkerSettings,
} from "../../../../src/node/system/work/worker-pool.ts";
import { makeFolder, removeTree } from "../../../support/files/tree.ts";

const WORKER = new URL("../../../../dist/cli/bundle/pool-worker.js", import.meta.url);
const JOB = new URL("../../../../dist/cli/bundle/hash-job.js", import.meta.url).href;
const SABOTAGE = fileURLToPath(new URL("../../../support/command/sabotage.mjs", import.meta.url));

/** Works a board off whose only file can't be opened; gives what the worker said of it. */
async function causesOf(folder: string, reportsCauses: boolean): Promise<readonly unknown[]> {
  writeFileSync(join(folder, "a"), "");
  const root = AnchoredRoot.open(folder);
  const board = makeHashBoard(root, layOutTexts(["a"]));
  const worker = new Worker(WORKER, {
    workerData: { reportsCauses, module: JOB } satisfies WorkerSettings,
    execArgv: ["--import", SABOTAGE],
    // The first call of all asks whether folders can be entered by descriptor.
    env: { SABOTAGE: "openSync:2:EIO", SABOTAGE_TEXT: "forced" },
  });
  const said: unknown[] = [];
  await new Promise<void>((resolve, reject) => {
    worker.on("error", reject);
    worker.on("message", (message: WorkerMessage) => {
      if (message.kind === "done") resolve();
      else said.push(message.thrown);
    });
    worker.postMessage({ module: JOB, input: board } satisfies JobRequest);
  });
  await worker.terminate();
  expect([...new BoardFindings(board).read(1)]).toEqual([{ kind: "unreadable", code: "READ_FAILED" }]);
  root.close();
  return said;
}

it.each([
  [true, 1],
  [false, 0],
])("a hash worker tells why a file could not be read, if it is asked: %s", async (reportsCauses, count) => {
  const folder = makeFolder();
  try {
    const said = await causesOf(folder, reportsCauses);
    expect(said).toHaveLength(count);
    for (const cause of said) expect(String(cause)).toContain("EIO: forced");
  } finally {
    removeTree(folder);
  }
});
