import { describe, expect, it } from "vitest";
import { Explorer } from "../support/kill-explore.ts";
import { KillScenes } from "../support/kill-scenes.ts";

describe("x", () => {
  it("y", async () => {
    using scenes = await KillScenes.make();
    for (const s of await scenes.scenarios()) {
      const t0 = performance.now();
      const e = new Explorer(s, scenes);
      const generations = await e.explore(Number(process.env["KILLS"] ?? 1));
      console.log(s.name, s.succeeds, e.verdicts.size, (performance.now() - t0).toFixed());
      for (const g of generations) {
        console.log("   ", g.points, g.disks, g.nothing, g.everything, g.broken.length, g.broken.slice(0, 3));
      }
    }
    expect(1).toBe(1);
  });
});
