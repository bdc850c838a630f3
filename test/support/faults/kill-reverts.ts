/**
 * Reverts that are killed: of every kind of change, one that fails at its last name, and one recovery for each end.
 *
 * @module
 */

import { join } from "node:path";
import { STATE } from "../command/state.ts";
import type { Order } from "./kill-orders.ts";
import type { Photo } from "./kill-photo.ts";
import { carryOut, recoverAt } from "./kill-plan.ts";
import { type KillScenario, type KillScenes, targetIn } from "./kill-scenes.ts";
import { writeAt } from "./restore-scene.ts";
import {
  AFTER,
  BEFORE,
  type Entries,
  LAST_PUT,
  layOutEntries,
  planBetween,
  writeObjects,
} from "./revert-scene.ts";

/** All of them. */
export async function revertScenarios(scenes: KillScenes): Promise<readonly KillScenario[]> {
  const [after, before] = [photoOf(scenes, AFTER), photoOf(scenes, BEFORE)];
  const order = orderOf(scenes, "revert");
  const ends = "everything";
  const revert = await carryOut(scenes, { name: "revert", start: after, order, ends, everything: before });
  return [
    revert,
    await carryOut(scenes, {
      name: "revert that fails",
      start: after,
      order: { ...order, refused: LAST_PUT },
      ends: "nothing",
      everything: before,
    }),
    await recoverAt(scenes, {
      name: "recover half a revert",
      of: revert,
      ends: "nothing",
      there: "into/deleted/deep/x.txt",
    }),
    await recoverAt(scenes, { name: "recover a committed revert", of: revert, ends, there: "/committed" }),
  ];
}

/** What not to do, as a control. */
export function killRevertControl(scenes: KillScenes): Promise<KillScenario> {
  return carryOut(scenes, {
    name: "control: no journal",
    start: photoOf(scenes, AFTER),
    order: orderOf(scenes, "naive-revert"),
    ends: "everything",
    everything: photoOf(scenes, BEFORE),
  });
}

function photoOf(scenes: KillScenes, entries: Entries): Photo {
  return scenes.photo((folder) => {
    writeAt(folder, { "beside.txt": "other user, beside\n" });
    layOutEntries(targetIn(folder), entries);
  });
}

function orderOf<Act extends "revert" | "naive-revert">(scenes: KillScenes, act: Act): Order & { act: Act } {
  const objects = join(scenes.emptyFolder(), "objects");
  writeObjects(objects, BEFORE);
  const plan = planBetween(AFTER, BEFORE);
  return { act, request: { target: "", objects, plan, environment: STATE } } as Order & { act: Act };
}
