import { describe, expect, it } from "vitest";
import { AstrayFiles } from "../../../../src/node/back/transaction/journal/transaction-end.ts";

describe("files that were moved away", () => {
  it("are from the folders above their places, and from no other", () => {
    const astray = new AstrayFiles();
    astray.addMoved("data/deep/c.txt", "f0");
    const folders = ["data", "data/deep", "data/deep/c.txt", "dat", "data/dee", "other", ""];
    expect(folders.filter((folder) => astray.isMovedFrom(folder))).toEqual(["data", "data/deep"]);
  });

  it("cost each folder the same, however many there are", () => {
    const astray = new AstrayFiles();
    for (let number = 0; number < 10_000; number++) astray.addMoved(`t/d${number}/f`, `f${number}`);
    const begin = performance.now();
    let count = 0;
    for (let number = 0; number < 10_000; number++) if (astray.isMovedFrom(`t/e${number}`)) count++;
    expect(count).toBe(0);
    expect(performance.now() - begin).toBeLessThan(1000);
  });
});
