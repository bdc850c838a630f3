/**
 * A lock that is a folder with a file in it, and the file decides. On systems that lock open files, the lock holder holds it open
 * (`held-file.ts`): Windows moves no folder in which something is open, so the folder is made in its place. On a file system without
 * unix sockets, the process that makes the file holds the lock.
 *
 * @module
 */

import { randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import type { MachineReason } from "../../../core/internal.ts";
import type { AnchoredDir } from "../files/anchored-dir.ts";
import { nodeFileSystem as fs, OPEN_NEW } from "../files/file-system.ts";
import { throwIfInterrupted, waitUnlessInterrupted } from "../runtime/interruption.ts";
import { refusalOf, tolerate } from "../runtime/machine-reason.ts";
import { HeldFile } from "./held-file.ts";
import { enterIfThere } from "./lock-contender.ts";
import { type FolderLock, ownerOf, type WantedLock } from "./wanted-lock.ts";

const OWNER = "owner";

/** Nothing tells when a file is let go. */
const PAUSE_MS = 50;

/** What rmdir(2) answers while the next process is taking the lock. */
const IN_USE = ["ENOTEMPTY", "EEXIST", "ENOENT", "EBUSY", "EPERM"];

/** The file of a lock. Closing it removes it, and gives why the system refused that. */
interface HoldingFile {
  readonly fromDead: boolean;
  close(): MachineReason | undefined;
}

/** Holds the file at an address; `undefined` while another process does. Throws what the system says otherwise. */
type HoldFile = (address: string) => HoldingFile | undefined;

/** Makes the file. A process that is killed keeps the lock: nothing shows that it is dead. */
const makeMarker: HoldFile = (address) => {
  let isMade = false;
  tolerate(["EEXIST"], () => {
    fs.closeSync(fs.openSync(address, OPEN_NEW, 0o600));
    isMade = true;
  });
  const close = (): MachineReason | undefined => refusalOf(() => fs.unlinkSync(address));
  return isMade ? { fromDead: false, close } : undefined;
};

/** Takes a lock where nothing shows whether its holder lives: `occupied` while another process holds it. Throws what the system says. */
export function takeMarkedLock(folder: AnchoredDir, wanted: WantedLock): FolderLock | "occupied" {
  const lock = OpenFileLock.tryOnce(folder, wanted, makeMarker);
  return lock === "held" ? "occupied" : lock;
}

/** A held lock of this kind. */
export class OpenFileLock implements FolderLock {
  readonly id: string = randomUUID();
  readonly dir: AnchoredDir;
  readonly fromDead: boolean;
  readonly #file: HoldingFile;
  readonly #address: string;

  private constructor(dir: AnchoredDir, file: HoldingFile, address: string) {
    this.dir = dir;
    this.#file = file;
    this.fromDead = file.fromDead;
    this.#address = address;
  }

  /** As `takeLock`. */
  static async acquire(
    folder: AnchoredDir,
    wanted: WantedLock,
    signal: AbortSignal | undefined,
  ): Promise<FolderLock | "occupied"> {
    for (;;) {
      throwIfInterrupted(signal);
      const lock = OpenFileLock.tryOnce(folder, wanted, HeldFile.take);
      if (lock !== "held") return lock;
      await waitUnlessInterrupted(setTimeout(PAUSE_MS), signal);
    }
  }

  /** Takes it unless another process holds it. Throws what the system says. */
  static tryOnce(
    folder: AnchoredDir,
    wanted: WantedLock,
    hold: HoldFile,
  ): OpenFileLock | "held" | "occupied" {
    const { isLeftover = () => false, isPrivate, name, removeLeftovers } = wanted;
    const address = folder.address(name);
    tolerate(["EEXIST"], () => fs.mkdirSync(address, isPrivate ? 0o700 : 0o777));
    const dir = enterIfThere(folder, name);
    if (dir === undefined) return "held";
    if (dir === "occupied") return dir;
    let lock: OpenFileLock | undefined;
    let isTaken = false;
    try {
      const names = dir.names();
      if (names.some((other) => other !== OWNER && !isLeftover(other))) return "occupied";
      // The one before may remove the folder at this moment.
      let file: HoldingFile | undefined;
      tolerate(["ENOENT"], () => {
        file = hold(dir.address(OWNER));
      });
      if (file === undefined) return "held";
      lock = new OpenFileLock(dir, file, address);
      for (const left of dir.names()) if (left !== OWNER) removeLeftovers?.(dir, ownerOf(left));
      isTaken = true;
      return lock;
    } finally {
      if (lock === undefined) dir.close();
      else if (!isTaken) lock.release();
    }
  }

  /** Dead contenders leave nothing of their own. */
  async sweep(): Promise<readonly string[]> {
    return await Promise.resolve([]);
  }

  release(): MachineReason | undefined {
    const kept = this.#file.close();
    this.dir.close();
    return kept ?? refusalOf(() => tolerate(IN_USE, () => fs.rmdirSync(this.#address)));
  }
}
