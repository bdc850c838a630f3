/** The `Io` of a real process. @module */

import { ticks } from "../../node/system/runtime/interruption.ts";
import { machineReason } from "../../node/system/runtime/machine-reason.ts";
import { machineWords } from "../text/machine-words.ts";
import { label } from "../text/paint.ts";
import { chosenColour, usesColour } from "./colour.ts";
import { Interruptions } from "./interruptions.ts";
import type { Io } from "./io.ts";
import { TerminalLine } from "./terminal-line.ts";

/** The exit code for an answer that could not be written. It replaces the answer's own. */
const CANNOT_WRITE = 4;

/** Makes the `Io`, and a function to call when the program is done. `argv` may say whether there are colours. */
export function processIo(
  own: NodeJS.Process,
  argv: readonly string[] = [],
): { readonly io: Io; readonly close: () => void } {
  const line =
    own.stderr.isTTY === true && own.env["TERM"] !== "dumb" ? new TerminalLine(own.stderr) : undefined;
  const interruptions = new Interruptions(own, () => line?.clear());
  const usesColourOn = ({ isTTY }: NodeJS.WriteStream): boolean =>
    usesColour(chosenColour(argv), own.env, isTTY === true);
  const errorColour = usesColourOn(own.stderr);
  const isUnread = listenForLostOutput(own, errorColour);
  const io: Io = {
    writeOut: (text) => {
      line?.clear();
      own.stdout.write(text);
    },
    writeBytes: async (bytes) => {
      line?.clear();
      // Called after an error too, which `listenForLostOutput` has heard of.
      await new Promise<void>((taken) => own.stdout.write(bytes, () => taken()));
    },
    writeError: (text) => {
      line?.clear();
      own.stderr.write(text);
    },
    readIn: () => piecesOf(own.stdin),
    statusLine: line,
    // Asked for when it is needed: a window may change its size.
    get columns(): number | undefined {
      return columnsOf(own.stdout);
    },
    get errorColumns(): number | undefined {
      return columnsOf(own.stderr);
    },
    isOutTerminal: own.stdout.isTTY === true,
    isUnread,
    colour: usesColourOn(own.stdout),
    errorColour,
    // Asked for when it is needed: a folder that is gone by then fails the command, not the program's start.
    get cwd(): string {
      return own.cwd();
    },
    environment: own.env,
    now: () => Math.floor(Date.now() / 1000),
    ticks,
    every: (milliseconds, act) => {
      const timer = setInterval(act, milliseconds).unref();
      return () => clearInterval(timer);
    },
    // Not from node:crypto, for which --version would wait.
    random: (length) => crypto.getRandomValues(new Uint8Array(length)),
    signal: interruptions.signal,
    tapSignals: (listener) => interruptions.tap(listener),
    commandStreams: [0, 1, 2],
  };
  return { io, close: () => interruptions.close() };
}

function columnsOf({ columns, isTTY }: NodeJS.WriteStream): number | undefined {
  return isTTY === true ? columns || undefined : undefined;
}

/** A stream's own iterator can't be ended while it waits for a piece that never comes. */
function piecesOf(stream: NodeJS.ReadStream): AsyncIterable<Uint8Array> {
  return {
    [Symbol.asyncIterator]: () => {
      const pieces: AsyncIterator<Uint8Array> = stream[Symbol.asyncIterator]();
      return {
        next: () => pieces.next(),
        return: () => {
          stream.destroy();
          return Promise.resolve({ done: true, value: undefined });
        },
      };
    },
  };
}

/** Lost output, as on a full disk, must not look like a success. Returns whether the reader has closed stdout. */
function listenForLostOutput(own: NodeJS.Process, colour: boolean): () => boolean {
  let lost = false;
  let unread = false;
  own.stdout.on("error", (error: NodeJS.ErrnoException) => {
    // The reader may stop reading, as `head` does: that is not an error.
    unread = true;
    if (error.code === "EPIPE" || lost) return;
    lost = true;
    const reason = machineWords(machineReason(error) ?? "other");
    own.stderr.write(
      `${label("error", colour)}WRITE_FAILED: could not write the answer to stdout: ${reason}\n`,
    );
    own.once("exit", () => {
      own.exitCode = CANNOT_WRITE;
    });
  });
  // An error of stderr can't be reported; the exit code says what happened.
  own.stderr.on("error", () => undefined);
  return () => unread;
}
