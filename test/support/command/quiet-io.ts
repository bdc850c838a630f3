/** Surroundings of a command without a terminal: no signal comes, and nothing is read. @module */

import { randomBytes } from "node:crypto";
import { openSync } from "node:fs";
import { expect } from "vitest";
import type { Io } from "../../../src/cli/output/io.ts";

/** Descriptors at which nothing is read and whatever is written is dropped. */
const NOWHERE = openSync("/dev/null", "r+");

/** Makes them. Members of `over` take the place of those that refuse to be called. */
export function quietIo(over: Partial<Io>): Io {
  return {
    writeOut: (text) => expect.unreachable(`nothing is written to stdout: ${text}`),
    writeBytes: async () => expect.unreachable("no object is written"),
    readIn: () => expect.unreachable("nothing is read from stdin"),
    writeError: (text) => expect.unreachable(`nothing is written to stderr: ${text}`),
    colour: false,
    errorColour: false,
    isOutTerminal: false,
    isUnread: () => false,
    cwd: "/",
    environment: {},
    statusLine: undefined,
    now: () => Math.floor(Date.now() / 1000),
    ticks: () => 0,
    every: () => () => undefined,
    random: (length) => randomBytes(length),
    signal: new AbortController().signal,
    tapSignals: () => () => undefined,
    commandStreams: [NOWHERE, NOWHERE, NOWHERE],
    ...over,
  };
}
