/**
 * The lock of one file that runseal edits, and the place where its new bytes are staged: the folder `.NAME.lock`
 * beside the file.
 *
 *     .trust.lock/                 0700: only its user can change a staged name into a link
 *     .trust.lock/<uuid>           a socket: the lock holder lives
 *     .trust.lock/<uuid>.new       the new bytes, synced before they get the file's name
 *
 * A killed command leaves the folder. The next command that takes the lock removes it, and overwrites staged bytes
 * first: they may be a private key. Where a file system has no unix sockets, the folder alone is the lock. Then a
 * killed command's folder stays until a person removes it.
 *
 * @module
 */

import { randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { waitUnlessInterrupted } from "../interruption.ts";
import type { AnchoredDir } from "./anchored-dir.ts";
import { nodeFileSystem as fs } from "./file-system.ts";
import { FolderLock, NO_SOCKETS, type WantedLock } from "./folder-lock.ts";
import { errnoOf } from "./machine-reason.ts";
import { discardStaged, isStagedName, type StagedKind, stagedName } from "./staged-bytes.ts";

/** Another user's lock can't be waited for by its socket. It is asked for again, for a second in all. */
const ATTEMPTS = 10;
const PAUSE_MS = 100;

/** The name of the lock of a file, in the file's folder. */
export function lockNameOf(file: string): string {
  return `.${file}.lock`;
}

/** The held lock of one file. */
export class EditLock {
  /** The folder in which new bytes are staged, held open. */
  readonly dir: AnchoredDir;
  readonly #id: string;
  readonly #release: () => void;

  private constructor(dir: AnchoredDir, id: string, release: () => void) {
    this.dir = dir;
    this.#id = id;
    this.#release = release;
  }

  /**
   * Waits for the lock of a file in a folder and takes it. `occupied` if something has its name that is not a lock
   * of this user, or if a lock without a socket is there. Throws what the system says, and an Interruption once the
   * signal has fired.
   */
  static async acquire(
    folder: AnchoredDir,
    file: string,
    signal?: AbortSignal,
  ): Promise<EditLock | "occupied"> {
    for (let attempt = 1; ; attempt++) {
      const lock = await acquireOnce(folder, lockNameOf(file), signal);
      if (lock !== "occupied") return new EditLock(lock.dir, lock.id, lock.release);
      if (attempt === ATTEMPTS) return lock;
      await waitUnlessInterrupted(setTimeout(PAUSE_MS), signal);
    }
  }

  /** The address of staged bytes of a kind. */
  staged(kind: StagedKind): string {
    return this.dir.address(stagedName(this.#id, kind));
  }

  /** Removes what was staged and not placed, and gives the lock back. Throws what the system says. */
  release(): void {
    try {
      discardStaged(this.dir, this.#id);
    } finally {
      this.#release();
    }
  }
}

interface AcquiredLock {
  readonly dir: AnchoredDir;
  readonly id: string;
  readonly release: () => void;
}

async function acquireOnce(
  folder: AnchoredDir,
  name: string,
  signal: AbortSignal | undefined,
): Promise<AcquiredLock | "occupied"> {
  const wanted: WantedLock = {
    name,
    isPrivate: true,
    isLeftover: isStagedName,
    removeLeftovers: (lock, socket) => discardStaged(lock, socket),
  };
  try {
    const lock = await FolderLock.acquire(folder, wanted, signal);
    if (lock === "occupied") return lock;
    await lock.sweep();
    if (isOwn(lock.dir)) return { dir: lock.dir, id: lock.id, release: () => lock.release() };
    lock.release();
    return "occupied";
  } catch (thrown) {
    if (!NO_SOCKETS.includes(errnoOf(thrown) ?? "")) throw thrown;
    return acquireWithoutSocket(folder, name);
  }
}

/** mkdir(2) alone decides. A lock holder that is killed keeps the lock: no other process can see that it is dead. */
function acquireWithoutSocket(folder: AnchoredDir, name: string): AcquiredLock | "occupied" {
  const address = folder.address(name);
  try {
    fs.mkdirSync(address, 0o700);
  } catch (thrown) {
    if (errnoOf(thrown) === "EEXIST") return "occupied";
    throw thrown;
  }
  const dir = folder.enter(name);
  fs.fchmodSync(dir.fd, 0o700);
  const release = (): void => {
    dir.close();
    fs.rmdirSync(address);
  };
  if (isOwn(dir)) return { dir, id: randomUUID(), release };
  dir.close();
  return "occupied";
}

/** The owner of the folder above may have put a folder of his own in the place of ours: staged names are not safe there. */
function isOwn(dir: AnchoredDir): boolean {
  return process.geteuid === undefined || fs.fstatSync(dir.fd).uid === process.geteuid();
}
