/** Words for a bundle that is not the expected one. @module */

import { quote, type UnmetExpectation } from "../../core/internal.ts";

/** Characters of a root that are shown; `--json` has all of it. */
const SHOWN_OF_ROOT = 12;

/** What the sentence needs. */
export interface UnmetFacts {
  readonly what?: UnmetExpectation["what"];
  readonly expected?: string | null;
  readonly actual?: string;
}

/** One sentence: what was expected, and what is there. */
export function unmetMessage({ actual, expected, what }: UnmetFacts): string {
  switch (what) {
    case "chain_root":
      return `not the expected history: its chain root is ${short(actual)}, not ${short(expected)}`;
    case "id":
      return actual === undefined
        ? `the bundle is not bound to a run id, so it is not the expected run ${quote(expected ?? "")}`
        : `the run was sealed as ${quote(actual)}, not as ${quote(expected ?? "")}`;
    default:
      return `not the expected bundle: its hash is ${short(actual)}, not ${short(expected)}`;
  }
}

function short(root: string | null | undefined): string {
  return `${(root ?? "").slice(0, SHOWN_OF_ROOT)}…`;
}
