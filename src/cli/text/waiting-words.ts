/** Words for the runs that wait for a signer. @module */

import { countOf } from "../../core/system/bytes/count-text.ts";
import { runName } from "../../core/system/paths/run-name.ts";
import { shellWord } from "./shell-word.ts";

/**
 * What to do where a signed run is looked for: `waiting` are the ids of unsigned bundles, `wanted` the id that was asked for, if one
 * was. `undefined` if none of them is meant.
 */
export function waitingHints(waiting: readonly string[], wanted?: string): readonly string[] | undefined {
  const [first] = wanted === undefined ? waiting : waiting.filter((runId) => runId === wanted);
  if (first === undefined) return undefined;
  const more = wanted === undefined ? waiting.length - 1 : 0;
  const subject =
    more === 0 ? `${runName(first)} waits` : `${runName(first)} and ${countOf(more, "other run")} wait`;
  return [
    `${subject} for a signer: runseal sign ${shellWord(first)} signs ${more === 0 ? "it" : "the first"}`,
  ];
}
