/** What a seal left out, in words. @module */

import { quote } from "../../../core/internal.ts";
import { countOf, numberOf } from "../../../core/system/bytes/count-text.ts";
import type { LeftOut } from "../../../node/make/seal/select-outputs.ts";
import { isSpecialFile } from "../../../node/make/seal/select-outputs.ts";
import type { RefusedPath } from "../../../node/system/runtime/operation-fault.ts";
import { note, type Remark } from "../../output/report.ts";
import { boundedList } from "../../text/bounded-list.ts";
import { shellWord } from "../../text/shell-word.ts";

/** One line for each link or folder that was left out, and one for all that patterns left out. */
export function leftOutLines({ ignored, leftOut }: LeftOut): string {
  const lines = boundedList(leftOut.filter((entry) => !isSpecialFile(entry)).map(describeLeftOut));
  const { entries, patterns } = ignored;
  const by = boundedList(patterns.map(quote)).join(", ");
  const amount = entries === 1 ? "1 entry" : `${numberOf(entries)} entries`;
  const counted = entries === 0 ? [] : [`left out ${amount} by ${by}`];
  return [...lines, ...counted].map((line) => `${line}\n`).join("");
}

/** Names the special files that were left out: no option asked for that. */
export function leftOutRemarks({ leftOut }: LeftOut): readonly Remark[] {
  const special = leftOut.filter(isSpecialFile);
  if (special.length === 0) return [];
  const named = boundedList(special.map(({ path, reason }) => `${quote(path)} (${reason})`)).join(", ");
  return [note(`left out ${countOf(special.length, "special file")}: ${named}`)];
}

function describeLeftOut({ path, reason }: RefusedPath): string {
  if (reason !== "version-control") return `left out ${quote(path)} (${reason})`;
  const name = path.slice(path.lastIndexOf("/") + 1);
  return `left out ${quote(path)} (version control; --ignore ${shellWord(`!${name}`)} takes it)`;
}
