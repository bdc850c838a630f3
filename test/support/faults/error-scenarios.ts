/**
 * What the error matrix acts on: restores and undos of every kind, and what comes after some that were killed.
 *
 * @module
 */

import type { Call } from "../files/faulty-file-system.ts";
import type { ErrorScenario } from "./error-cell.ts";
import { type Act, type FaultScenes, type Scenario, useRestored } from "./fault-scenes.ts";

/** All of them. Each has a group of the engine, or an end, that no other one has. */
export async function errorScenarios(scenes: FaultScenes): Promise<readonly ErrorScenario[]> {
  const { changed, foreign, recover, recoverNew, restoreTrees, restoreTreesNew, revert, undo } = scenes;
  const restored = await scenes.after(foreign, restoreTrees, useRestored);
  const halfReverted = await scenes.killed(changed, revert, nth(6, "linkSync", /\/f\d+ /));
  const filled = await scenes.killed(foreign, restoreTreesNew, nth(1, "renameSync", /\/root /));
  const arrived = await scenes.killed(foreign, restoreTreesNew, nth(1, "unlinkSync", /\/journal$/));
  const halfRestored = await scenes.killed(foreign, restoreTrees, nth(6, "linkSync"));
  const halfUndone = await scenes.killed(restored, undo, nth(2, "renameSync", /\/o\d+$/));
  const committed = await scenes.killed(changed, revert, nth(1, "unlinkSync", /\/h0$/));
  return [
    afresh(await scenes.scenario("the first restore of all", scenes.stateless, scenes.restore)),
    afresh(await scenes.scenario("restore, a clone refused", foreign, scenes.restoreClones)),
    afresh(await scenes.scenario("restore a chain of trees", foreign, restoreTrees)),
    afresh(await scenes.scenario("restore a chain of trees, new root", foreign, restoreTreesNew, recoverNew)),
    afresh(await scenes.scenario("undo a chain of trees", restored, undo)),
    afresh(await scenes.scenario("revert", changed, revert)),
    await above("revert above half a revert", halfReverted, revert),
    await recoveryOf(scenes, "recover a new root, filled", filled, recoverNew),
    await recoveryOf(scenes, "recover a new root, arrived", arrived, recoverNew),
    await recoveryOf(scenes, "recover half a chain of trees", halfRestored, recover),
    await recoveryOf(scenes, "recover half an undo", halfUndone, recover),
    await recoveryOf(scenes, "recover a committed revert", committed, recover),
  ];

  async function above(name: string, start: Scenario["start"], act: Act): Promise<ErrorScenario> {
    const scenario = await scenes.scenario(name, start, act);
    const { everything } = await scenes.scenario(name, start, recover);
    return { ...scenario, nothing: everything, recovers: true };
  }
}

/** Its only good end is that of one that nothing disturbs. */
async function recoveryOf(
  scenes: FaultScenes,
  name: string,
  start: Scenario["start"],
  recover: Act,
): Promise<ErrorScenario> {
  const scenario = await scenes.scenario(name, start, recover, recover);
  return { ...scenario, nothing: scenario.everything, recovers: true };
}

/** Not to be recovered from, and still an act like the others. */
export async function errorControl(scenes: FaultScenes): Promise<ErrorScenario> {
  return afresh(await scenes.scenario("control: no journal", scenes.foreign, scenes.naive));
}

function afresh(scenario: Scenario): ErrorScenario {
  return { ...scenario, recovers: false };
}

/** Fits one call of that name whose arguments, with blanks between them, are such ones. */
function nth(number: number, name: Call["name"], args = /^/): (call: Call) => boolean {
  let calls = 0;
  return (call) => call.name === name && args.test(call.args.join(" ")) && ++calls === number;
}
