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
import { Interruption } from "../../system/runtime/interruption.ts";
import { errnoOf, machineReason } from "../../system/runtime/machine-reason.ts";
import { SecretBytes } from "../secret-bytes.ts";
import { pause, readNow } from "./read-secret.ts";

const CTRL_C = 0x03;
const CTRL_D = 0x04;
const BACKSPACE = 0x08;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const CTRL_U = 0x15;
const DELETE = 0x7f;

/** Bytes that are dropped at once. */
const MOST_DROPPED = 4096;

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
   * A longer line is read completely and given as `into.length + 1`. `undefined`: the terminal went away, or did not take the prompt.
   * Throws an Interruption on Ctrl-C, and once the signal has fired.
   */
  async ask(prompt: string, into: Buffer, signal: AbortSignal | undefined): Promise<number | undefined> {
    return (await this.#writeAll(prompt, signal)) ? await this.#answer(into, signal, false) : undefined;
  }

  /**
   * As `ask`, for an answer that is not secret and that depends on what was shown: shows all of `shown`, then asks. What is typed
   * before the question is there does not count. What is typed after that is shown.
   */
  async askAbout(
    shown: string,
    question: string,
    into: Buffer,
    signal: AbortSignal | undefined,
  ): Promise<number | undefined> {
    const isAsked =
      (await this.#writeAll(shown, signal, true)) && (await this.#writeAll(question, signal, true));
    return isAsked ? await this.#answer(into, signal, true) : undefined;
  }

  async #answer(
    into: Buffer,
    signal: AbortSignal | undefined,
    isShown: boolean,
  ): Promise<number | undefined> {
    try {
      return await this.#readLine(into, signal, isShown);
    } finally {
      // The line feed that was typed was not shown.
      this.#echo("\n");
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
        if (isShown && byte > 0x20 && byte < DELETE) this.#echo(String.fromCharCode(byte));
      }
    }
  }

  #readByte(buffer: Buffer): number | "nothing" | "gone" {
    const count = this.#readSome(buffer);
    return typeof count === "string" ? count : (buffer[0] ?? "gone");
  }

  /** How many bytes were read, at least one. */
  #readSome(buffer: Buffer): number | "nothing" | "gone" {
    try {
      const count = readNow(this.#fd, buffer, 0);
      return count === undefined ? "nothing" : count === 0 ? "gone" : count;
    } catch (thrown) {
      // EIO: hung up, or in the background of a shell that is gone.
      if (machineReason(thrown) === undefined) throw thrown;
      return "gone";
    }
  }

  /**
   * Writes all of a text, waiting where the terminal takes no more. Gives whether all of it was taken. With `drops`, each
   * attempt first drops what was typed.
   */
  async #writeAll(text: string, signal: AbortSignal | undefined, drops = false): Promise<boolean> {
    const bytes = Buffer.from(text);
    let written = 0;
    while (written < bytes.length) {
      if (drops && !(await this.#dropTyped(signal))) return false;
      const count = this.#writeSome(bytes.subarray(written));
      if (count === "gone") return false;
      written += count;
      if (count === 0) await pause(signal);
    }
    return true;
  }

  /** Reads what was typed, and drops it. Gives whether the terminal is still there. Throws an Interruption on Ctrl-C. */
  async #dropTyped(signal: AbortSignal | undefined): Promise<boolean> {
    const typed = Buffer.alloc(MOST_DROPPED);
    for (;;) {
      const count = this.#readSome(typed);
      if (count === "nothing") return true;
      if (count === "gone") return false;
      if (typed.subarray(0, count).includes(CTRL_C)) throw new Interruption("interrupted on the terminal");
      // One that types without an end must not keep signals out.
      if (count === typed.length) await pause(signal);
    }
  }

  #writeSome(bytes: Buffer): number | "gone" {
    try {
      return writeSync(this.#fd, bytes);
    } catch (thrown) {
      if (errnoOf(thrown) === "EAGAIN") return 0;
      if (machineReason(thrown) === undefined) throw thrown;
      return "gone";
    }
  }

  /** For what may be lost: nothing depends on it. */
  #echo(text: string): void {
    this.#writeSome(Buffer.from(text));
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
