/**
 * All that is killed: restores, undos, restores that fail and take everything back, and recoveries of what others left.
 *
 * @module
 */

import { chmodSync } from "node:fs";
import { join } from "node:path";
import { sealBundle, writeBundle } from "../bundles/bundle.ts";
import { STATE } from "../command/state.ts";
import { existingTarget, linkedTarget, missingTarget, straightTarget, undoneTarget } from "./kill-foreign.ts";
import type { Order } from "./kill-orders.ts";
import { carryOut, type Plan, recoverAt } from "./kill-plan.ts";
import { revertScenarios } from "./kill-reverts.ts";
import type { KillScenario, KillScenes } from "./kill-scenes.ts";
import { ANY_SIGNER, OUTPUTS } from "./restore-scene.ts";
import { writeTreeChain } from "./tree-chain.ts";

/** The whole of the matrix. */
export async function killScenarios(scenes: KillScenes): Promise<readonly KillScenario[]> {
  const make = (plan: Plan): Promise<KillScenario> => carryOut(scenes, plan);
  const ends = "everything";
  const restore = await make({
    name: "restore",
    start: existingTarget(scenes),
    order: sealOne(scenes, OUTPUTS),
    ends,
  });
  const clash = sealOne(scenes, { "a.txt": "a\n", "data/x": "1\n", "keep/x": "2\n", "z.txt": "z\n" });
  return [
    restore,
    await make({
      name: "restore a chain of trees",
      start: straightTarget(scenes),
      order: sealTrees(scenes),
      ends,
    }),
    ...(await newRootKills(scenes)),
    await make({
      name: "undo",
      start: restore.everything,
      order: UNDO,
      ends,
      everything: undoneTarget(scenes),
    }),
    await make({ name: "restore that fails", start: linkedTarget(scenes), order: clash, ends: "nothing" }),
    ...(await revertScenarios(scenes)),
  ];
}

/** Those of restores into a new root, and one recovery for each end. */
async function newRootKills(scenes: KillScenes): Promise<readonly KillScenario[]> {
  const start = missingTarget(scenes);
  const { request, ...rest } = sealTrees(scenes);
  const order: Order = { ...rest, request: { ...request, mkdir: true } };
  const ends = "everything";
  const of = await carryOut(scenes, { name: "restore a chain of trees, new root", start, order, ends });
  return [
    of,
    await carryOut(scenes, {
      name: "restore that fails, new root",
      start,
      order: { ...order, refused: "into" },
      ends: "nothing",
    }),
    await recoverAt(scenes, {
      name: "recover a new root, filled",
      of,
      ends: "nothing",
      there: "/run-002/RESTORE_REPORT.json",
    }),
    await recoverAt(scenes, { name: "recover a new root, arrived", of, ends, there: "into" }),
  ];
}

/** What not to do, as a control. */
export function killControl(scenes: KillScenes): Promise<KillScenario> {
  const { request } = sealOne(scenes, OUTPUTS);
  const files = Object.keys(OUTPUTS);
  return carryOut(scenes, {
    name: "control: no journal",
    start: existingTarget(scenes),
    order: { act: "naive", request: { target: "", root: request.root, files } },
    ends: "everything",
  });
}

const UNDO: Order = { act: "undo", request: { target: "", environment: STATE } };

function sealOne(
  scenes: KillScenes,
  outputs: Readonly<Record<string, string>>,
): Extract<Order, { act: "restore" }> {
  const place = writeBundle(scenes.emptyFolder(), sealBundle({ outputs }));
  if ("bin/run" in outputs) chmodSync(join(place.root, "bin/run"), 0o755);
  return { act: "restore", request: { ...place, trust: ANY_SIGNER, environment: STATE, target: "" } };
}

function sealTrees(scenes: KillScenes): Extract<Order, { act: "chain" }> {
  const request = { ...writeTreeChain(scenes.emptyFolder()), environment: STATE, target: "" };
  return { act: "chain", request };
}
