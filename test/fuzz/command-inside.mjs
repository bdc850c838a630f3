/** Calls the command in this process, without a terminal: thousands of calls take a process' start each otherwise. @module */

import { randomBytes } from "node:crypto";
import { openSync } from "node:fs";
import { Readable } from "node:stream";
import { run } from "../../dist/cli-modules/run-command-line.js";

const NOWHERE = openSync("/dev/null", "r+");

/** Gives the exit code and what was printed. */
export async function call(args, { cwd, env, input }) {
  const printed = [];
  const write = (text) => void printed.push(text);
  process.chdir(cwd);
  const exitCode = await run(args, {
    writeOut: write,
    writeError: write,
    writeBytes: async () => undefined,
    readIn: () => Readable.from(input === undefined ? [] : [input]),
    colour: false,
    errorColour: false,
    isOutTerminal: false,
    isUnread: () => false,
    cwd,
    environment: env,
    statusLine: undefined,
    now: () => Math.floor(Date.now() / 1000),
    ticks: () => performance.now(),
    every: () => () => undefined,
    random: (length) => randomBytes(length),
    signal: new AbortController().signal,
    tapSignals: () => () => undefined,
    commandStreams: [NOWHERE, NOWHERE, NOWHERE],
  });
  return { exitCode, text: printed.join("") };
}
