/** What an undo did, or would do, in words. @module */

import { quote } from "../../../core/internal.ts";
import { countOf } from "../../../core/system/bytes/count-text.ts";
import { runName } from "../../../core/system/paths/run-name.ts";
import type { RevertSuccess } from "../../../node/back/revert/revert-request.ts";
import type { Remark } from "../../output/report.ts";
import { boundedList } from "../../text/bounded-list.ts";
import { countChanges, type PlannedPath, plannedPaths } from "./undo-facts.ts";

const WORDS: Readonly<Record<PlannedPath["action"], string>> = {
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

function pathLine({ action, kind, path }: PlannedPath): string {
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
  const remarks: Remark[] = [];
  // Without /proc, which also holds the descriptors.
  if (protection !== "descriptors" && sealed !== undefined) {
    const message =
      "this system does not show which processes have files open; what one writes to a file that was replaced is lost";
    remarks.push({ kind: "note", message });
  }
  if (isOtherFolder) {
    const message = "another folder is at this path than the one that was guarded before";
    remarks.push({ kind: "note", message });
  }
  if (sealed !== undefined && sealed.after === undefined) {
    const message = "the folder was taken back, and the new state could not be sealed";
    remarks.push({ kind: "warning", message, hints: ["the next undo or redo seals it"] });
  }
  return remarks;
}
