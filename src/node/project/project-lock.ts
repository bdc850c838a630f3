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

import { randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import type { AnchoredDir } from "../files/anchored-dir.ts";
import { nodeFileSystem as fs } from "../files/file-system.ts";
import { errnoOf } from "../files/machine-reason.ts";
import { isOwnerAlive, OwnerSocket, outliveOwner } from "../files/owner-socket.ts";
import { throwIfInterrupted } from "../interruption.ts";

/** The name in a project's own folder. */
export const LOCK_NAME = "lock";

const CONTENDER_PREFIX = ".lock-";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

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
        const taking = contender.take();
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

  /** Removes the folders of contenders who are dead. Those who come just now make another one. Throws what the system says. */
  async sweep(): Promise<void> {
    for (const name of fs.readdirSync(this.#folder.self)) {
      if (name.startsWith(CONTENDER_PREFIX) && UUID.test(name.slice(CONTENDER_PREFIX.length))) {
        await removeDeadContender(this.#folder, name);
      }
    }
  }

  /** Gives the lock back: whoever waits goes on. */
  release(): void {
    this.#contender.withdraw();
    tolerate(["ENOTEMPTY", "EEXIST", "ENOENT", "ENOTDIR"], () =>
      fs.rmdirSync(this.#folder.address(LOCK_NAME)),
    );
  }
}

/** One who wants the lock: a folder of its own, with a sign of life in it. */
class Contender {
  readonly #parent: AnchoredDir;
  readonly #id: string;
  readonly #dir: AnchoredDir;
  readonly #owner: OwnerSocket;

  private constructor(parent: AnchoredDir, id: string, dir: AnchoredDir, owner: OwnerSocket) {
    this.#parent = parent;
    this.#id = id;
    this.#dir = dir;
    this.#owner = owner;
  }

  /** Makes the folder and listens in it. Throws what the system says; then nothing is left. */
  static async announce(parent: AnchoredDir): Promise<Contender> {
    for (;;) {
      const id = randomUUID();
      const address = parent.address(CONTENDER_PREFIX + id);
      fs.mkdirSync(address, 0o777);
      let dir: AnchoredDir | undefined;
      try {
        dir = parent.enter(CONTENDER_PREFIX + id);
        return new Contender(parent, id, dir, await OwnerSocket.listen(dir.address(id)));
      } catch (thrown) {
        dir?.close();
        // Before it listened, it may have looked like a dead one's, and have been swept away.
        if (tolerate(["ENOENT"], () => fs.rmdirSync(address)) || errnoOf(thrown) === undefined) throw thrown;
      }
    }
  }

  /** Tries to put the folder in the place of the lock. `astray` where it was swept away. Throws what the system says. */
  take(): "taken" | "held" | "astray" | "occupied" {
    const { address } = this;
    try {
      fs.renameSync(address, this.#parent.address(LOCK_NAME));
      return this.#isListening() ? "taken" : "astray";
    } catch (thrown) {
      switch (errnoOf(thrown)) {
        case "ENOTEMPTY":
        case "EEXIST":
          return "held";
        case "ENOTDIR":
          return "occupied";
        case "ENOENT":
          return "astray";
        default:
          throw thrown;
      }
    }
  }

  /** Takes back everything: by then the lock, if it is ours, is free. */
  withdraw(): void {
    tolerate(["ENOENT"], () => fs.unlinkSync(this.#dir.address(this.#id)));
    this.#owner.close();
    this.#dir.close();
    tolerate(["ENOENT"], () => fs.rmdirSync(this.address));
  }

  private get address(): string {
    return this.#parent.address(CONTENDER_PREFIX + this.#id);
  }

  #isListening(): boolean {
    return fs.lstatSync(this.#dir.address(this.#id), { throwIfNoEntry: false }) !== undefined;
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
    if (names.some((name) => !UUID.test(name))) return "occupied";
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

/**
 * What has a socket's name, by lstat. Only a socket is ever knocked at: connect(2) refuses at a file as at a dead
 * owner's socket, and would follow a link to somebody else's.
 */
function standsThere(dir: AnchoredDir, name: string): "socket" | "nothing" | "other" {
  const stats = fs.lstatSync(dir.address(name), { throwIfNoEntry: false });
  if (stats === undefined) return "nothing";
  return stats.isSocket() ? "socket" : "other";
}

async function removeDeadContender(folder: AnchoredDir, name: string): Promise<void> {
  const dir = enterIfThere(folder, name);
  if (dir === undefined || dir === "occupied") return;
  try {
    for (const socket of fs.readdirSync(dir.self)) {
      if (!UUID.test(socket) || standsThere(dir, socket) === "other") return;
      if (await isOwnerAlive(dir.address(socket))) return;
      tolerate(["ENOENT"], () => fs.unlinkSync(dir.address(socket)));
    }
  } finally {
    dir.close();
  }
  tolerate(["ENOENT", "ENOTEMPTY", "EEXIST"], () => fs.rmdirSync(folder.address(name)));
}

function enterIfThere(folder: AnchoredDir, name: string): AnchoredDir | "occupied" | undefined {
  try {
    return folder.enter(name);
  } catch (thrown) {
    switch (errnoOf(thrown)) {
      case "ENOENT":
        return undefined;
      case "ENOTDIR":
      case "ELOOP":
      case "EACCES":
        return "occupied";
      default:
        throw thrown;
    }
  }
}

/** Does something that others may have done already. Gives whether it was still to do. Throws other errors on. */
function tolerate(errnos: readonly string[], act: () => void): boolean {
  try {
    act();
    return true;
  } catch (thrown) {
    if (!errnos.includes(errnoOf(thrown) ?? "")) throw thrown;
    return false;
  }
}
