/**
 * A staging folder in a root whose lock its process holds: how every transaction in an existing root begins and ends.
 *
 * @module
 */

import { type RestoreFault, restoreFault } from "../../../../core/internal.ts";
import type { AnchoredDir } from "../../../system/files/anchored-dir.ts";
import type { FileSystem } from "../../../system/files/file-system.ts";
import { errnoOf, machineReason } from "../../../system/runtime/machine-reason.ts";
import { RootLock } from "./root-lock.ts";
import { STAGED, Staging, stagingName } from "./staging.ts";
import type { TransactionEnd } from "./transaction-end.ts";

/** The staging folder of one transaction, its owner, and the lock of the root. */
export class LockedStaging implements Disposable {
  readonly staging: Staging;
  readonly #lock: RootLock;
  #isCommitted = false;

  constructor(root: AnchoredDir, fs: FileSystem) {
    this.staging = new Staging(root, stagingName("staging"), fs);
    this.#lock = new RootLock(root);
  }

  /**
   * Makes the folder, takes the lock, and then probes the file system. Fails as the probe does, with RESTORE_BUSY if another process
   * is working in this root, and with RESTORE_FINALIZE_FAILED if the file system has no hard links: before files are copied that
   * could not be put in place. Throws what the system says otherwise.
   */
  async begin(probe: () => RestoreFault | undefined): Promise<RestoreFault | undefined> {
    this.staging.make();
    try {
      if ((await this.staging.announce()) !== undefined && (await this.#lock.acquire(this.staging)))
        return probe();
    } catch (thrown) {
      if (!hasNoLinks(thrown)) throw thrown;
      return restoreFault("EXECUTE", "RESTORE_FINALIZE_FAILED", { reason: "no-hard-links" });
    }
    return restoreFault("EXECUTE", "RESTORE_BUSY");
  }

  /** COMMIT. From here on, a recovery cleans up only; the end of the transaction makes the marker durable. Throws what the system says. */
  commit(): void {
    try {
      this.staging.mark(STAGED.committed);
    } catch (thrown) {
      // A call may take effect and fail all the same: then the end of the transaction decides what is certain.
      if (machineReason(thrown) === undefined || this.staging.dir.stats(STAGED.committed) === undefined)
        throw thrown;
    }
    this.#isCommitted = true;
  }

  /** Whether this process made the marker of the commit. */
  get isCommitted(): boolean {
    return this.#isCommitted;
  }

  /** Releases the lock after the end of the transaction. Without its removal, the end is not clean. */
  release(ended: TransactionEnd): TransactionEnd {
    const released = this.#lock.release();
    return released || !("clean" in ended) ? ended : { ...ended, clean: false };
  }

  /** Closes the folder and its owner: from then on, other processes take the folder for that of a dead process. */
  close(): void {
    this.staging.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/**
 * Whether a socket or a hard link to it is refused where a folder was just made: a file system without sockets,
 * such as exFAT, has no hard links either.
 */
function hasNoLinks(thrown: unknown): boolean {
  const isRefusal = ["EPERM", "ENOSYS"].includes(errnoOf(thrown) ?? "");
  return machineReason(thrown) === "no-hard-links" || isRefusal;
}
