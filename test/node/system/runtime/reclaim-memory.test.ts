import { setImmediate } from "node:timers/promises";
import { runInNewContext } from "node:vm";
import { afterEach, describe, expect, it } from "vitest";
import { provideCollector } from "../../../../src/cli/provide-collector.ts";
import { reclaimMemory } from "../../../../src/node/system/runtime/reclaim-memory.ts";

afterEach(() => {
  Reflect.deleteProperty(globalThis, "gc");
});

describe("reclaiming memory", () => {
  it("frees all garbage in the command's process, and nothing that is in use", async () => {
    provideCollector();
    const held = { of: "a bundle" };
    const [kept, lost] = [new WeakRef(held), new WeakRef({ of: "a bundle" })];
    // A reference that was made is held until the turn of the event loop ends.
    await setImmediate();
    reclaimMemory();
    expect(lost.deref()).toBeUndefined();
    expect(kept.deref()).toBe(held);
  });

  it("leaves the engine of a library's caller as it is", () => {
    reclaimMemory();
    expect(globalThis.gc).toBeUndefined();
    expect(runInNewContext("typeof gc")).toBe("undefined");
  });

  it("gives the collector to no other context", () => {
    provideCollector();
    reclaimMemory();
    expect(runInNewContext("typeof gc")).toBe("undefined");
  });
});
