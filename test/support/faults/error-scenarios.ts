/**
 * What the error matrix acts on: restores and undos of every kind, and what comes after some that were killed.
 *
 * @module
 */

import type { Call } from "../files/faulty-file-system.ts";
import type { ErrorScenario } from "./error-cell.ts";
import type { Act, FaultScenes, Scenario } from "./fault-scenes.ts";

/** All of them. */
export async function errorScenarios(scenes: FaultScenes): Promise<readonly ErrorScenario[]> {
  const { changed, foreign, restore, restoreRuns, revert, undo } = scenes;
  const recovery = (name: string, start: Scenario["start"]) =>
    recoveryOf(scenes, name, start, scenes.recover);
  const halfReverted = await scenes.killed(changed, revert, nth(6, "linkSync", "/f"));
  const restored = await scenes.after(foreign, restore);
  const half = await scenes.killed(foreign, restore, nth(4, "linkSync"));
  return [
    afresh(await scenes.scenario("restore", foreign, restore)),
    afresh(await scenes.scenario("the first restore of all", scenes.stateless, restore)),
    ...(await newRootErrors(scenes)),
    afresh(await scenes.scenario("restore a chain", foreign, restoreRuns)),
    afresh(await scenes.scenario("restore --only", foreign, scenes.restorePart)),
    afresh(await scenes.scenario("restore by clones", foreign, scenes.restoreClones)),
    afresh(await scenes.scenario("restore, clones refused", foreign, scenes.restoreBig)),
    afresh(await scenes.scenario("undo", restored, undo)),
    afresh(await scenes.scenario("restore a tree", foreign, scenes.restoreTree)),
    afresh(await scenes.scenario("restore a chain of trees", foreign, scenes.restoreTrees)),
    afresh(await scenes.scenario("undo a tree", await scenes.after(foreign, scenes.restoreTree), undo)),
    await recovery(
      "recover half a tree",
      await scenes.killed(foreign, scenes.restoreTree, nth(6, "linkSync")),
    ),
    await above("restore above half a restore", half, restore),
    await recovery("recover half a restore", half),
    await recovery(
      "recover a committed restore",
      await scenes.killed(foreign, restore, nth(1, "unlinkSync")),
    ),
    afresh(await scenes.scenario("revert", changed, revert)),
    await above("revert above half a revert", halfReverted, revert),
    await recovery("recover half a revert", halfReverted),
    await recovery(
      "recover a revert, moved aside",
      await scenes.killed(changed, revert, nth(8, "renameSync", "/o")),
    ),
    await recovery(
      "recover a committed revert",
      await scenes.killed(changed, revert, nth(1, "unlinkSync", "/f0")),
    ),
    await recovery("recover half an undo", await scenes.killed(restored, undo, nth(3, "renameSync", "/o"))),
  ];

  async function above(name: string, start: Scenario["start"], act: Act): Promise<ErrorScenario> {
    const scenario = await scenes.scenario(name, start, act);
    const { everything } = await scenes.scenario(name, start, scenes.recover);
    return { ...scenario, nothing: everything, recovers: true };
  }
}

/** Those of restores into a new root, which need no folders that are held by descriptor. */
export async function newRootErrors(scenes: FaultScenes): Promise<readonly ErrorScenario[]> {
  const { foreign, recoverNew, restoreNew } = scenes;
  const filled = await scenes.killed(foreign, restoreNew, nth(1, "renameSync", "/root"));
  const arrived = await scenes.killed(foreign, restoreNew, nth(1, "unlinkSync", "/journal"));
  return [
    afresh(await scenes.scenario("restore, new root", foreign, restoreNew, recoverNew)),
    afresh(await scenes.scenario("restore a chain, new root", foreign, scenes.restoreRunsNew, recoverNew)),
    afresh(await scenes.scenario("restore a tree, new root", foreign, scenes.restoreTreeNew, recoverNew)),
    await recoveryOf(scenes, "recover a new root, filled", filled, recoverNew),
    await recoveryOf(scenes, "recover a new root, arrived", arrived, recoverNew),
  ];
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

/** Fits one call of that name with such an address among its arguments. */
function nth(number: number, name: Call["name"], part = ""): (call: Call) => boolean {
  let calls = 0;
  return (call) => call.name === name && call.args.join(" ").includes(part) && ++calls === number;
}
