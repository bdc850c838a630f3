/**
 * A lock that is a folder: one process holds it, the others wait. In the folder is a socket whose name no other
 * process ever has.
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
import type { MachineReason } from "../../core/internal.ts";
import type { AnchoredDir } from "../files/anchored-dir.ts";
import { nodeFileSystem as fs } from "../files/file-system.ts";
import { throwIfInterrupted } from "../runtime/interruption.ts";
import { refusalOf, tolerate } from "../runtime/machine-reason.ts";
import {
  Contender,
  enterIfThere,
  isSocketName,
  type LockName,
  standsThere,
  sweepContenders,
} from "./lock-contender.ts";
import { outliveOwner } from "./owner-socket.ts";

/** Where so many wait that the owner's socket takes no more callers. */
const CROWDED_MS = 100;

/** The errors of systems and file systems on which no unix socket can be made in a folder. */
export const NO_SOCKETS: readonly string[] = [
  "EPERM",
  "EOPNOTSUPP",
  "ENOTSUP",
  "EINVAL",
  "ENAMETOOLONG",
  "EAFNOSUPPORT",
  "ENOSYS",
];

/** Which lock is wanted. */
export interface WantedLock extends LockName {
  /** Removes what a dead lock holder left beside its socket, by the socket's name, a UUID. */
  readonly removeLeftovers?: (lock: AnchoredDir, socket: string) => void;
  /** Whether a name in the lock's folder, which is not a socket's, is one that a lock holder makes: `UUID.…`. */
  readonly isLeftover?: (name: string) => boolean;
}

/** A held lock. */
export class FolderLock {
  readonly #folder: AnchoredDir;
  readonly #wanted: WantedLock;
  readonly #contender: Contender;
  /** Whether the previous lock holder was killed while it held the lock. */
  readonly fromDead: boolean;

  private constructor(folder: AnchoredDir, wanted: WantedLock, contender: Contender, fromDead: boolean) {
    this.#folder = folder;
    this.#wanted = wanted;
    this.#contender = contender;
    this.fromDead = fromDead;
  }

  /**
   * Waits for the lock holder and takes the lock. Gives `occupied` if something that runseal may not touch has its name. Throws
   * what the system says, and an Interruption once the signal has fired; then nothing is left.
   */
  static async acquire(
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
          return new FolderLock(folder, wanted, contender, fromDead);
        }
        fromDead = false;
        if (taking === "astray") {
          contender.withdraw();
          contender = undefined;
          continue;
        }
        const ended = await outliveHolder(folder, wanted, signal);
        if (ended === "occupied") return ended;
        fromDead = ended === "dead";
      }
    } finally {
      if (!isTaken) contender?.withdraw();
    }
  }

  /** The folder that is the lock, held open. */
  get dir(): AnchoredDir {
    return this.#contender.dir;
  }

  /** The name of this process's socket in the lock, a UUID. */
  get id(): string {
    return this.#contender.id;
  }

  /** Removes what dead contenders have left, and gives the names that it left alone. Throws what the system says. */
  async sweep(): Promise<readonly string[]> {
    return await sweepContenders(this.#folder, this.#wanted.name);
  }

  /**
   * Gives the lock back: the next contender takes it. Gives why the system refused to remove something of it. What stays
   * keeps no other process from taking the lock: it has no listener any more.
   */
  release(): MachineReason | undefined {
    const unwithdrawn = this.#contender.withdraw();
    const unremoved = refusalOf(() =>
      tolerate(["ENOTEMPTY", "EEXIST", "ENOENT", "ENOTDIR"], () =>
        fs.rmdirSync(this.#folder.address(this.#wanted.name)),
      ),
    );
    return unwithdrawn ?? unremoved;
  }
}

/** The UUID of the lock holder that made a leftover. */
function ownerOf(leftover: string): string {
  return leftover.slice(0, leftover.indexOf("."));
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
  const names = fs.readdirSync(dir.self);
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
    wasDead = tolerate(["ENOENT"], () => fs.unlinkSync(dir.address(name))) || wasDead;
  }
  return wasDead ? "dead" : "free";
}
