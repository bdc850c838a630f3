/** Writes a command's facts to a file, for programs: `run` gives its stdout to the command it runs. @module */

import {
  accessSync,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  type Stats,
  statSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { dirname, resolve } from "node:path";
import { replaceFile } from "../../node/system/files/placed-file.ts";
import { reasonOf } from "../../node/system/runtime/machine-reason.ts";
import { type OperationFault, operationFault } from "../../node/system/runtime/operation-fault.ts";
import { jsonLine, type Report } from "./report.ts";

/** Where facts are to go. */
export class ReportFile {
  readonly #shown: string;
  readonly #path: string;

  constructor(path: string, cwd: string) {
    this.#shown = path;
    this.#path = resolve(cwd, path);
  }

  /**
   * Checks that the facts can be written, and removes those of an earlier command: a file that is there later is this
   * command's. Fails with WRITE_FAILED.
   */
  prepare(): OperationFault | undefined {
    return this.#attempt(() => {
      const found = statSync(this.#path, { throwIfNoEntry: false });
      if (found?.isDirectory() === true)
        return operationFault("WRITE_FAILED", { path: this.#shown, reason: "other" });
      if (found?.isFile() === false && isForeignLink(lstatSync(this.#path))) return this.#refused();
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
  write(report: Report): OperationFault | undefined {
    const bytes = Buffer.from(jsonLine(report));
    return this.#attempt(() => {
      const isStream = statSync(this.#path, { throwIfNoEntry: false })?.isFile() === false;
      const appended = isStream && this.#append(bytes);
      if (typeof appended === "object") return appended;
      if (!appended) replaceFile(this.#path, bytes, 0o644);
      return undefined;
    });
  }

  /**
   * Writes to a pipe or a character device. Gives `false` if the name leads to a regular file by now: nothing was written
   * to that. The owner of the folder may put a link there at any moment, which root would follow to any file: one look at
   * the name decides both whether a link is this user's and whether it is followed.
   */
  #append(bytes: Buffer): boolean | OperationFault {
    const found = lstatSync(this.#path);
    if (isForeignLink(found)) return this.#refused();
    const mayFollow = found.isSymbolicLink() ? 0 : constants.O_NOFOLLOW;
    const fd = openSync(this.#path, constants.O_WRONLY | constants.O_NOCTTY | mayFollow);
    try {
      const opened = fstatSync(fd);
      if (opened.isFile()) return false;
      // Never a disk.
      if (!opened.isFIFO() && !opened.isCharacterDevice() && !opened.isSocket()) return this.#refused();
      for (let written = 0; written < bytes.length; ) written += writeSync(fd, bytes, written);
      return true;
    } finally {
      closeSync(fd);
    }
  }

  #refused(): OperationFault {
    return operationFault("WRITE_FAILED", { path: this.#shown, reason: "no-permission" });
  }

  #attempt(action: () => OperationFault | undefined): OperationFault | undefined {
    try {
      return action();
    } catch (thrown) {
      return operationFault("WRITE_FAILED", { path: this.#shown, reason: reasonOf(thrown) });
    }
  }
}

/** Whether a name is a link that neither this user nor root made, as of a folder's owner who leads root to a device. */
function isForeignLink(found: Stats): boolean {
  const own = process.geteuid?.();
  return found.isSymbolicLink() && own !== undefined && found.uid !== own && found.uid !== 0;
}
