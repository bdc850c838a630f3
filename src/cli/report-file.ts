/**
 * A command's facts in a file of the caller's, for programs: where stdout is not runseal's own.
 *
 * @module
 */

import {
  accessSync,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  statSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { dirname, resolve } from "node:path";
import { machineReason } from "../node/files/machine-reason.ts";
import { replaceFile } from "../node/files/replace-file.ts";
import { type OperationFault, operationFault } from "../node/index.ts";
import { escapeUnsafe } from "./escape-unsafe.ts";
import type { ReportFacts } from "./report.ts";

/** Where facts are to go. */
export class ReportFile {
  readonly #shown: string;
  readonly #path: string;

  constructor(path: string, cwd: string) {
    this.#shown = path;
    this.#path = resolve(cwd, path);
  }

  /**
   * Sees to it that the facts can be written, and takes away those of an earlier command: whoever finds the file finds this
   * one's. Fails with WRITE_FAILED.
   */
  prepare(): OperationFault | undefined {
    return this.#attempt(() => {
      const found = statSync(this.#path, { throwIfNoEntry: false });
      if (found?.isDirectory() === true)
        return operationFault("WRITE_FAILED", { path: this.#shown, reason: "other" });
      if (found?.isFile() === false && this.#isForeignLink())
        return operationFault("WRITE_FAILED", { path: this.#shown, reason: "no-permission" });
      if (found === undefined || found.isFile())
        accessSync(dirname(this.#path), constants.W_OK | constants.X_OK);
      if (found?.isFile() === true) unlinkSync(this.#path);
      return undefined;
    });
  }

  /**
   * Writes one object on one line, whole or not at all; a pipe or a device is written to as it is, but not behind another
   * user's link. Fails with WRITE_FAILED.
   */
  write(facts: ReportFacts): OperationFault | undefined {
    const bytes = Buffer.from(`${escapeUnsafe(JSON.stringify(facts))}\n`);
    return this.#attempt(() => {
      const isStream = statSync(this.#path, { throwIfNoEntry: false })?.isFile() === false;
      if (isStream && this.#isForeignLink())
        return operationFault("WRITE_FAILED", { path: this.#shown, reason: "no-permission" });
      if (!isStream || !this.#append(bytes)) replaceFile(this.#path, bytes, 0o644);
      return undefined;
    });
  }

  /**
   * Writes to a pipe or a device. Gives false where the name leads to a regular file by now: nothing was written to that.
   * The owner of the folder may put a link there at any moment, and root follows it to any file.
   */
  #append(bytes: Buffer): boolean {
    const mayFollow = lstatSync(this.#path).isSymbolicLink() ? 0 : constants.O_NOFOLLOW;
    const fd = openSync(this.#path, constants.O_WRONLY | constants.O_NOCTTY | mayFollow);
    try {
      if (fstatSync(fd).isFile()) return false;
      for (let written = 0; written < bytes.length; ) written += writeSync(fd, bytes, written);
      return true;
    } finally {
      closeSync(fd);
    }
  }

  /** Whether the name is a link that neither this user nor root made, as of a folder's owner who leads root to a disk. */
  #isForeignLink(): boolean {
    const found = lstatSync(this.#path);
    const own = process.geteuid?.();
    return found.isSymbolicLink() && own !== undefined && found.uid !== own && found.uid !== 0;
  }

  #attempt(action: () => OperationFault | undefined): OperationFault | undefined {
    try {
      return action();
    } catch (thrown) {
      const reason = machineReason(thrown);
      if (reason === undefined) throw thrown;
      return operationFault("WRITE_FAILED", { path: this.#shown, reason });
    }
  }
}
