/**
 * Scenarios of kills, made by carrying an order out once; and those that begin where a kill at some moment left off.
 *
 * @module
 */

import { record } from "./kill-camera.ts";
import { type Order, obey } from "./kill-orders.ts";
import { type Photo, photograph } from "./kill-photo.ts";
import { type GoodState, type KillScenario, type KillScenes, recoverIn, targetIn } from "./kill-scenes.ts";

/** A scenario before its order was carried out once. */
export interface Plan {
  readonly name: string;
  readonly start: Photo;
  readonly order: Order;
  readonly ends: GoodState;
  /** The good states where they aren't what it starts from and what it leads to. */
  readonly nothing?: Photo;
  readonly everything?: Photo;
}

/** A moment of a scenario at which its victim was killed: something is there by then. */
export interface Moment {
  readonly name: string;
  readonly of: KillScenario;
  readonly ends: GoodState;
  readonly there: string;
}

/** The recovery of what a kill at that moment leaves. */
export async function recoverAt(scenes: KillScenes, moment: Moment): Promise<KillScenario> {
  const { ends, name, of, there } = moment;
  const { exposures } = await scenes.inFolder(of.start, (folder) => record(of.order(folder), folder));
  const left = exposures.find(({ photo }) => has(photo, there));
  if (left === undefined) throw new TypeError(`there was no such moment: ${name}`);
  const { everything, nothing } = of;
  const order = recoverIn("");
  return carryOut(scenes, { name, start: left.photo, order, ends, nothing, everything });
}

function has({ nodes }: Photo, end: string): boolean {
  return nodes.some(({ path }) => path === end || (end.startsWith("/") && path.endsWith(end)));
}

/** Carries the order out once: a process that is not killed must end where the scenario says. */
export async function carryOut(scenes: KillScenes, plan: Plan): Promise<KillScenario> {
  const { ends, name, order: told, start } = plan;
  const order = (folder: string): Order =>
    ({ ...told, request: { ...told.request, target: targetIn(folder) } }) as Order;
  const found = await scenes.inFolder(start, async (folder) => {
    await obey(order(folder));
    return photograph(folder);
  });
  const nothing = plan.nothing ?? start;
  const everything = plan.everything ?? found;
  const expected = ends === "nothing" ? nothing : everything;
  if (found.fingerprint !== expected.fingerprint) throw new TypeError(`${name} doesn't end with ${ends}`);
  return { name, start, nothing, everything, ends, isRecovery: told.act === "recover", order };
}
