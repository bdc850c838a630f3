/**
 * What becomes of a disk that a kill left, by `recover`: one of the two good states to the last byte, or a
 * broken one.
 *
 * @module
 */

import { lstatSync } from "node:fs";
import { join } from "node:path";
import type { RecoverSuccess } from "../../src/node/restore/recover-target.ts";
import { interceptFileSystem, isMutating } from "./faulty-file-system.ts";
import { type Order, obey } from "./kill-orders.ts";
import { describePhoto, namedElsewhere, type Photo, photograph } from "./kill-photo.ts";
import { type KillScenario, recoverIn } from "./kill-scenes.ts";

/** What it comes to. */
export interface Verdict {
  readonly state: "nothing" | "everything" | "broken";
  /** What is wrong, where it is broken. */
  readonly why: string;
}

/** Recovers what was left in a folder, and looks. */
export async function judge(scenario: KillScenario, folder: string): Promise<Verdict> {
  const order = recoverIn(folder);
  const owned = identities(scenario, folder);
  const outcome = await obey(order);
  const found = photograph(folder);
  const state = stateOf(scenario, found);
  if (!outcome.ok) return broken(`recover ended with ${outcome.code}`);
  if (state === undefined) return broken(`neither before nor after:\n${describePhoto(found)}`);
  const elsewhere = namedElsewhere(found);
  if (elsewhere.length > 0) return broken(`has a further name: ${elsewhere.join()}`);
  const replaced = identities(scenario, folder).filter(([path, identity]) => {
    const known = owned.find(([other]) => other === path);
    return known !== undefined && known[1] !== identity;
  });
  if (replaced.length > 0) return broken(`replaced or written to: ${replaced.map(([path]) => path).join()}`);
  const told = contradiction(outcome as RecoverSuccess, state);
  if (told !== undefined) return broken(told);
  return (await changesSomething(order)) ? broken("a second recover changes something") : { state, why: "" };
}

function broken(why: string): Verdict {
  return { state: "broken", why };
}

function stateOf({ after, before }: KillScenario, found: Photo): "nothing" | "everything" | undefined {
  // Before after: a restore that fails has only one good state.
  if (found.fingerprint === before.fingerprint) return "nothing";
  return found.fingerprint === after.fingerprint ? "everything" : undefined;
}

/** Which inode stands at each path that was there before, and when it was last written to. */
function identities({ before }: KillScenario, folder: string): readonly (readonly [string, string])[] {
  return before.nodes.flatMap(({ path, type }) => {
    const stats = lstatSync(join(folder, path), { bigint: true, throwIfNoEntry: false });
    if (stats === undefined) return [];
    const written = type === "file" ? stats.mtimeNs : "";
    return [[path, `${stats.dev}:${stats.ino} ${written}`]];
  });
}

/** Whether what recover says of a restore is not what is there. */
function contradiction({ recovered }: RecoverSuccess, state: "nothing" | "everything"): string | undefined {
  for (const { act, end } of recovered) {
    if (act === undefined) continue;
    const told = act === "undo" ? "everything" : end;
    if (told !== state) return `recover says ${end} of ${act}, and it is ${state}`;
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
