/**
 * The lock of systems that lock open files: a folder with a file in it that the lock holder holds open (`held-file.ts`). Windows moves
 * no folder in which something is open, so the folder is made in its place, and the file decides.
 *
 * @module
 */

import { randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import type { MachineReason } from "../../core/internal.ts";
import type { AnchoredDir } from "../files/anchored-dir.ts";
import { nodeFileSystem as fs } from "../files/file-system.ts";
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

/** A held lock of this kind. */
export class OpenFileLock implements FolderLock {
  readonly id: string = randomUUID();
  readonly dir: AnchoredDir;
  readonly fromDead: boolean;
  readonly #file: HeldFile;
  readonly #address: string;

  private constructor(dir: AnchoredDir, file: HeldFile, address: string) {
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
      const lock = OpenFileLock.#tryOnce(folder, wanted);
      if (lock !== "held") return lock;
      await waitUnlessInterrupted(setTimeout(PAUSE_MS), signal);
    }
  }

  static #tryOnce(folder: AnchoredDir, wanted: WantedLock): OpenFileLock | "held" | "occupied" {
    const { isLeftover = () => false, isPrivate, name, removeLeftovers } = wanted;
    const address = folder.address(name);
    tolerate(["EEXIST"], () => fs.mkdirSync(address, isPrivate ? 0o700 : 0o777));
    const dir = enterIfThere(folder, name);
    if (dir === undefined) return "held";
    if (dir === "occupied") return dir;
    let lock: OpenFileLock | undefined;
    try {
      const names = fs.readdirSync(dir.self);
      if (names.some((other) => other !== OWNER && !isLeftover(other))) return "occupied";
      // The one before may remove the folder at this moment.
      let file: HeldFile | undefined;
      tolerate(["ENOENT"], () => {
        file = HeldFile.take(dir.address(OWNER));
      });
      if (file === undefined) return "held";
      lock = new OpenFileLock(dir, file, address);
      for (const left of fs.readdirSync(dir.self)) if (left !== OWNER) removeLeftovers?.(dir, ownerOf(left));
      return lock;
    } finally {
      if (lock === undefined) dir.close();
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
