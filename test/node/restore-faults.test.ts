import { dirname } from "node:path";
import { describe, expect, it } from "vitest";
import { type Fault, faultyFileSystem } from "../support/faulty-file-system.ts";
import { changesOf, OUTPUTS, openDescriptors, Scene, UNCHANGED } from "../support/restore-scene.ts";

const KINDS = ["existing", "new"] as const;
const ERRNOS = ["EIO", "ENOSPC", "EACCES"] as const;
const WHENS = ["before", "after"] as const;

/** One row a matrix: where to, which errno, before or after the effect, once or from then on. */
const MATRICES = KINDS.flatMap((kind) =>
  ERRNOS.flatMap((errno) =>
    WHENS.flatMap((when) => [false, true].map((persists) => ({ kind, errno, when, persists }))),
  ),
);

/** What a whole restore adds, relative to the folder that is watched. */
const WHOLE = [...Object.keys(OUTPUTS), "RESTORE_MANIFEST.json", "RESTORE_REPORT.json"].sort();

/** Restores once with a fault and tells how it ended, what it did, and what it left open. */
async function restoreWith(scene: Scene, kind: (typeof KINDS)[number], fault: Fault | undefined) {
  const target = kind === "new" ? scene.newTarget() : scene.existingTarget();
  const watched = kind === "new" ? dirname(target) : target;
  const { fs, calls } = faultyFileSystem(fault);
  const descriptors = openDescriptors();
  const { value: outcome, change } = await changesOf(watched, () =>
    scene.restore(target, fs, { mkdir: kind === "new" }),
  );
  expect(openDescriptors()).toEqual(descriptors);
  const added = Object.keys(change.added).sort();
  return { outcome, change, calls, restored: added.map((path) => path.replace(/^new\//, "")) };
}

describe("fault matrix (PROTOCOL 13.7)", () => {
  it.each(KINDS)("a restore into an %s root without faults leaves everything and no more", async (kind) => {
    using scene = new Scene();
    const { outcome, change, restored } = await restoreWith(scene, kind, undefined);
    expect(outcome).toMatchObject({ ok: true, code: null, cause_code: null });
    expect(restored).toEqual(WHOLE);
    expect(change).toMatchObject({ removed: [], changed: [] });
  });

  it.each(MATRICES)("$kind root, $errno $when the effect, persistent: $persists", async (row) => {
    using scene = new Scene();
    const { calls } = await restoreWith(scene, row.kind, undefined);
    expect(calls.length).toBeGreaterThan(40);
    const wrong: unknown[] = [];
    for (const [at, call] of calls.entries()) {
      const { outcome, change, restored } = await restoreWith(scene, row.kind, { ...row, at });
      const said = outcome.ok ? "ok" : outcome.code === "RESTORE_ROLLBACK_FAILED" ? "dirty" : "clean";
      const right =
        change.removed.length + change.changed.length === 0 &&
        (said === "ok"
          ? restored.join() === WHOLE.join()
          : said === "clean"
            ? restored.length === 0 && outcome.cause_code === null
            : row.persists && outcome.cause_code !== null);
      if (!right) wrong.push({ at, call, code: outcome.code, cause: outcome.cause_code, change });
    }
    expect(wrong).toEqual([]);
    expect(UNCHANGED.removed).toEqual([]);
  });
});
