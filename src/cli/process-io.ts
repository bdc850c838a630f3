/**
 * The surroundings that a real process gives.
 *
 * @module
 */

import { randomBytes } from "node:crypto";
import type { Io } from "./io.ts";

/** 128 and the number of the signal, as shells have it. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;

/** Makes the surroundings, and what to call when the program is done. */
export function processIo(own: NodeJS.Process): { readonly io: Io; readonly close: () => void } {
  const interrupt = new AbortController();
  // The first signal asks for an orderly end; a second one, with nobody listening, ends it at once.
  const onInt = (): void => interrupt.abort(EXIT_CODES.SIGINT);
  const onTerm = (): void => interrupt.abort(EXIT_CODES.SIGTERM);
  own.once("SIGINT", onInt);
  own.once("SIGTERM", onTerm);
  // Whoever reads us may stop reading, as `head` does: no reason to complain.
  own.stdout.on("error", ignoreBrokenPipe);
  own.stderr.on("error", ignoreBrokenPipe);
  const io: Io = {
    writeOut: (text) => void own.stdout.write(text),
    writeError: (text) => void own.stderr.write(text),
    colour: own.stdout.isTTY === true && !own.env["NO_COLOR"] && own.env["TERM"] !== "dumb",
    cwd: own.cwd(),
    environment: own.env,
    now: () => Math.floor(Date.now() / 1000),
    random: (length) => randomBytes(length),
    signal: interrupt.signal,
  };
  const close = (): void => {
    own.removeListener("SIGINT", onInt);
    own.removeListener("SIGTERM", onTerm);
  };
  return { io, close };
}

function ignoreBrokenPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
}
