import { expect, it } from "vitest";
import { Explorer } from "../support/kill-explore.ts";
import { judge } from "../support/kill-judge.ts";
import { photograph } from "../support/kill-photo.ts";
import { KillScenes } from "../support/kill-scenes.ts";
import { killAt, killObstacle, listKillPoints } from "../support/kill-strace.ts";

it("p", async () => {
  console.log(killObstacle());
  using scenes = await KillScenes.make();
  for (const s of await scenes.scenarios()) {
    const t0 = performance.now();
    const e = new Explorer(s, scenes);
    await e.explore(1);
    const log = `/tmp/kx/klog`;
    const points = await scenes.inFolder(s.before, (f) => listKillPoints(s.order(f), log));
    const tally: Record<string, number> = {};
    let unknown = 0;
    for (const p of points) {
      const v = await scenes.inFolder(s.before, async (f) => {
        await killAt(p, s.order(f), log);
        if (!e.verdicts.has(photograph(f).fingerprint)) {
          unknown++;
          console.log(p);
        }
        return judge(s, f);
      });
      tally[v.state] = (tally[v.state] ?? 0) + 1;
      if (v.state === "broken") console.log(v.why);
    }
    console.log(s.name, points.length, tally, unknown, (performance.now() - t0).toFixed());
  }
  expect(1).toBe(1);
});
