/**
 * The lock of one file that runseal edits, and the place where its new bytes are staged: the folder `.NAME.lock`
 * beside the file.
 *
 *     .trust.lock/                 0700: only its user can change a staged name into a link
 *     .trust.lock/<uuid>           a socket: the lock holder lives
 *     .trust.lock/<uuid>.new       the new bytes, synced before they get the file's name
 *
 * A killed command leaves the folder. The next command that takes the lock removes it, and overwrites staged bytes
 * first: they may be a private key. Where a file system has no unix sockets, a file `owner` stands for the socket. Then
 * a killed command's lock stays until a person removes it.
 *
 * @module
 */

import { setTimeout } from "node:timers/promises";
import type { AnchoredDir } from "../files/anchored-dir.ts";
import { nodeFileSystem as fs } from "../files/file-system.ts";
import { waitUnlessInterrupted } from "../runtime/interruption.ts";
import { errnoOf } from "../runtime/machine-reason.ts";
import { takeMarkedLock } from "./open-file-lock.ts";
import { discardStaged, isStagedName } from "./staged-bytes.ts";
import { NO_LOCKS, takeLock } from "./take-lock.ts";
import type { FolderLock, WantedLock } from "./wanted-lock.ts";

/** Another user's socket can't be waited for. The lock is tried again, for a second in all. */
const ATTEMPTS = 10;
const PAUSE_MS = 100;

/** The name of the lock of a file, in the file's folder. */
export function lockNameOf(file: string): string {
  return `.${file}.lock`;
}

/**
 * Waits for the lock of a file in a folder and takes it. New bytes are staged in its folder. `occupied` if something has its name that
 * is not a lock of this user, or if a lock without a socket is there. Throws what the system says, and an Interruption once the
 * signal has fired.
 */
export async function acquireEditLock(
  folder: AnchoredDir,
  file: string,
  signal?: AbortSignal,
): Promise<FolderLock | "occupied"> {
  const wanted: WantedLock = {
    name: lockNameOf(file),
    isPrivate: true,
    isLeftover: isStagedName,
    removeLeftovers: discardStaged,
  };
  for (let round = 1; ; round++) {
    const lock = await takeOnce(folder, wanted, signal);
    if (lock !== "occupied" || round === ATTEMPTS) return lock;
    await waitUnlessInterrupted(setTimeout(PAUSE_MS), signal);
  }
}

async function takeOnce(
  folder: AnchoredDir,
  wanted: WantedLock,
  signal: AbortSignal | undefined,
): Promise<FolderLock | "occupied"> {
  let lock: FolderLock | "occupied";
  try {
    lock = await takeLock(folder, wanted, signal);
  } catch (thrown) {
    if (!isSocketRefusal(thrown)) throw thrown;
    lock = takeMarkedLock(folder, wanted);
  }
  if (lock === "occupied") return lock;
  let isKept = false;
  try {
    await lock.sweep();
    isKept = isOwn(lock.dir);
    return isKept ? lock : "occupied";
  } finally {
    if (!isKept) lock.release();
  }
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
