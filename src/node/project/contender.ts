/**
 * One who wants the lock of a project: a folder of its own beside the lock, with a socket in it as a sign of life. To
 * win is to rename it to the lock (`project-lock.ts`).
 *
 * @module
 */

import { randomUUID } from "node:crypto";
import { type AnchoredDir, canAnchor } from "../files/anchored-dir.ts";
import { nodeFileSystem as fs } from "../files/file-system.ts";
import { errnoOf } from "../files/machine-reason.ts";
import { isOwnerAlive, OwnerSocket } from "../files/owner-socket.ts";

const PREFIX = ".lock-";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Whether a name in the folder of a contender can be its socket's. */
export function isSocketName(name: string): boolean {
  return UUID.test(name);
}

/** One who wants the lock: a folder of its own, with a sign of life in it. */
export class Contender {
  readonly #parent: AnchoredDir;
  readonly #id: string;
  #dir: AnchoredDir;
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
      const address = parent.address(PREFIX + id);
      fs.mkdirSync(address, 0o777);
      let dir: AnchoredDir | undefined;
      try {
        dir = parent.enter(PREFIX + id);
        return new Contender(parent, id, dir, await OwnerSocket.listen(dir.address(id)));
      } catch (thrown) {
        dir?.close();
        // Before it listened, it may have looked like a dead one's, and have been swept away.
        if (tolerate(["ENOENT"], () => fs.rmdirSync(address)) || errnoOf(thrown) === undefined) throw thrown;
      }
    }
  }

  /** Tries to put the folder in the place `name`, the lock's. `astray` where it was swept away. Throws what the system says. */
  take(name: string): "taken" | "held" | "astray" | "occupied" {
    const { address } = this;
    try {
      fs.renameSync(address, this.#parent.address(name));
      if (!canAnchor()) this.#follow(name);
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

  /** Held by its path, the folder is not reached by the old name any more. */
  #follow(name: string): void {
    const dir = this.#parent.enter(name);
    this.#dir.close();
    this.#dir = dir;
  }

  private get address(): string {
    return this.#parent.address(PREFIX + this.#id);
  }

  #isListening(): boolean {
    return fs.lstatSync(this.#dir.address(this.#id), { throwIfNoEntry: false }) !== undefined;
  }
}

/** Removes the folders of contenders who are dead. Those who come just now make another one. Throws what the system says. */
export async function sweepContenders(folder: AnchoredDir): Promise<void> {
  for (const name of fs.readdirSync(folder.self)) {
    if (name.startsWith(PREFIX) && UUID.test(name.slice(PREFIX.length))) await removeDead(folder, name);
  }
}

async function removeDead(folder: AnchoredDir, name: string): Promise<void> {
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

/**
 * What has a socket's name, by lstat. Only a socket is ever knocked at: connect(2) refuses at a file as at a dead
 * owner's socket, and would follow a link to somebody else's.
 */
export function standsThere(dir: AnchoredDir, name: string): "socket" | "nothing" | "other" {
  const stats = fs.lstatSync(dir.address(name), { throwIfNoEntry: false });
  if (stats === undefined) return "nothing";
  return stats.isSocket() ? "socket" : "other";
}

/** Opens a folder that others may remove; `occupied` where something else has its name. Throws what the system says. */
export function enterIfThere(folder: AnchoredDir, name: string): AnchoredDir | "occupied" | undefined {
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
export function tolerate(errnos: readonly string[], act: () => void): boolean {
  try {
    act();
    return true;
  } catch (thrown) {
    if (!errnos.includes(errnoOf(thrown) ?? "")) throw thrown;
    return false;
  }
}
