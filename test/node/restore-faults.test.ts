import { dirname } from "node:path";
import { describe, expect, it } from "vitest";
import type { RestoreOutcome } from "../../src/node/restore/restore-outcome.ts";
import { type Fault, faultyFileSystem } from "../support/faulty-file-system.ts";
import { changesOf, OUTPUTS, openDescriptors, Scene } from "../support/restore-scene.ts";

const ROOTS = ["existing", "new"] as const;

/** One matrix a row: what kind of call fails with what, before or after its effect, once or from then on. */
interface Row extends Omit<Fault, "at"> {
  readonly root: (typeof ROOTS)[number];
}

const ROWS: readonly Row[] = ROOTS.flatMap((root) =>
  [false, true].flatMap((persists): Row[] => [
    ...(["EIO", "ENOSPC", "EACCES"] as const).flatMap((errno): Row[] => [
      { root, kind: "change", errno, when: "before", persists },
      { root, kind: "change", errno, when: "after", persists },
    ]),
    ...(["EIO", "EACCES", "EMFILE"] as const).map(
      (errno): Row => ({ root, kind: "look", errno, when: "before", persists }),
    ),
  ]),
);

const NEVER = Number.POSITIVE_INFINITY;

/** What a whole restore adds, relative to the root. */
const WHOLE = [...Object.keys(OUTPUTS), "RESTORE_MANIFEST.json", "RESTORE_REPORT.json"].sort();

/** Restores once with a fault; tells how it ended, what it did to the root, and how it left the descriptors. */
async function restoreWith(scene: Scene, row: Row, at: number) {
  const target = row.root === "new" ? scene.newTarget() : scene.existingTarget();
  const watched = row.root === "new" ? dirname(target) : target;
  const { fs, calls } = faultyFileSystem({ ...row, at });
  const descriptors = openDescriptors();
  const { value: outcome, change } = await changesOf(watched, () =>
    scene.restore(target, fs, { mkdir: row.root === "new" }),
  );
  expect(openDescriptors()).toEqual(descriptors);
  expect(change).toMatchObject({ removed: [], changed: [] });
  const added = Object.keys(change.added).sort();
  return { outcome, calls, added: added.map((path) => path.replace(/^new\//, "")) };
}

/** Whether an outcome says what is on the disk: all, nothing, or that it doesn't know. */
function isHonest(outcome: RestoreOutcome, added: readonly string[], persists: boolean): boolean {
  if (outcome.ok) return added.join() === WHOLE.join();
  if (outcome.code === "RESTORE_ROLLBACK_FAILED") return persists && outcome.cause_code !== null;
  return added.length === 0 && outcome.cause_code === null;
}

describe("fault matrix: every single call fails (PROTOCOL 13.7)", () => {
  it.each(ROWS)("$root root, a $kind call, $errno $when its effect, persistent: $persists", async (row) => {
    using scene = new Scene();
    const { outcome, calls, added } = await restoreWith(scene, row, NEVER);
    expect(outcome).toMatchObject({ ok: true, code: null, cause_code: null });
    expect(added).toEqual(WHOLE);
    expect(calls.length).toBeGreaterThan(40);
    const dishonest: unknown[] = [];
    const codes = new Set<string | null>();
    for (const [at, call] of calls.entries()) {
      const run = await restoreWith(scene, row, at);
      const { code, cause_code } = run.outcome;
      codes.add(code);
      if (!isHonest(run.outcome, run.added, row.persists)) {
        dishonest.push({ at, call, code, cause_code, added: run.added });
      }
    }
    expect(dishonest).toEqual([]);
    expect(codes.has("RESTORE_ROLLBACK_FAILED")).toBe(row.persists);
  });
});
