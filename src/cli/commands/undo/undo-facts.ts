/** What an undo changes, for a program. @module */

import type { RevertPlan } from "../../../core/internal.ts";
import { compareUtf8 } from "../../../core/system/bytes/utf8.ts";

/** One change of a path. */
export interface PlannedPath {
  readonly path: string;
  readonly action: "replace" | "put-back" | "remove" | "mode" | "make-folder" | "remove-folder";
  readonly kind: "file" | "link" | "folder";
}

/** How much a plan changes. `bytes` are those of the files that are put in place. */
export interface ChangeCounts {
  readonly replaced: number;
  readonly put_back: number;
  readonly removed: number;
  readonly modes: number;
  readonly folders_made: number;
  readonly folders_removed: number;
  readonly bytes: number;
}

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
export function plannedPaths({ folders, gone, modes, moves, puts }: RevertPlan): readonly PlannedPath[] {
  const moved = new Set(moves.map(({ path }) => path));
  const put = new Set(puts.map(({ path }) => path));
  const planned: PlannedPath[] = [
    ...gone.map(({ path }) => ({ path, action: "remove-folder", kind: "folder" }) as const),
    ...moves
      .filter(({ path }) => !put.has(path))
      .map(
        ({ expected, path }) =>
          ({ path, action: "remove", kind: expected.kind === "special" ? "file" : expected.kind }) as const,
      ),
    ...modes
      .filter(({ from, to }) => from !== to)
      .map(({ kind, path }) => ({ path, action: "mode", kind }) as const),
    ...folders.map(({ path }) => ({ path, action: "make-folder", kind: "folder" }) as const),
    ...puts.map(
      ({ path, state }) =>
        ({ path, action: moved.has(path) ? "replace" : "put-back", kind: state.kind }) as const,
    ),
  ];
  return planned.sort((left, right) => compareUtf8(left.path, right.path));
}
