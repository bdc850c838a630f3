import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { undoRestore } from "../support/faults/restore-acts.ts";
import { openDescriptors, Scene } from "../support/faults/restore-scene.ts";
import { compareSnapshots, snapshotTree } from "../support/files/tree.ts";
import { TAKES_ALL } from "../support/rings/matrix.ts";

/** Files of the wide bundle: all of them in the full run, enough for workers and a bulk sync in the short one. */
const FILES = TAKES_ALL ? 100_000 : 2_000;

/** More folders than are ever held open at once. */
const FOLDERS = 300;

const WIDE = Object.fromEntries(Array.from({ length: FILES }, (_, n) => [`d${n % FOLDERS}/f${n}`, `${n}`]));
const DEEP = { [`${"d/".repeat(1000)}f`]: "deep", "top.txt": "top" };

describe("many files, and deep folders (SECURITY 8.3)", () => {
  it.each<readonly [string, Readonly<Record<string, string>>]>([
    [`${FILES.toLocaleString("en")} files in ${FOLDERS} folders`, WIDE],
    // restore-hostile.test.ts restores one as deep in CI.
    ...(TAKES_ALL ? [["a file 1,000 folders deep", DEEP] as const] : []),
  ])("%s: restored, undone, and no descriptor left open", async (_what, outputs) => {
    using scene = new Scene(outputs);
    const count = Object.keys(outputs).length;
    const descriptors = openDescriptors();
    for (const kind of ["existing", "new"] as const) {
      const target = kind === "new" ? scene.newTarget() : scene.existingTarget();
      const before = kind === "new" ? undefined : snapshotTree(target);
      const outcome = await scene.restore(target, undefined, { mkdir: kind === "new" });
      expect(outcome).toMatchObject({ ok: true, isClean: true });
      expect(openDescriptors()).toEqual(descriptors);
      for (const [path, content] of Object.entries(outputs)) {
        if (readFileSync(join(target, path), "utf8") !== content)
          throw new Error(`${path} is not as it was sealed`);
      }
      const undone = await undoRestore({ target });
      expect(undone).toMatchObject({ ok: true, isClean: true });
      expect(undone.ok ? undone.paths : []).toHaveLength(count);
      expect(openDescriptors()).toEqual(descriptors);
      const after = snapshotTree(target);
      expect(before === undefined ? after.size : compareSnapshots(before, after)).toEqual(
        before === undefined ? 0 : { added: {}, removed: [], changed: [] },
      );
    }
  });
});
