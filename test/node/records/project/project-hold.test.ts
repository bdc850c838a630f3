import { createRequire, syncBuiltinESMExports } from "node:module";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { holdProject } from "../../../../src/node/records/project/held-project.ts";
import { AnchoredRoot } from "../../../../src/node/system/files/anchored-root.ts";
import { makeFolder, removeTree, snapshotTree } from "../../../support/files/tree.ts";

const fs = createRequire(import.meta.url)("node:fs") as typeof import("node:fs");

/** Once a folder of a name like this was made, others take it away, and what is above it, before anything is in it. */
function takenAwayAtOnce(name: RegExp, above: string): Disposable & { readonly times: number } {
  const { mkdirSync } = fs;
  let times = 0;
  const restore = (): void => {
    fs.mkdirSync = mkdirSync;
    syncBuiltinESMExports();
  };
  fs.mkdirSync = ((path: string, mode: number) => {
    mkdirSync(path, mode);
    if (!name.test(path)) return;
    restore();
    fs.rmdirSync(path);
    fs.rmdirSync(above);
    times++;
  }) as typeof mkdirSync;
  syncBuiltinESMExports();
  return {
    get times() {
      return times;
    },
    [Symbol.dispose]: restore,
  };
}

describe("holding a project", () => {
  it("makes the project's own folder again where another one, who failed, removes it at that moment", async () => {
    const rootPath = makeFolder();
    const root = AnchoredRoot.open(rootPath);
    try {
      const before = snapshotTree(rootPath);
      using away = takenAwayAtOnce(/\.lock-[^/]+$/, join(rootPath, ".runseal"));
      const held = await holdProject({ home: root, homePath: rootPath });
      expect({ held, times: away.times }).toMatchObject({ held: { ok: true }, times: 1 });
      if (held.ok) held.value.release();
      expect(snapshotTree(rootPath)).toEqual(before);
    } finally {
      root.close();
      removeTree(rootPath);
    }
  });
});
