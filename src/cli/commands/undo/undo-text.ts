/** What an undo did, or would do, in words. @module */

import { quote } from "../../../core/internal.ts";
import { countOf } from "../../../core/system/bytes/count-text.ts";
import { runName } from "../../../core/system/paths/run-name.ts";
import type { RevertSuccess } from "../../../node/back/revert/revert-request.ts";
import { note, type Remark, warning } from "../../output/report.ts";
import type { PlannedStepFacts } from "../../results/details.ts";
import { boundedList } from "../../text/bounded-list.ts";
import { OTHER_FOLDER } from "../seal/guarded-text.ts";
import { countChanges, plannedPaths } from "./undo-facts.ts";

const WORDS: Readonly<Record<PlannedStepFacts["action"], string>> = {
  replace: "replace ",
  "put-back": "put back",
  remove: "remove  ",
  mode: "mode    ",
  "make-folder": "put back",
  "remove-folder": "remove  ",
};

/** What was undone. `folder` is as the caller named it. */
export function undoneLines(reverted: RevertSuccess, folder: string, dryRun: boolean): string {
  const { already, foldersLeft, plan, redone, runId, sealed, skipped } = reverted;
  const done = redone === undefined ? "undone  " : "redone  ";
  const head = dryRun ? "plan    " : sealed === undefined ? "nothing " : done;
  const lines = [
    ...(dryRun ? plannedPaths(plan).map(pathLine) : []),
    `${head} ${runName(redone ?? runId)}: ${amountOf(reverted)}`,
    ...boundedList(skipped.map((path) => `skipped  ${quote(path)}`)),
    ...boundedList(foldersLeft.map((path) => `left     ${quote(`${path}/`)}: it holds something else`)),
    ...(already === 0 ? [] : [`already  ${countOf(already, "path")} as before`]),
    ...(sealed === undefined
      ? []
      : [`before   ${runName(sealed.beforeId)}`, `now      ${runName(sealed.revertId)}`]),
    `in       ${quote(folder)}${dryRun ? " (nothing was changed)" : ""}`,
  ];
  return lines.map((line) => `${line}\n`).join("");
}

function pathLine({ action, kind, path }: PlannedStepFacts): string {
  return `${WORDS[action]} ${quote(kind === "folder" ? `${path}/` : path)}`;
}

function amountOf({ plan }: RevertSuccess): string {
  const { folders_made, folders_removed, modes, put_back, removed, replaced } = countChanges(plan);
  const parts = [
    [replaced, "replaced"],
    [put_back, "put back"],
    [removed, "removed"],
  ] as const;
  const files = parts.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`);
  const others = [
    modes > 0 ? countOf(modes, "mode") : "",
    folders_made > 0 ? `${countOf(folders_made, "folder")} made` : "",
    folders_removed > 0 ? `${countOf(folders_removed, "folder")} removed` : "",
  ].filter((text) => text !== "");
  const all = [...files, ...others];
  return all.length === 0 ? "nothing to do" : all.join(", ");
}

/** What else there is to say of an undo that was done. */
export function undoRemarks({ isOtherFolder, protection, sealed }: RevertSuccess): readonly Remark[] {
  // Without /proc, which also holds the descriptors.
  const isBlind = protection !== "descriptors" && sealed !== undefined;
  const isUnsealed = sealed !== undefined && sealed.after === undefined;
  return [
    ...(isBlind ? [UNKNOWN_WRITERS] : []),
    ...(isOtherFolder ? [OTHER_FOLDER] : []),
    ...(isUnsealed ? [UNSEALED] : []),
  ];
}

const UNKNOWN_WRITERS = note(
  "this system does not show which processes have files open; what one writes to a file that was replaced is lost",
);

const UNSEALED = warning(
  "the folder was taken back, and the new state could not be sealed",
  "the next undo or redo seals it",
);
