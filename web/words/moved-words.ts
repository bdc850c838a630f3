/** Runs whose files have moved on, in the words of the command. @module */

import { quote } from "../../src/core/internal.ts";
import type { MovedOn } from "../verify/moved-on.ts";

/** What to do. `next` is what the failure itself asks for. */
export function movedWords({ isKept, laterRun }: MovedOn, next: string): string {
  const kept = "The store keeps this run: verify it as stored.";
  if (laterRun === undefined) return isKept ? `${kept} ${next}` : next;
  const moved = `The folder has moved on since: the newest run is ${quote(laterRun)}.`;
  return `${moved} ${isKept ? kept : "The store does not keep this run, so nothing is left of its files."}`;
}
