import { describe, expect, it } from "vitest";
import { Interruption } from "../../../../src/node/system/runtime/interruption.ts";
import type { Progress, ProgressCount } from "../../../../src/node/system/runtime/progress.ts";
import { undoRestore } from "../../../support/faults/restore-acts.ts";
import { changesOf, Scene, UNCHANGED } from "../../../support/faults/restore-scene.ts";

/** More files than are removed between two pauses, and the two artifacts that list them. */
const OUTPUTS = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`out/${index}`, "bytes\n"]));
const FILES = 202;

/** Does something when the removal begins. */
function whenRemoving(act: (total: number | undefined, ask: () => ProgressCount) => void): Progress {
  return {
    begin: (phase, total, ask) => {
      if (phase === "remove") act(total.files, ask);
    },
    beginWhole: () => undefined,
    end: () => undefined,
  };
}

describe("an undo of many files, while it removes them", () => {
  it("tells how many are gone, of how many", async () => {
    using scene = new Scene(OUTPUTS);
    const target = scene.existingTarget();
    await scene.restore(target);
    const counts: number[] = [];
    let isOver = false;
    const progress = whenRemoving((total, ask) => {
      expect(total).toBe(FILES);
      const look = (): void => {
        if (isOver) return;
        counts.push(ask().files);
        setImmediate(look);
      };
      look();
    });
    const outcome = await undoRestore({ target, progress });
    isOver = true;
    expect(outcome).toMatchObject({ ok: true, isClean: true });
    expect(counts[0]).toBe(0);
    expect(counts.some((files) => files > 0 && files < FILES)).toBe(true);
    expect(counts).toEqual(counts.toSorted((left, right) => left - right));
  });

  it("takes everything back when the signal fires: removing only some files would be neither all nor nothing", async () => {
    using scene = new Scene(OUTPUTS);
    const target = scene.existingTarget();
    await scene.restore(target);
    const { change } = await changesOf(target, async () => {
      const stop = new AbortController();
      const progress = whenRemoving(() => stop.abort());
      const undone = undoRestore({ target, progress, signal: stop.signal });
      await expect(undone).rejects.toThrow(Interruption);
    });
    expect(change).toEqual(UNCHANGED);
  });
});
