/** What a seal left out, in words. @module */

import { quote } from "../../../core/internal.ts";
import type { LeftOut, RefusedPath } from "../../../node/index.ts";
import { boundedList } from "../../text/bounded-list.ts";
import { numberOf } from "../../text/count-text.ts";
import { shellWord } from "../../text/shell-word.ts";

/** One line for each thing with a reason of its own, and one for all that patterns left out. */
export function leftOutLines({ ignored, leftOut }: LeftOut): string {
  const lines = boundedList(leftOut.map(describeLeftOut));
  const { entries, patterns } = ignored;
  const by = boundedList(patterns.map(quote)).join(", ");
  const amount = entries === 1 ? "1 entry" : `${numberOf(entries)} entries`;
  const counted = entries === 0 ? [] : [`left out ${amount} by ${by}`];
  return [...lines, ...counted].map((line) => `${line}\n`).join("");
}

function describeLeftOut({ path, reason }: RefusedPath): string {
  if (reason !== "version-control") return `left out ${quote(path)} (${reason})`;
  const name = path.slice(path.lastIndexOf("/") + 1);
  return `left out ${quote(path)} (version control; --ignore ${shellWord(`!${name}`)} takes it)`;
}
