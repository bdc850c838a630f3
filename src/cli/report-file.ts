/**
 * A command's facts in a file of the caller's, for programs: where stdout is not runseal's own.
 *
 * @module
 */

import { accessSync, closeSync, constants, openSync, statSync, unlinkSync, writeSync } from "node:fs";
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
      if (found === undefined || found.isFile())
        accessSync(dirname(this.#path), constants.W_OK | constants.X_OK);
      if (found?.isFile() === true) unlinkSync(this.#path);
      return undefined;
    });
  }

  /** Writes one object on one line, whole or not at all; a pipe or a device is written to as it is. Fails with WRITE_FAILED. */
  write(facts: ReportFacts): OperationFault | undefined {
    const bytes = Buffer.from(`${escapeUnsafe(JSON.stringify(facts))}\n`);
    return this.#attempt(() => {
      if (statSync(this.#path, { throwIfNoEntry: false })?.isFile() === false) this.#append(bytes);
      else replaceFile(this.#path, bytes, 0o644);
      return undefined;
    });
  }

  #append(bytes: Buffer): void {
    const fd = openSync(this.#path, constants.O_WRONLY | constants.O_NOCTTY);
    try {
      for (let written = 0; written < bytes.length; ) written += writeSync(fd, bytes, written);
    } finally {
      closeSync(fd);
    }
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
