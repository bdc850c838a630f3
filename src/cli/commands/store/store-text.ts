/** What `gc` and `fsck` say of a project's store. @module */

import { quote } from "../../../core/internal.ts";
import type { CheckedStore, Removals } from "../../../node/index.ts";
import type { Remark } from "../../output/report.ts";
import { boundedList } from "../../text/bounded-list.ts";
import { countOf } from "../../text/count-text.ts";
import { runName } from "../../text/run-name.ts";

/** How many names of strays or bundles one remark shows. */
const MAX_NAMED = 5;

/** What was removed, or would be, and what stays. */
export function collectedLines(removals: Removals, dryRun: boolean): string {
  return (
    `${dryRun ? "plan    " : "removed "} ${removalWords(removals)}\n` +
    `kept     ${countOf(removals.kept, "object")} that bundles name\n` +
    (dryRun ? "nothing was removed\n" : "")
  );
}

/** What was removed before something could not be. */
export function removedLine(removals: Removals): string {
  return `removed  ${removalWords(removals)}\n`;
}

function removalWords({ bytes, partial, removed }: Removals): string {
  const dead = partial === 0 ? "" : `, and what was being made by ${countOf(partial, "killed seal")}`;
  return `${countOf(removed, "object")}, ${countOf(bytes, "byte")}${dead}`;
}

/** What runseal did not make. */
export function strayRemarks(strays: readonly string[]): readonly Remark[] {
  if (strays.length === 0) return [];
  const message = `left alone, because runseal did not make it: ${some(strays.map(quote))}`;
  return [{ kind: "note", message }];
}

/** How much is sound. */
export function checkedLines({ bytes, sound }: CheckedStore): string {
  return `sound    ${countOf(sound, "object")}, ${countOf(bytes, "byte")}\n`;
}

/** What is to be known besides. */
export function checkedRemarks(checked: CheckedStore): readonly Remark[] {
  const { notKept, partial, strays, unreadableBundles } = checked;
  const remarks: Remark[] = [...strayRemarks(strays)];
  if (partial > 0) {
    const hints = ["if no seal is at work, a killed one left them: runseal gc removes what that one made"];
    remarks.push({ kind: "note", message: "there are unfinished objects", hints });
  }
  if (notKept.length > 0) {
    const runs = notKept.map(
      ({ missing, named, runId }) => `${runName(runId)} (${missing} of ${countOf(named, "object")})`,
    );
    const message = `not all is kept of ${some(runs)}`;
    remarks.push({
      kind: "note",
      message,
      hints: ["a run that was sealed with --no-keep has nothing kept of it"],
    });
  }
  if (unreadableBundles.length > 0) {
    const runs = unreadableBundles.map(({ code, runId }) => `${runName(runId)} (${code})`);
    const message = `what these bundles name is not certain: ${some(runs)}`;
    remarks.push({ kind: "warning", message, hints: ["runseal gc removes nothing while they are there"] });
  }
  return remarks;
}

/** One sentence for a store that is not sound. */
export function wrongObjectsMessage({ corrupted, unreadable }: CheckedStore): string {
  const bad = `${countOf(corrupted.length, "object")} of the store ${corrupted.length === 1 ? "is not what its name says" : "are not what their names say"}`;
  const closed = `${countOf(unreadable.length, "object")} of the store could not be read`;
  if (corrupted.length === 0) return closed;
  return unreadable.length === 0 ? bad : `${bad}, and ${closed}`;
}

/** The objects that it speaks of. */
export function wrongObjectLines({ corrupted, unreadable }: CheckedStore): readonly string[] {
  return boundedList([
    ...corrupted.map(({ actual, path }) =>
      actual === undefined ? `${quote(path)} is not a regular file` : `${quote(path)} holds ${actual}`,
    ),
    ...unreadable.map((path) => `${quote(path)} could not be read`),
  ]);
}

function some(names: readonly string[]): string {
  const left = names.length - MAX_NAMED;
  return names.slice(0, MAX_NAMED).join(", ") + (left > 0 ? ` and ${left} more` : "");
}
