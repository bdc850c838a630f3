import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { namedFolder, writeBundle } from "../../src/node/seal/bundle-writer.ts";
import { makeFolder, removeTree, snapshotTree } from "../support/tree.ts";

const FILES = new Map([["STATUS.json", Buffer.from("{}")]]);

class Arena implements Disposable {
  readonly path: string = makeFolder();
  readonly runs = { ...namedFolder(this.path), shown: "runs", partialName: ".partial" };

  [Symbol.dispose](): void {
    removeTree(this.path);
  }
}

describe("a bundle that is written where partial ones have one name", () => {
  it("leaves nothing of that name, neither when it is in its place nor when it is taken away", () => {
    using arena = new Arena();
    const written = writeBundle(arena.runs, "one", FILES);
    expect(readdirSync(arena.path)).toEqual(["one"]);
    expect(written.ok && written.value.remove()).toBe(true);
    expect(readdirSync(arena.path)).toEqual([]);
  });

  it("does not call its run there already where somebody else has that name, and leaves it to him", () => {
    using arena = new Arena();
    mkdirSync(join(arena.path, ".partial"));
    const before = snapshotTree(arena.path);
    expect(writeBundle(arena.runs, "one", FILES)).toMatchObject({
      code: "WRITE_FAILED",
      details: { path: "runs/.partial", reason: "already-there" },
    });
    expect(snapshotTree(arena.path)).toEqual(before);
  });
});
