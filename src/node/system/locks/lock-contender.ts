/**
 * A process that wants a lock: a folder of its own beside the lock, with a socket in it that shows that it lives. The
 * process wins when it renames that folder to the lock (`socket-lock.ts`).
 *
 * @module
 */

import { randomUUID } from "node:crypto";
import type { MachineReason } from "../../../core/internal.ts";
import { type AnchoredDir, canAnchor } from "../files/anchored-dir.ts";
import { nodeFileSystem as fs } from "../files/file-system.ts";
import { errnoOf, refusalOf, tolerate } from "../runtime/machine-reason.ts";
import { isSocketOwnerAlive, OwnerSocket } from "./owner-socket.ts";
import type { FolderLock, LockName } from "./wanted-lock.ts";

const PRIVATE = 0o700;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The errors of rmdir(2) for the folder of another process. */
const NOT_EMPTY = ["ENOTEMPTY", "EEXIST", "ENOENT", "ENOTDIR"];

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

/**
 * Closes a folder to every other user, whatever the umask was. Throws what the system says, but for a refusal where the
 * folder is closed already, as on a file system that has no modes of its own.
 */
function closeToOthers(dir: AnchoredDir): void {
  try {
    fs.fchmodSync(dir.fd, PRIVATE);
  } catch (thrown) {
    if (errnoOf(thrown) !== "EPERM" || (fs.fstatSync(dir.fd).mode & 0o077) !== 0) throw thrown;
  }
}

/** A process that wants a lock: a folder of its own, with its socket in it. Once it is taken, that folder is the lock. */
export class Contender implements FolderLock {
  readonly #parent: AnchoredDir;
  readonly #lock: LockName;
  /** The socket's name, a UUID. */
  readonly id: string;
  #dir: AnchoredDir;
  readonly #owner: OwnerSocket;
  fromDead = false;

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
      parent.mkdir(name, lock.isPrivate ? PRIVATE : 0o777);
      let dir: AnchoredDir | undefined;
      try {
        dir = parent.enter(name);
        if (lock.isPrivate) closeToOthers(dir);
        return new Contender(parent, lock, id, dir, await OwnerSocket.listen(dir.address(id)));
      } catch (thrown) {
        dir?.close();
        // Before it listened, another process may have taken it for a dead one's and removed it.
        if (tolerate(["ENOENT"], () => parent.rmdir(name)) || errnoOf(thrown) === undefined) throw thrown;
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
      return this.#dir.has(this.id) ? "taken" : "astray";
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

  async sweep(): Promise<readonly string[]> {
    return await sweepContenders(this.#parent, this.#lock.name);
  }

  /** Also of a contender that has not taken the lock: a folder that is not empty is another one's, and stays. */
  release(): MachineReason | undefined {
    const unremoved = [refusalOf(() => tolerate(["ENOENT"], () => this.#dir.unlink(this.id)))];
    this.#owner.close();
    this.#dir.close();
    for (const address of [this.address, this.#parent.address(this.#lock.name)])
      unremoved.push(refusalOf(() => tolerate(NOT_EMPTY, () => fs.rmdirSync(address))));
    return unremoved.find((reason) => reason !== undefined);
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
}

/** Whether a name is one that the folder of a contender for a lock can have. */
export function isContenderName(lockName: string, name: string): boolean {
  const prefix = contenderPrefix(lockName);
  return name.startsWith(prefix) && UUID.test(name.slice(prefix.length));
}

/**
 * Removes the folders of dead contenders. A live contender whose folder was still empty makes another one. Gives the
 * names that it left alone because runseal did not make what is there, in byte order. Throws what the system says.
 */
async function sweepContenders(folder: AnchoredDir, lockName: string): Promise<readonly string[]> {
  const foreign: string[] = [];
  for (const name of folder.names().sort()) {
    if (isContenderName(lockName, name) && (await removeDead(folder, name)) === "foreign") foreign.push(name);
  }
  return foreign;
}

async function removeDead(folder: AnchoredDir, name: string): Promise<"removed" | "alive" | "foreign"> {
  const dir = enterIfThere(folder, name);
  if (dir === undefined) return "removed";
  if (dir === "occupied") return "foreign";
  try {
    for (const socket of dir.names()) {
      if (!UUID.test(socket) || standsThere(dir, socket) === "other") return "foreign";
      if (await isSocketOwnerAlive(dir.address(socket))) return "alive";
      tolerate(["ENOENT"], () => dir.unlink(socket));
    }
    tolerate(["ENOENT", "ENOTEMPTY", "EEXIST"], () => folder.rmdir(name));
    return "removed";
  } catch (thrown) {
    // In a folder that several users share, the folder of another user's contender is that user's to remove.
    if (!["EACCES", "EPERM"].includes(errnoOf(thrown) ?? "")) throw thrown;
    return "foreign";
  } finally {
    dir.close();
  }
}

/**
 * What has a socket's name, by lstat. Connections are made to sockets only: connect(2) is refused by a file as by a dead
 * owner's socket, and follows a link to another owner's.
 */
export function standsThere(dir: AnchoredDir, name: string): "socket" | "nothing" | "other" {
  const stats = dir.lstat(name);
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
