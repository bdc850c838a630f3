/** Completes a command line for the scripts of `runseal completion`. @module */

import { publishCause } from "../node/runtime/cause-channel.ts";
import { complete, completionLines } from "./commands/completion/complete.ts";
import type { Io } from "./output/io.ts";
import { makeProgram } from "./program.ts";

/**
 * Prints what can stand in place of the last word, in the form of `completionLines`. Prints nothing if something fails: a person who
 * presses Tab has asked no question that an error would answer.
 */
export async function completeWords(words: readonly string[], io: Io): Promise<void> {
  // The name that is still being typed may become that of any command.
  const flags = words.length > 1 ? words : [];
  try {
    const program = makeProgram(io, () => undefined, { flags, behindTerminator: [] });
    io.writeOut(completionLines(await complete(program, words, io)));
  } catch (thrown) {
    publishCause(thrown);
  }
}
