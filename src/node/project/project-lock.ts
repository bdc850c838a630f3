/**
 * One at a time in a project; the others wait. Whoever is at work has the folder `lock` in the project's own
 * folder, and in it a socket with a name that nobody else ever has.
 *
 * Each contender makes a folder of its own with its socket in it, and renames it to `lock`. A rename puts a folder
 * in the place of none, or of an empty one, and fails on any other: there is one winner. A dead owner is told by
 * his socket (`files/owner-socket.ts`); unlinking it by its name empties the folder, and can take away nothing of
 * a live one, however late it comes. So two never win at once, and no kill leaves a lock for good.
 *
 * @module
 */

import { setTimeout } from "node:timers/promises";
import type { AnchoredDir } from "../files/anchored-dir.ts";
import { nodeFileSystem as fs } from "../files/file-system.ts";
import { outliveOwner } from "../files/owner-socket.ts";
import { throwIfInterrupted } from "../interruption.ts";
import {
  Contender,
  enterIfThere,
  isSocketName,
  standsThere,
  sweepContenders,
  tolerate,
} from "./contender.ts";

/** The name in a project's own folder. */
export const LOCK_NAME = "lock";

/** Where so many wait that the owner's socket takes no more callers. */
const CROWDED_MS = 100;

/** How it can fail, besides what the system says: something that we may not touch has the name. */
export type LockFault = "occupied";

/** The lock of a project, held. */
export class ProjectLock {
  readonly #folder: AnchoredDir;
  readonly #contender: Contender;
  /** Whether it was taken from one who was killed while it was his. */
  readonly fromDead: boolean;

  private constructor(folder: AnchoredDir, contender: Contender, fromDead: boolean) {
    this.#folder = folder;
    this.#contender = contender;
    this.fromDead = fromDead;
  }

  /**
   * Takes the lock, and waits for whoever has it. Throws what the system says, and an Interruption once the signal
   * has fired; then nothing is left.
   */
  static async acquire(
    folder: AnchoredDir,
    signal: AbortSignal | undefined,
  ): Promise<ProjectLock | LockFault> {
    let contender: Contender | undefined;
    let isTaken = false;
    try {
      for (let fromDead = false; ; ) {
        throwIfInterrupted(signal);
        contender ??= await Contender.announce(folder);
        const taking = contender.take(LOCK_NAME);
        if (taking === "occupied") return taking;
        if (taking === "taken") {
          isTaken = true;
          return new ProjectLock(folder, contender, fromDead);
        }
        fromDead = false;
        if (taking === "astray") {
          contender.withdraw();
          contender = undefined;
          continue;
        }
        const ended = await outliveHolder(folder, signal);
        if (ended === "occupied") return ended;
        fromDead = ended === "dead";
      }
    } finally {
      if (!isTaken) contender?.withdraw();
    }
  }

  /** Removes what dead contenders have left. Throws what the system says. */
  async sweep(): Promise<void> {
    await sweepContenders(this.#folder);
  }

  /** Gives the lock back: whoever waits goes on. */
  release(): void {
    this.#contender.withdraw();
    tolerate(["ENOTEMPTY", "EEXIST", "ENOENT", "ENOTDIR"], () =>
      fs.rmdirSync(this.#folder.address(LOCK_NAME)),
    );
  }
}

/** Waits for whoever has the lock, and clears away a dead one. Throws what the system says. */
async function outliveHolder(
  folder: AnchoredDir,
  signal: AbortSignal | undefined,
): Promise<"free" | "dead" | LockFault> {
  const dir = enterIfThere(folder, LOCK_NAME);
  if (dir === undefined) return "free";
  if (dir === "occupied") return dir;
  try {
    const names = fs.readdirSync(dir.self);
    if (names.some((name) => !isSocketName(name))) return "occupied";
    let wasDead = false;
    for (const name of names) {
      if (standsThere(dir, name) === "other") return "occupied";
      const end = await outliveOwner(dir.address(name), signal);
      throwIfInterrupted(signal);
      if (end === "closed") return "occupied";
      if (end === "crowded") await setTimeout(CROWDED_MS);
      if (end === "dead") wasDead = tolerate(["ENOENT"], () => fs.unlinkSync(dir.address(name))) || wasDead;
    }
    return wasDead ? "dead" : "free";
  } finally {
    dir.close();
  }
}
