/** The cases of codes that stand for several, for `explain` and docs/codes.md. @module */

import { type AnyCode, recordOf } from "./codes.ts";

/** One case: `details.reason` says it. Empty where the reason and the code say all. */
export interface ReasonWords {
  readonly reason: string;
  readonly meaning: string;
  readonly remedy: string;
}

/** The cases of a code; none where it stands for one. */
export function reasonsOf(code: AnyCode): readonly ReasonWords[] {
  return Object.entries(recordOf(code).reasons ?? {}).map(([reason, words]) => {
    const sentence = typeof words.message === "string" ? words.message : "";
    return { reason, meaning: words.meaning ?? sentence, remedy: words.remedy ?? "" };
  });
}
