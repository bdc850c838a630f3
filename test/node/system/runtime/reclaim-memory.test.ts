import { setImmediate } from "node:timers/promises";
import { runInNewContext } from "node:vm";
import { afterEach, describe, expect, it } from "vitest";
import { provideCollector } from "../../../../src/cli/provide-collector.ts";
import { reclaimAmongMany, reclaimMemory } from "../../../../src/node/system/runtime/reclaim-memory.ts";

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

  it.each<[string, number, number]>([
    ["never among ten thousand bundles", 10_000, 0],
    ["each 1,024 bundles among twenty thousand", 20_000, 20],
  ])("is done %s", (_what, bundles, wanted) => {
    let collections = 0;
    Object.defineProperty(globalThis, "gc", { configurable: true, value: () => collections++ });
    for (let bundle = 0; bundle < bundles; bundle++) reclaimAmongMany(bundle, bundles);
    expect(collections).toBe(wanted);
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
