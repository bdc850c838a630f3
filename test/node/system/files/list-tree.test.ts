import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AnchoredRoot } from "../../../../src/node/system/files/anchored-root.ts";
import { listTree } from "../../../../src/node/system/files/walk-tree.ts";
import { Interruption } from "../../../../src/node/system/runtime/interruption.ts";
import type { Progress, ProgressCount, ProgressTotal } from "../../../../src/node/system/runtime/progress.ts";
import { layOutTree, removeTree } from "../../../support/files/tree.ts";

/** More folders than are listed between two breaths. */
const FOLDERS = 100;

const PATHS = Array.from({ length: FOLDERS }, (_, index) => `out/${String(index).padStart(3, "0")}/file`);

let folder: string;
let root: AnchoredRoot;

beforeAll(() => {
  folder = layOutTree(Object.fromEntries(PATHS.map((path) => [path, { utf8: path }])));
  root = AnchoredRoot.open(folder);
});

afterAll(() => {
  root.close();
  removeTree(folder);
});

/** A progress port, what it was given, and how to ask it. */
class Listener implements Progress {
  readonly begun: (readonly [string, ProgressTotal])[] = [];
  ask: () => ProgressCount = () => expect.unreachable("nothing has begun");

  begin(phase: string, total: ProgressTotal, done: () => ProgressCount): void {
    this.begun.push([phase, total]);
    this.ask = done;
  }

  beginWhole(): void {
    expect.unreachable("a listing has pauses");
  }

  end(): void {
    expect.unreachable("what comes next ends it");
  }
}

const nothing = (): boolean => false;

describe("listing a tree", () => {
  it("tells how many files there are so far, and of how many is not known", async () => {
    const progress = new Listener();
    const counts: number[] = [];
    const onFolder = (): number => counts.push(progress.ask().files);
    await listTree(root, [["out"]], nothing, { onFolder, progress });
    expect(progress.begun).toEqual([["list", {}]]);
    expect(counts.slice(0, 3)).toEqual([1, 2, 3]);
    expect(progress.ask()).toEqual({ files: FOLDERS, bytes: 0 });
  });

  it("is stopped between two folders", async () => {
    const stop = new AbortController();
    let folders = 0;
    const onFolder = (): void => {
      folders += 1;
      stop.abort();
    };
    const listing = listTree(root, [["out"]], nothing, { onFolder, signal: stop.signal });
    await expect(listing).rejects.toBeInstanceOf(Interruption);
    expect(folders).toBeLessThan(FOLDERS);
  });
});
