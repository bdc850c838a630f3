/** What to do about a run whose files are not in the folder. @module */

import { storedWords } from "../../src/core/internal.ts";
import type { Moved } from "../verify/moved-on.ts";
import { sentenceOf } from "./sentence.ts";

/** What to do. `next` is what the failure itself asks for. */
export function movedWords({ explained, isKept }: Moved, isExplained: boolean, next: string): string {
  if (explained !== undefined && isExplained) return sentenceOf(storedWords(explained.isStored));
  return isKept ? `The store has an object for each file: verify it as stored. ${next}` : next;
}
