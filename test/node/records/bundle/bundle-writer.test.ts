import { mkdirSync, readdirSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { namedFolder, writeBundle } from "../../../../src/node/records/bundle/bundle-writer.ts";
import { makeFolder, removeTree, snapshotTree } from "../../../support/files/tree.ts";

const FILES = new Map([["STATUS.json", Buffer.from("{}")]]);

/** Longer than any file system takes. */
const TOO_LONG = "n".repeat(300);

class Arena implements Disposable {
  readonly path: string = makeFolder();
  readonly runs = { ...namedFolder(this.path), shown: "runs", partialName: ".partial" };

  at(...path: readonly string[]): string {
    return join(this.path, ...path);
  }

  [Symbol.dispose](): void {
    removeTree(this.path);
  }
}

/** Two files of a bundle; `meddle` runs once the first is written. */
class MeddledFiles extends Map<string, Uint8Array> {
  readonly #meddle: () => void;

  constructor(second: string, meddle: () => void) {
    super([...FILES, [second, Buffer.from("{}")]]);
    this.#meddle = meddle;
  }

  override *[Symbol.iterator](): MapIterator<[string, Uint8Array]> {
    const [first, ...others] = this.entries();
    if (first !== undefined) yield first;
    this.#meddle();
    yield* others;
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

  it("uses another name if this one is taken, and leaves the other file alone", () => {
    using arena = new Arena();
    mkdirSync(arena.at(".partial/somebodys"), { recursive: true });
    const before = snapshotTree(arena.path);
    const written = writeBundle(arena.runs, "one", FILES);
    expect(readdirSync(arena.path)).toEqual([".partial", "one"]);
    expect(written.ok && written.value.remove()).toBe(true);
    expect(snapshotTree(arena.path)).toEqual(before);
  });

  it("writes and removes nothing behind a link that takes its place meanwhile", () => {
    using arena = new Arena();
    mkdirSync(arena.at("outside"));
    writeFileSync(arena.at("outside/STATUS.json"), "other user");
    const before = snapshotTree(arena.at("outside"));
    const files = new MeddledFiles("PROOF.json", () => {
      renameSync(arena.at(".partial"), arena.at("away"));
      symlinkSync("outside", arena.at(".partial"));
    });
    expect(writeBundle(arena.runs, "one", files)).toMatchObject({ fault: { code: "WRITE_FAILED" } });
    expect(snapshotTree(arena.at("outside"))).toEqual(before);
    expect(readdirSync(arena.path)).toEqual([".partial", "away", "outside"]);
  });

  it("reports why it could not be written, even if another process put a file into it, which stays", () => {
    using arena = new Arena();
    const files = new MeddledFiles(TOO_LONG, () => writeFileSync(arena.at(".partial/theirs"), ""));
    expect(writeBundle(arena.runs, "one", files)).toMatchObject({
      fault: { code: "WRITE_FAILED", details: { path: "runs", reason: "other" } },
    });
    expect(readdirSync(arena.at(".partial"))).toEqual(["theirs"]);
  });

  it("leaves nothing where a file has a name that no system takes", () => {
    using arena = new Arena();
    const files = new Map([...FILES, [TOO_LONG, Buffer.from("{}")]]);
    expect(writeBundle(arena.runs, "one", files)).toMatchObject({ fault: { code: "WRITE_FAILED" } });
    expect(readdirSync(arena.path)).toEqual([]);
  });

  it("is not removed if another folder has its name by now", () => {
    using arena = new Arena();
    const written = writeBundle(arena.runs, "one", FILES);
    renameSync(arena.at("one"), arena.at("away"));
    mkdirSync(arena.at("one"));
    writeFileSync(arena.at("one/STATUS.json"), "other user");
    const before = snapshotTree(arena.path);
    expect(written.ok && written.value.remove()).toBe(false);
    expect(snapshotTree(arena.path)).toEqual(before);
  });
});
