/**
 * Killing without a process: SIGKILL at a call leaves what is on the disk just before it. So a camera stands in
 * front of each call that changes something, in the middle of each write, and behind the last call of all.
 *
 * @module
 */

import { nodeFileSystem } from "../../../src/node/system/files/file-system.ts";
import { type Call, interceptFileSystem, isMutating } from "../files/faulty-file-system.ts";
import { type Order, type OrderOutcome, obey } from "./kill-orders.ts";
import { type Photo, photograph } from "./kill-photo.ts";

/** What a kill leaves. */
export interface Exposure {
  /** Where it hits, for people. */
  readonly where: string;
  readonly photo: Photo;
}

/** An order that was carried out, and what a kill at each of its calls would have left. */
export interface Recording {
  readonly outcome: OrderOutcome;
  readonly exposures: readonly Exposure[];
}

/** Carries an order out in a folder, and photographs the folder all along. */
export async function record(order: Order, folder: string): Promise<Recording> {
  const exposures: Exposure[] = [];
  const expose = (where: string, photo = photograph(folder)): void => {
    exposures.push({ where: `${exposures.length} (${where})`, photo });
  };
  let synced: Photo | undefined;
  const fs = interceptFileSystem((call, proceed) => {
    if (!isMutating(call)) return proceed();
    expose(call.name, synced);
    synced = undefined;
    // The power stays on, so that an fsync would change nothing.
    if (call.name === "fsyncSync") synced = exposures.at(-1)?.photo;
    return call.name === "fsyncSync" ? undefined : inHalves(call, proceed, expose);
  });
  const outcome = await obey(order, fs);
  expose("the end");
  return { outcome, exposures };
}

/** A kernel may write less than requested, and the rest at the next call. */
function inHalves(call: Call, proceed: () => unknown, expose: (where: string) => void): unknown {
  const [fd, bytes, offset, length, position] = call.args;
  if (call.name !== "writeSync" || position !== 0 || !(bytes instanceof Uint8Array)) return proceed();
  const written = nodeFileSystem.writeSync(Number(fd), bytes, Number(offset), Number(length) >> 1, 0);
  expose("writeSync, half of it");
  return written;
}
