/**
 * A process that wants a lock: a folder of its own beside the lock, with a socket in it as a sign of life. The
 * process wins when it renames that folder to the lock (`folder-lock.ts`).
 *
 * @module
 */

import { randomUUID } from "node:crypto";
import { type AnchoredDir, canAnchor } from "./anchored-dir.ts";
import { nodeFileSystem as fs } from "./file-system.ts";
import { errnoOf } from "./machine-reason.ts";
import { isOwnerAlive, OwnerSocket } from "./owner-socket.ts";

const PRIVATE = 0o700;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Which lock a process wants, and who may look into its folder. */
export interface LockName {
  /** The lock's name in its folder. */
  readonly name: string;
  /** Whether the folder is closed to all other users, whatever the umask. Otherwise the umask decides. */
  readonly isPrivate: boolean;
}

/** A name that no other contender has, and that a sweep recognises. */
function contenderName({ name }: LockName, id: string): string {
  return `${contenderPrefix(name)}${id}`;
}

function contenderPrefix(name: string): string {
  return `${name.startsWith(".") ? "" : "."}${name}-`;
}

/** Whether a name in the folder of a contender can be its socket's. */
export function isSocketName(name: string): boolean {
  return UUID.test(name);
}

/** A process that wants a lock: a folder of its own, with a sign of life in it. */
export class Contender {
  readonly #parent: AnchoredDir;
  readonly #lock: LockName;
  /** The socket's name, a UUID. */
  readonly id: string;
  #dir: AnchoredDir;
  readonly #owner: OwnerSocket;

  private constructor(parent: AnchoredDir, lock: LockName, id: string, dir: AnchoredDir, owner: OwnerSocket) {
    this.#parent = parent;
    this.#lock = lock;
    this.id = id;
    this.#dir = dir;
    this.#owner = owner;
  }

  /** Makes the folder and listens in it. Throws what the system says; then nothing is left. */
  static async announce(parent: AnchoredDir, lock: LockName): Promise<Contender> {
    for (;;) {
      const id = randomUUID();
      const name = contenderName(lock, id);
      const address = parent.address(name);
      fs.mkdirSync(address, lock.isPrivate ? PRIVATE : 0o777);
      let dir: AnchoredDir | undefined;
      try {
        dir = parent.enter(name);
        if (lock.isPrivate) fs.fchmodSync(dir.fd, PRIVATE);
        return new Contender(parent, lock, id, dir, await OwnerSocket.listen(dir.address(id)));
      } catch (thrown) {
        dir?.close();
        // Before it listened, it may have looked like a dead one's, and have been swept away.
        if (tolerate(["ENOENT"], () => fs.rmdirSync(address)) || errnoOf(thrown) === undefined) throw thrown;
      }
    }
  }

  /** The contender's folder: the lock itself once it is taken. */
  get dir(): AnchoredDir {
    return this.#dir;
  }

  /** Tries to put the folder in the lock's place. `astray` if another process swept it away. Throws what the system says. */
  take(): "taken" | "held" | "astray" | "occupied" {
    const { address } = this;
    try {
      fs.renameSync(address, this.#parent.address(this.#lock.name));
      if (!canAnchor()) this.#follow(this.#lock.name);
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
    tolerate(["ENOENT"], () => fs.unlinkSync(this.#dir.address(this.id)));
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
    return this.#parent.address(contenderName(this.#lock, this.id));
  }

  #isListening(): boolean {
    return fs.lstatSync(this.#dir.address(this.id), { throwIfNoEntry: false }) !== undefined;
  }
}

/** Removes the folders of dead contenders for a lock. A live one that loses its folder makes another. Throws what the system says. */
export async function sweepContenders(folder: AnchoredDir, lockName: string): Promise<void> {
  const prefix = contenderPrefix(lockName);
  for (const name of fs.readdirSync(folder.self)) {
    if (name.startsWith(prefix) && UUID.test(name.slice(prefix.length))) await removeDead(folder, name);
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
