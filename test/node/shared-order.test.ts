import { describe, expect, it } from "vitest";
import type { OutputPath } from "../../src/core/index.ts";
import { makeDone } from "../../src/node/files/tally.ts";
import { digestOf } from "../../src/node/node-crypto.ts";
import type { RunOutput } from "../../src/node/restore/entries.ts";
import { makeFileBoard } from "../../src/node/restore/file-board.ts";
import { readSharedOrder, shareOrder } from "../../src/node/restore/shared-order.ts";

const PATHS = ["a", "ä/ö\u{1f600}.txt", "b".repeat(300), "日本/語", "z"];

const OUTPUTS = PATHS.map((path, index): RunOutput => {
  const digest = digestOf(Buffer.from(path));
  return { path: path as OutputPath, digest, bytes: index * 2 ** 40, runId: `run-${index % 2}` };
});

const board = makeFileBoard(PATHS.length, makeDone());
const sources = { project: { fd: 5, real: ["p"] }, store: undefined, stored: new Set(["run-1"]) };

describe("an order in shared memory", () => {
  it("says of each file what was put there, whatever its name is written in", () => {
    const files = { fd: 7, paths: PATHS.map((path) => `in/${path}`) };
    const sent = structuredClone(shareOrder({ task: "stage", board, files, outputs: OUTPUTS, sources }));
    const order = readSharedOrder(sent);
    if (order.task !== "stage") throw new TypeError("another task");
    expect(PATHS.map((_, index) => order.files.paths.at(index))).toEqual(files.paths);
    expect(PATHS.map((_, index) => order.outputs.at(index))).toEqual(OUTPUTS);
    expect({ fd: order.files.fd, sources: order.sources }).toEqual({ fd: 7, sources });
  });

  it("has the paths and digests of what is looked at again", () => {
    const outputs = OUTPUTS.map(({ digest, path }) => ({ path, digest }));
    const order = readSharedOrder(
      shareOrder({ task: "look", board, files: { fd: 7, paths: PATHS }, outputs }),
    );
    if (order.task !== "look") throw new TypeError("another task");
    expect(PATHS.map((_, index) => order.outputs.at(index))).toEqual(outputs);
  });

  it("knows nothing beyond its end", () => {
    const files = { fd: 7, paths: PATHS };
    const order = readSharedOrder(shareOrder({ task: "stage", board, files, outputs: OUTPUTS, sources }));
    if (order.task !== "stage") throw new TypeError("another task");
    expect(order.files.paths.at(PATHS.length)).toBeUndefined();
    expect(order.outputs.at(PATHS.length)).toBeUndefined();
  });

  it("may have no files", () => {
    const files = { fd: 7, paths: [] };
    expect(readSharedOrder(shareOrder({ task: "sync", board, files })).files.paths.at(0)).toBeUndefined();
  });

  it("lies in memory that is shared, and is not copied when it is sent", () => {
    const order = shareOrder({ task: "sync", board, files: { fd: 7, paths: PATHS } });
    const sent = structuredClone(order);
    expect(sent.files.paths.bytes.buffer).toBeInstanceOf(SharedArrayBuffer);
    order.files.paths.bytes[0] = 0x61 + 1;
    expect(sent.files.paths.bytes[0]).toBe(0x62);
  });
});
