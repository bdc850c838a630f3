/** What an undo changes, for a program. @module */

import type { RevertPlan } from "../../../core/internal.ts";
import { compareUtf8 } from "../../../core/system/bytes/utf8.ts";
import type { PlannedStepFacts } from "../../results/details.ts";
import type { UndoResult } from "./undo-results.ts";

/** What an undo changes, counted. */
type ChangeCounts = Pick<
  UndoResult,
  "replaced" | "put_back" | "removed" | "modes" | "folders_made" | "folders_removed" | "bytes"
>;

/** Counts what a plan changes. A folder that is only made writable for a moment does not count. */
export function countChanges({ folders, gone, modes, moves, puts }: RevertPlan): ChangeCounts {
  const moved = new Set(moves.map(({ path }) => path));
  const replaced = puts.filter(({ path }) => moved.has(path)).length;
  return {
    replaced,
    put_back: puts.length - replaced,
    removed: moves.length - replaced,
    modes: modes.filter(({ from, to }) => from !== to).length,
    folders_made: folders.length,
    folders_removed: gone.length,
    bytes: puts.reduce((sum, { state }) => sum + (state.kind === "file" ? state.bytes : 0), 0),
  };
}

/** Each change of a path, in byte order of path. A folder that becomes a file, or the other way, is there twice. */
export function plannedPaths({ folders, gone, modes, moves, puts }: RevertPlan): readonly PlannedStepFacts[] {
  const moved = new Set(moves.map(({ path }) => path));
  const put = new Set(puts.map(({ path }) => path));
  const step = (
    path: string,
    action: PlannedStepFacts["action"],
    kind: PlannedStepFacts["kind"],
  ): PlannedStepFacts => ({ path, action, kind });
  const planned = [
    ...gone.map(({ path }) => step(path, "remove-folder", "folder")),
    ...moves
      .filter(({ path }) => !put.has(path))
      .map(({ expected: { kind }, path }) => step(path, "remove", kind === "special" ? "file" : kind)),
    ...modes.filter(({ from, to }) => from !== to).map(({ kind, path }) => step(path, "mode", kind)),
    ...folders.map(({ path }) => step(path, "make-folder", "folder")),
    ...puts.map(({ path, state }) => step(path, moved.has(path) ? "replace" : "put-back", state.kind)),
  ];
  return planned.sort((left, right) => compareUtf8(left.path, right.path));
}
