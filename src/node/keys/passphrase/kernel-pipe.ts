/**
 * A pipe between this process and a child, read with read(2) into memory of our choice. Node's own pipes
 * read into buffers that are never zeroed, and Node has no pipe(2). So: a FIFO in a folder of its
 * own, opened at both ends and unlinked before anything is written. What stays behind is the kernel's own
 * copy, until it is read.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, rmdirSync, unlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unlessRefused } from "../../system/runtime/machine-reason.ts";

const { O_NONBLOCK, O_RDONLY, O_WRONLY } = constants;

/** Both ends of a pipe that has no name any more. */
export class KernelPipe implements Disposable {
  /** Does not wait: EAGAIN where nothing is there yet. */
  readonly reader: number;
  /** Waits where the pipe is full. */
  readonly writer: number;
  readonly #open: Set<number>;

  constructor(reader: number, writer: number) {
    this.reader = reader;
    this.writer = writer;
    this.#open = new Set([reader, writer]);
  }

  /** Closes an end once it has been handed to a child. */
  close(end: number): void {
    if (this.#open.delete(end)) closeSync(end);
  }

  [Symbol.dispose](): void {
    this.close(this.writer);
    this.close(this.reader);
  }
}

/** Makes a pipe; `undefined` where the system has no mkfifo(1), or no room for one. */
export function openKernelPipe(): KernelPipe | undefined {
  return unlessRefused(makePipe);
}

function makePipe(): KernelPipe | undefined {
  const folder = mkdtempSync(join(tmpdir(), "runseal-"));
  const fifo = join(folder, "pipe");
  try {
    if (spawnSync("mkfifo", ["-m", "600", fifo], { stdio: "ignore" }).status !== 0) return undefined;
    try {
      // In this order neither open waits for the other end.
      const reader = openSync(fifo, O_RDONLY | O_NONBLOCK);
      return new KernelPipe(reader, openSync(fifo, O_WRONLY));
    } finally {
      unlinkSync(fifo);
    }
  } finally {
    rmdirSync(folder);
  }
}
