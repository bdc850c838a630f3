/**
 * The lock of one file that runseal edits, and the place where its new bytes are staged: the folder `.NAME.lock`
 * beside the file.
 *
 *     .trust.lock/                 0700: only its user can change a staged name into a link
 *     .trust.lock/<uuid>           a socket: the lock holder lives
 *     .trust.lock/<uuid>.new       the new bytes, synced before they get the file's name
 *
 * A killed command leaves the folder. The next command that takes the lock removes it, and overwrites staged bytes
 * first: they may be a private key. Where a file system has no unix sockets, a file `held` stands for the socket. Then
 * a killed command's lock stays until a person removes it.
 *
 * @module
 */

import { randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { type AnchoredDir, canAnchor } from "../files/anchored-dir.ts";
import { nodeFileSystem as fs, OPEN_NEW } from "../files/file-system.ts";
import { waitUnlessInterrupted } from "../runtime/interruption.ts";
import { attempt, errnoOf } from "../runtime/machine-reason.ts";
import { closeToOthers } from "./lock-contender.ts";
import { discardStaged, isStagedName, type StagedKind, stagedName } from "./staged-bytes.ts";
import { NO_LOCKS, takeLock } from "./take-lock.ts";
import type { FolderLock, WantedLock } from "./wanted-lock.ts";

/** Says that a process holds the lock without a socket. */
const MARKER = "held";

/** Another user's socket can't be waited for. The lock is tried again, for a second in all. */
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
    for (let round = 1; ; round++) {
      const lock = await acquireOnce(folder, lockNameOf(file), signal);
      if (lock !== "occupied") return new EditLock(lock.dir, lock.id, lock.release);
      if (round === ATTEMPTS) return lock;
      await waitUnlessInterrupted(setTimeout(PAUSE_MS), signal);
    }
  }

  /** The address of staged bytes of a kind. */
  staged(kind: StagedKind): string {
    return this.dir.address(stagedName(this.#id, kind));
  }

  /** Removes what was staged and not placed, and gives the lock back. What stays is removed by the next lock holder. */
  release(): void {
    attempt(() => discardStaged(this.dir, this.#id));
    this.#release();
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
    removeLeftovers: discardStaged,
  };
  let lock: FolderLock | "occupied";
  try {
    lock = await takeLock(folder, wanted, signal);
  } catch (thrown) {
    if (!isSocketRefusal(thrown)) throw thrown;
    return acquireWithoutSocket(folder, name);
  }
  if (lock === "occupied") return lock;
  const { dir, id } = lock;
  let isKept = false;
  try {
    await lock.sweep();
    isKept = isOwn(dir);
    return isKept ? { dir, id, release: () => lock.release() } : "occupied";
  } finally {
    if (!isKept) lock.release();
  }
}

/**
 * The same algorithm with a marker instead of a socket. A lock holder that is killed keeps the lock: no other process
 * can see that it is dead.
 */
function acquireWithoutSocket(folder: AnchoredDir, name: string): AcquiredLock | "occupied" {
  const id = randomUUID();
  const contender = `${name}-${id}`;
  fs.mkdirSync(folder.address(contender), 0o700);
  let taken: AcquiredLock | undefined;
  let dir: AnchoredDir | undefined;
  try {
    dir = folder.enter(contender);
    closeToOthers(dir);
    if (!isOwn(dir)) return "occupied";
    fs.closeSync(fs.openSync(dir.address(MARKER), OPEN_NEW, 0o600));
    fs.renameSync(folder.address(contender), folder.address(name));
    const held = canAnchor() ? dir : reenter(dir, folder, name);
    taken = { dir: held, id, release: () => removeMarked(held, folder.address(name)) };
    return taken;
  } catch (thrown) {
    if (["ENOTEMPTY", "EEXIST", "ENOTDIR", "EPERM"].includes(errnoOf(thrown) ?? "") && folder.has(name))
      return "occupied";
    throw thrown;
  } finally {
    if (taken === undefined) removeMarked(dir, folder.address(contender));
  }
}

/** Where folders are held by their path, the path is another one after the rename. */
function reenter(dir: AnchoredDir, folder: AnchoredDir, name: string): AnchoredDir {
  dir.close();
  return folder.enter(name);
}

function removeMarked(dir: AnchoredDir | undefined, address: string): void {
  if (dir !== undefined) attempt(() => fs.unlinkSync(dir.address(MARKER)));
  dir?.close();
  attempt(() => fs.rmdirSync(address));
}

/** Whether the system refused to make a unix socket. Other calls answer EPERM, too. */
function isSocketRefusal(thrown: unknown): boolean {
  const isListening = thrown instanceof Error && "syscall" in thrown && thrown.syscall === "listen";
  return isListening && NO_LOCKS.includes(errnoOf(thrown) ?? "");
}

/** The owner of the folder above may have put a folder of his own in the place of ours: staged names are not safe there. */
function isOwn(dir: AnchoredDir): boolean {
  return process.geteuid === undefined || fs.fstatSync(dir.fd).uid === process.geteuid();
}
