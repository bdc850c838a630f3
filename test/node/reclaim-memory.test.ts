import { setImmediate } from "node:timers/promises";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { reclaimMemory } from "../../src/node/runtime/reclaim-memory.ts";

describe("memory that is taken back", () => {
  it("is all that nobody refers to any more", async () => {
    const held = { of: "a bundle" };
    const [kept, lost] = [new WeakRef(held), new WeakRef({ of: "a bundle" })];
    // A reference that was made is held until the turn of the event loop ends.
    await setImmediate();
    reclaimMemory();
    expect(lost.deref()).toBeUndefined();
    expect(kept.deref()).toBe(held);
  });

  it("shows nobody else the engine's collector", () => {
    reclaimMemory();
    expect(globalThis.gc).toBeUndefined();
    expect(runInNewContext("typeof gc")).toBe("undefined");
  });
});
