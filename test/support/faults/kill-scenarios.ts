/**
 * All that is killed: restores of every kind, undos, restores that fail and take everything back, and recoveries
 * of what others left.
 *
 * @module
 */

import { chmodSync } from "node:fs";
import { join } from "node:path";
import { sealBundle, sealLinkedRuns, writeBundle } from "../bundles/bundle.ts";
import { SMALL_TREE, sealTreeBundle, writeTreeBundle } from "../bundles/tree-bundle.ts";
import { STATE } from "../command/state.ts";
import { existingTarget, linkedTarget, missingTarget, straightTarget, undoneTarget } from "./kill-foreign.ts";
import type { Order } from "./kill-orders.ts";
import { carryOut, type Plan, recoverAt } from "./kill-plan.ts";
import { revertScenarios } from "./kill-reverts.ts";
import type { KillScenario, KillScenes } from "./kill-scenes.ts";
import { ANY_SIGNER, OUTPUTS } from "./restore-scene.ts";

type RestoreOrder = Order & { readonly act: "restore" | "chain" };

/** The whole of the matrix. */
export async function killScenarios(scenes: KillScenes): Promise<readonly KillScenario[]> {
  const make = (plan: Plan): Promise<KillScenario> => carryOut(scenes, plan);
  const existing = existingTarget(scenes);
  const straight = straightTarget(scenes);
  const ends = "everything";

  const restore = await make({ name: "restore", start: existing, order: sealOne(scenes, OUTPUTS), ends });
  const tree = await make({ name: "restore a tree", start: straight, order: sealTree(scenes), ends });
  const undo = await make({
    name: "undo",
    start: restore.everything,
    order: UNDO,
    ends,
    everything: undoneTarget(scenes),
  });
  return [
    restore,
    ...(await newRootKills(scenes)),
    await make({ name: "restore a chain", start: existing, order: sealChain(scenes), ends }),
    tree,
    await make({
      name: "undo a tree",
      start: tree.everything,
      order: UNDO,
      ends,
      everything: tree.nothing,
    }),
    undo,
    ...(await failingScenarios(scenes, make)),
    ...(await recoverScenarios(scenes, { restore, undo })),
    ...(await revertScenarios(scenes)),
  ];
}

/** Those of restores into a new root, which need no folders that are held by descriptor. */
export async function newRootKills(scenes: KillScenes): Promise<readonly KillScenario[]> {
  const start = missingTarget(scenes);
  const make = (name: string, order: Order, ends: "nothing" | "everything"): Promise<KillScenario> =>
    carryOut(scenes, { name, start, order, ends });
  const single = intoNew(sealOne(scenes, OUTPUTS));
  const fresh = await make("restore, new root", single, "everything");
  return [
    fresh,
    await make("restore a chain, new root", intoNew(sealChain(scenes)), "everything"),
    await make("restore a tree, new root", intoNew(sealTree(scenes)), "everything"),
    await make("restore that fails, new root", { ...single, refused: "into" }, "nothing"),
    await recoverAt(scenes, {
      name: "recover a new root, filled",
      of: fresh,
      ends: "nothing",
      there: "/root/RESTORE_REPORT.json",
    }),
    await recoverAt(scenes, {
      name: "recover a new root, arrived",
      of: fresh,
      ends: "everything",
      there: "into",
    }),
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

async function failingScenarios(
  scenes: KillScenes,
  make: (plan: Plan) => Promise<KillScenario>,
): Promise<readonly KillScenario[]> {
  const clash = sealOne(scenes, { "a.txt": "a\n", "data/x": "1\n", "keep/x": "2\n", "z.txt": "z\n" });
  const chain = { ...sealChain(scenes), refused: "RESTORE_REPORT.json" };
  const ends = "nothing";
  return [
    await make({ name: "restore that fails", start: linkedTarget(scenes), order: clash, ends }),
    await make({ name: "restore a chain that fails", start: existingTarget(scenes), order: chain, ends }),
  ];
}

/** Recoveries of disks that kills at telling moments leave. */
async function recoverScenarios(
  scenes: KillScenes,
  { restore, undo }: Readonly<Record<"restore" | "undo", KillScenario>>,
): Promise<readonly KillScenario[]> {
  const moments = [
    { name: "recover half a restore", of: restore, ends: "nothing", there: "into/data/deep/c.txt" },
    { name: "recover half an undo", of: undo, ends: "nothing", gone: "into/data/deep/c.txt" },
  ] as const;
  const scenarios: KillScenario[] = [];
  for (const moment of moments) scenarios.push(await recoverAt(scenes, moment));
  return scenarios;
}

const UNDO: Order = { act: "undo", request: { target: "", environment: STATE } };

function intoNew(order: RestoreOrder): RestoreOrder {
  return { ...order, request: { ...order.request, mkdir: true } } as RestoreOrder;
}

function sealOne(
  scenes: KillScenes,
  outputs: Readonly<Record<string, string>>,
): RestoreOrder & { act: "restore" } {
  const place = writeBundle(scenes.emptyFolder(), sealBundle({ outputs }));
  if ("bin/run" in outputs) chmodSync(join(place.root, "bin/run"), 0o755);
  return { act: "restore", request: { ...place, trust: ANY_SIGNER, environment: STATE, target: "" } };
}

function sealTree(scenes: KillScenes): RestoreOrder & { act: "restore" } {
  const place = writeTreeBundle(scenes.emptyFolder(), sealTreeBundle(SMALL_TREE));
  return { act: "restore", request: { ...place, trust: ANY_SIGNER, environment: STATE, target: "" } };
}

function sealChain(scenes: KillScenes): RestoreOrder & { act: "chain" } {
  const folder = scenes.emptyFolder();
  const outputs = { "bin/run": "#!/bin/sh\n", "top.txt": "top\n" };
  const bundles = sealLinkedRuns(2, { outputs }).map((run) => writeBundle(folder, run).bundle);
  const root = join(folder, "files");
  chmodSync(join(root, "bin/run"), 0o755);
  return { act: "chain", request: { bundles, root, trust: ANY_SIGNER, environment: STATE, target: "" } };
}
