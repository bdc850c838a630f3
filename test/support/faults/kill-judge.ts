/**
 * What becomes of a disk that a kill left, by `recover`: one of the two good states to the last byte, or a
 * broken one.
 *
 * @module
 */

import { type BigIntStats, lstatSync } from "node:fs";
import { join } from "node:path";
import type { RecoverSuccess } from "../../../src/node/back/restore/recover/recover-target.ts";
import { errnoOf } from "../../../src/node/system/runtime/machine-reason.ts";
import { interceptFileSystem, isMutating } from "../files/faulty-file-system.ts";
import { type Order, obey } from "./kill-orders.ts";
import { describePhoto, namedElsewhere, type Photo, type PhotoNode, photograph } from "./kill-photo.ts";
import { type GoodState, type KillScenario, recoverIn } from "./kill-scenes.ts";

/** What it comes to. */
export interface Verdict {
  readonly state: GoodState | "broken";
  /** What is wrong, where it is broken. */
  readonly why: string;
}

/** Which inode stands at each path that was there before, and when it was last written to. */
export type Identities = ReadonlyMap<string, string>;

/** Recovers what was left in a folder, and looks. `owned` is what must not have been replaced. */
export async function judge(
  scenario: KillScenario,
  folder: string,
  owned: Identities = identitiesIn(folder, scenario),
): Promise<Verdict> {
  const order = recoverIn(folder);
  const outcome = await obey(order);
  const found = photograph(folder);
  const state = stateOf(scenario, found);
  if (!outcome.ok) return broken(`recover ended with ${outcome.code}`);
  if (state === undefined) return broken(`neither before nor after:\n${describePhoto(found)}`);
  const elsewhere = namedElsewhere(found);
  if (elsewhere.length > 0) return broken(`has a further name: ${elsewhere.join()}`);
  const now = identitiesIn(folder, scenario);
  const replaced = [...owned].filter(([path, identity]) => now.has(path) && now.get(path) !== identity);
  if (replaced.length > 0) return broken(`replaced or written to: ${replaced.map(([path]) => path).join()}`);
  const told = contradiction(outcome as RecoverSuccess, state);
  if (told !== undefined) return broken(told);
  return (await changesSomething(order)) ? broken("a second recover changes something") : { state, why: "" };
}

/** Looks at what was there before a scenario, and is the same after it. */
export function identitiesIn(folder: string, { everything, nothing }: KillScenario): Identities {
  const identities = new Map<string, string>();
  const after = new Map(everything.nodes.map((node) => [node.path, node]));
  for (const node of nothing.nodes) {
    const { path, type } = node;
    if (!isUnchanged(node, after.get(path))) continue;
    const stats = statsOf(join(folder, path));
    if (stats === undefined) continue;
    identities.set(path, `${stats.dev}:${stats.ino} ${type === "file" ? stats.mtimeNs : ""}`);
  }
  return identities;
}

/** Undefined where nothing is, also where a folder on the way is something else by now. */
function statsOf(address: string): BigIntStats | undefined {
  try {
    return lstatSync(address, { bigint: true, throwIfNoEntry: false });
  } catch (thrown) {
    if (errnoOf(thrown) !== "ENOTDIR") throw thrown;
    return undefined;
  }
}

function isUnchanged(before: PhotoNode, after: PhotoNode | undefined): boolean {
  // A file that an act takes away and puts back is the same; a folder is made again.
  if (after === undefined) return before.type !== "folder";
  return before.type === after.type && before.mode === after.mode && before.content === after.content;
}

function broken(why: string): Verdict {
  return { state: "broken", why };
}

/** Nothing first: for a restore that fails it is the only good state. */
function stateOf({ everything, nothing }: KillScenario, found: Photo): GoodState | undefined {
  if (found.fingerprint === nothing.fingerprint) return "nothing";
  return found.fingerprint === everything.fingerprint ? "everything" : undefined;
}

/** Whether what recover says of a restore is not what is there. */
function contradiction({ recovered }: RecoverSuccess, state: GoodState): string | undefined {
  for (const { act, end } of recovered) {
    if (act === undefined) continue;
    if (end !== state) return `recover says ${end} of ${act}, and it is ${state}`;
  }
  return undefined;
}

/** Whether recovering once more makes a single call that changes something, or finds something. */
async function changesSomething(order: Order): Promise<boolean> {
  let calls = 0;
  const counting = interceptFileSystem((call, proceed) => {
    if (isMutating(call)) calls++;
    return proceed();
  });
  const outcome = (await obey(order, counting)) as RecoverSuccess;
  return !outcome.ok || outcome.recovered.length > 0 || calls > 0;
}
