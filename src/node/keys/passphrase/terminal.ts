/**
 * Asking on the terminal: echo off, byte by byte from the kernel into secret memory.
 *
 * The terminal is put into raw mode, in which Ctrl-C is a byte and not a signal, and put back on every way
 * out: here, by Node at the end of the process, and by Node's own handlers of signals that end it. Only
 * SIGKILL leaves it without echo (`stty sane`).
 *
 * @module
 */

import { closeSync, constants, openSync, writeSync } from "node:fs";
import { isatty, ReadStream } from "node:tty";
import { Interruption } from "../../runtime/interruption.ts";
import { errnoOf, machineReason } from "../../runtime/machine-reason.ts";
import { SecretBytes } from "../secret-bytes.ts";
import { pause, readNow } from "./read-secret.ts";

const CTRL_C = 0x03;
const CTRL_D = 0x04;
const BACKSPACE = 0x08;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const CTRL_U = 0x15;
const DELETE = 0x7f;

/** Whether there is a terminal to ask on, whatever stdin and stdout are. */
export function hasTerminal(): boolean {
  const fd = openTerminal();
  if (fd === undefined) return false;
  closeSync(fd);
  return true;
}

/** The controlling terminal, in raw mode until it is disposed of. */
export class Terminal implements Disposable {
  readonly #fd: number;
  readonly #stream: ReadStream;

  private constructor(fd: number) {
    this.#fd = fd;
    this.#stream = new ReadStream(fd);
    this.#stream.setRawMode(true);
  }

  /** `undefined` where there is none: a service, a pipeline, `setsid`. */
  static open(): Terminal | undefined {
    const fd = openTerminal();
    return fd === undefined ? undefined : new Terminal(fd);
  }

  /**
   * Prints a prompt and reads a line of at most `into.length` bytes; gives its length without the end.
   * A longer line is read completely and given as `into.length + 1`. `undefined`: the terminal went away.
   * Throws an Interruption on Ctrl-C, and once the signal has fired. With `isShown`, for an answer that is not secret, what is
   * typed is shown.
   */
  async ask(
    prompt: string,
    into: Buffer,
    signal: AbortSignal | undefined,
    isShown = false,
  ): Promise<number | undefined> {
    this.#write(prompt);
    try {
      return await this.#readLine(into, signal, isShown);
    } finally {
      // The line feed that was typed was not shown.
      this.#write("\n");
    }
  }

  async #readLine(
    into: Buffer,
    signal: AbortSignal | undefined,
    isShown: boolean,
  ): Promise<number | undefined> {
    using key = new SecretBytes(1);
    let length = 0;
    for (;;) {
      const byte = key.use((buffer) => this.#readByte(buffer));
      if (byte === "gone") return undefined;
      if (byte === "nothing") {
        await pause(signal);
        continue;
      }
      if (byte === LINE_FEED || byte === CARRIAGE_RETURN || byte === CTRL_D) return length;
      if (byte === CTRL_C) throw new Interruption("interrupted on the terminal");
      if (byte === CTRL_U) length = 0;
      else if (byte === BACKSPACE || byte === DELETE) length = withoutLast(into, length);
      else {
        if (length < into.length) into[length] = byte;
        length = Math.min(length + 1, into.length + 1);
        // Only letters: a control character could move the cursor.
        if (isShown && byte > 0x20 && byte < DELETE) this.#write(String.fromCharCode(byte));
      }
    }
  }

  #readByte(buffer: Buffer): number | "nothing" | "gone" {
    try {
      const count = readNow(this.#fd, buffer, 0);
      return count === undefined ? "nothing" : count === 0 ? "gone" : (buffer[0] ?? "gone");
    } catch (thrown) {
      // EIO: hung up, or in the background of a shell that is gone.
      if (machineReason(thrown) === undefined) throw thrown;
      return "gone";
    }
  }

  #write(text: string): void {
    try {
      writeSync(this.#fd, text);
    } catch (thrown) {
      // Without a visible prompt, the answer is still read.
      if (machineReason(thrown) === undefined) throw thrown;
    }
  }

  [Symbol.dispose](): void {
    this.#stream.setRawMode(false);
    this.#stream.destroy();
  }
}

/** Not waiting: in between, signals must be heard. */
function openTerminal(): number | undefined {
  const { O_NOCTTY, O_NONBLOCK, O_RDWR } = constants;
  try {
    const fd = openSync("/dev/tty", O_RDWR | O_NOCTTY | O_NONBLOCK);
    if (isatty(fd)) return fd;
    closeSync(fd);
    return undefined;
  } catch (thrown) {
    // Having no terminal is not a failure, and is not logged.
    if (errnoOf(thrown) === undefined) throw thrown;
    return undefined;
  }
}

/** The length without the last character, which may have several bytes in UTF-8. */
function withoutLast(bytes: Buffer, length: number): number {
  let end = Math.min(length, bytes.length);
  do end--;
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80);
  return Math.max(end, 0);
}
