/**
 * VERIFY: each output is hashed again where it stands now, not where it was staged (PROTOCOL 13.6).
 *
 * @module
 */

import type { RestoreFault } from "../../core/index.ts";
import { makeReadBuffer } from "../files/hash-file.ts";
import { breathe, driveSteps } from "../interruption.ts";
import type { Execution } from "./execute.ts";
import { makeFileBoard } from "./file-board.ts";
import { lookAt } from "./look-at.ts";
import { shareWork } from "./share-work.ts";

/** Looks at each output. Gives the first fault in their order. Throws what the system says. */
export async function lookAgain(execution: Execution): Promise<RestoreFault | undefined> {
  const { crew, destination, entries, fs, signal } = execution;
  const { artifacts, passing } = entries;
  const outputs = entries.all
    .slice(passing, artifacts)
    .flatMap(({ origin, path }) => (origin instanceof Uint8Array ? [] : [{ path, digest: origin.digest }]));
  if (crew !== undefined) {
    const { fd, paths } = destination.placed();
    const files = { fd, paths: paths.slice(passing, artifacts) };
    return shareWork({ task: "look", board: makeFileBoard(outputs.length), files, outputs }, crew, signal);
  }
  const buffer = makeReadBuffer();
  for (const [index, output] of outputs.entries()) {
    const open = (): number => destination.open(passing + index);
    const fault = await driveSteps(lookAt(output, open, buffer, fs), signal);
    if (fault !== undefined) return fault;
    await breathe(index, signal);
  }
  return undefined;
}
