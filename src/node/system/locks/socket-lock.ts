/**
 * A lock that is a folder with a socket in it: one process holds it, the others wait. No other process ever has the name of the
 * socket.
 *
 * Each contender makes a folder of its own with its socket in it, and renames it to the lock. A rename takes the
 * place of a missing or an empty folder and fails on any other, so there is one winner. The socket shows whether
 * the lock holder is dead (`owner-socket.ts`). Unlinking a dead holder's socket by its name empties the folder and
 * removes nothing of a live holder, however late it comes. Two processes never win at once, and no kill leaves a
 * lock for good.
 *
 * @module
 */

import { setTimeout } from "node:timers/promises";
import type { AnchoredDir } from "../files/anchored-dir.ts";
import { throwIfInterrupted } from "../runtime/interruption.ts";
import { tolerate } from "../runtime/machine-reason.ts";
import { Contender, enterIfThere, isSocketName, standsThere } from "./lock-contender.ts";
import { outliveOwner } from "./owner-socket.ts";
import { type FolderLock, ownerOf, type WantedLock } from "./wanted-lock.ts";

/** Where so many wait that the owner's socket takes no more callers. */
const CROWDED_MS = 100;

/** As `takeLock`. */
export async function acquireSocketLock(
  folder: AnchoredDir,
  wanted: WantedLock,
  signal: AbortSignal | undefined,
): Promise<FolderLock | "occupied"> {
  let contender: Contender | undefined;
  let isTaken = false;
  try {
    for (let fromDead = false; ; ) {
      throwIfInterrupted(signal);
      contender ??= await Contender.announce(folder, wanted);
      const taking = contender.take();
      if (taking === "occupied") return taking;
      if (taking === "taken") {
        isTaken = true;
        contender.fromDead = fromDead;
        return contender;
      }
      fromDead = false;
      if (taking === "astray") {
        contender.release();
        contender = undefined;
        continue;
      }
      const ended = await outliveHolder(folder, wanted, signal);
      if (ended === "occupied") return ended;
      fromDead = ended === "dead";
    }
  } finally {
    if (!isTaken) contender?.release();
  }
}

/** Waits until the lock holder lets go, and clears away what a dead one left. Throws what the system says. */
async function outliveHolder(
  folder: AnchoredDir,
  { isLeftover = () => false, name: lockName, removeLeftovers }: WantedLock,
  signal: AbortSignal | undefined,
): Promise<"free" | "dead" | "occupied"> {
  const entered = enterIfThere(folder, lockName);
  if (entered === undefined) return "free";
  if (entered === "occupied") return entered;
  using dir = entered;
  const names = dir.names();
  const sockets = names.filter(isSocketName);
  if (names.some((name) => !isSocketName(name) && !isLeftover(name))) return "occupied";
  // Leftovers without a socket are those of a lock holder that could not remove them.
  if (sockets.length === 0) for (const name of names) removeLeftovers?.(dir, ownerOf(name));
  let wasDead = false;
  for (const name of sockets) {
    if (standsThere(dir, name) === "other") return "occupied";
    const end = await outliveOwner(dir.address(name), signal);
    throwIfInterrupted(signal);
    if (end === "closed") return "occupied";
    if (end === "crowded") await setTimeout(CROWDED_MS);
    if (end !== "dead") continue;
    // The socket goes last: until then the next process finds a dead lock holder, and does this again.
    removeLeftovers?.(dir, name);
    wasDead = tolerate(["ENOENT"], () => dir.unlink(name)) || wasDead;
  }
  return wasDead ? "dead" : "free";
}
