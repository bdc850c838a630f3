/** A pull that is killed, at moments that the seed draws, and the pull after it. */

import { randomBytes } from "node:crypto";
import { existsSync, lstatSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeProjectWithKey, namesIn, type Project } from "../../support/command/cli.ts";
import { type FaultProxy, startFaultProxy } from "../../support/registry/fault-proxy.ts";
import { hasRegistry, type RealRegistry, startRegistry } from "../../support/registry/real-registry.ts";
import { drawing, LONG_TEST_MS, ofRing } from "../../support/rings/ring.ts";

/** More by hand: RUNSEAL_CARRIED_KILLS=50. */
const KILLS = Number(process.env["RUNSEAL_CARRIED_KILLS"] ?? ofRing(4, 12));

/** Of so many kills, one comes when all bytes have arrived. */
const ONE_LATE_OF = 4;
const MOST_LATE_MS = 150;

const scene: { registry?: RealRegistry; proxy?: FaultProxy; project?: Project; reference: string } = {
  reference: "",
};

beforeAll(async () => {
  if (!hasRegistry()) return;
  scene.registry = await startRegistry();
  scene.proxy = await startFaultProxy(scene.registry.host);
  const project = await makeProjectWithKey({});
  scene.project = project;
  mkdirSync(project.at("out"));
  for (let file = 0; file < 40; file++) writeFileSync(project.at(`out/small-${file}`), randomBytes(4096));
  for (let file = 0; file < 6; file++)
    writeFileSync(project.at(`out/large-${file}`), randomBytes(1.5 * 2 ** 20));
  await project.done(["seal", "out", "--id", "one"]);
  scene.reference = `${scene.proxy.host}/killed/runs:v1`;
  await project.done(["push", "one", scene.reference]);
});

afterAll(async () => {
  scene.project?.[Symbol.dispose]();
  await scene.proxy?.[Symbol.asyncDispose]();
  await scene.registry?.[Symbol.asyncDispose]();
});

/** The bytes of objects and packs that have their names, and the names of what is partial. */
function storeOf(home: string): { readonly whole: number; readonly partial: readonly string[] } {
  const packs = join(home, ".runseal/packs");
  const objects = join(home, ".runseal/objects");
  const isPartial = (name: string): boolean => name.startsWith(".");
  const folders = namesIn(objects).filter((name) => !isPartial(name));
  const whole = [
    ...namesIn(packs).flatMap((name) => (/^[^.]+\.pack$/.test(name) ? [join(packs, name)] : [])),
    ...folders.flatMap((folder) => namesIn(join(objects, folder)).map((name) => join(objects, folder, name))),
  ];
  return {
    whole: whole.reduce((sum, file) => sum + lstatSync(file).size, 0),
    partial: [...namesIn(objects), ...namesIn(packs)].filter(isPartial),
  };
}

describe.skipIf(!hasRegistry())("a pull that is killed", () => {
  it("leaves nothing or the whole run, and the next one fetches what is not whole", {
    timeout: LONG_TEST_MS,
  }, async () => {
    const { project, proxy, reference } = scene;
    if (project === undefined || proxy === undefined) throw new TypeError("made before");
    const bytesOf = async (act: () => Promise<unknown>): Promise<number> => {
      const before = proxy.sentDown;
      await act();
      return proxy.sentDown - before;
    };
    const all = await bytesOf(
      async () => await project.done(["pull", reference, "--here", "--project", "whole"]),
    );
    const draw = drawing(71);
    const ends = { nothing: 0, whole: 0, goneOn: 0 };
    for (let kill = 0; kill < KILLS; kill++) {
      const into = `pulled-${kill}`;
      const home = project.at(into);
      const isLate = kill % ONE_LATE_OF === ONE_LATE_OF - 1;
      const moment = isLate ? all - 1 : draw(all);
      const lateMs = isLate ? draw(MOST_LATE_MS) : 0;
      const before = proxy.sentDown;
      let reached: number | undefined;
      const when = (): boolean => {
        if (proxy.sentDown - before <= moment) return false;
        reached ??= performance.now();
        return performance.now() - reached >= lateMs;
      };
      const args = ["pull", reference, "--here", "--project", into];
      await project.run(args, { kill: { signal: "SIGKILL", when } });
      const shown = `killed after ${moment} of ${all} bytes and ${lateMs} ms`;
      const isThere = existsSync(join(home, ".runseal/pulled/one"));
      if (isThere) await project.done(["verify", "one", "--stored", "--project", into]);
      ends[isThere ? "whole" : "nothing"] += 1;
      const { whole } = storeOf(home);
      if (!isThere && whole > 0) ends.goneOn += 1;
      const fetched = await bytesOf(async () => await project.done(args));
      expect(fetched, shown).toBe(all - whole);
      expect(storeOf(home).partial, shown).toEqual([]);
      await project.done(["verify", "one", "--stored", "--project", into]);
    }
    if (KILLS > 20) console.log(ends);
    expect(ends.nothing, "some kill must come before the run is there").toBeGreaterThan(0);
  });
});
