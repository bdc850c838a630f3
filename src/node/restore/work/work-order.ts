/**
 * What a thread is told to do with the outputs of a restore: plain data, of which what is long lies in memory that all
 * threads share. Descriptors belong to the process: every thread reaches the same folders by the same numbers, and closes
 * none that it was given.
 *
 * @module
 */

import { type MovedFolders, placeOf } from "../journal/places.ts";
import { stagedName } from "../journal/staged-name.ts";
import type { FileBoard } from "./file-board.ts";
import type { HeldSources } from "./run-sources.ts";
import type { OutputReader, SharedOutputs } from "./shared-outputs.ts";

/** Where the outputs stand below a folder that is held open: real paths, without links on the way. */
export type HeldFiles = { readonly fd: number } & (
  | {
      /** By their numbers among all files of the restore, of which the first output's is this. */
      readonly staged: number;
    }
  | {
      /** In their places, but for folders that really are elsewhere. */
      readonly moved: MovedFolders;
    }
);

/** The work on the outputs, by their numbers on the board. */
export type WorkOrder = {
  readonly board: FileBoard;
  readonly outputs: SharedOutputs;
} & (
  | { readonly task: "find"; readonly sources: HeldSources; readonly isChain: boolean }
  | { readonly task: "stage"; readonly files: HeldFiles; readonly sources: HeldSources }
  | { readonly task: "sync" | "look"; readonly files: HeldFiles }
);

/** The path of an output below the folder that is held open. */
export function heldPath(files: HeldFiles, outputs: OutputReader, index: number): string {
  if ("staged" in files) return stagedName(files.staged + index);
  return placeOf(outputs.target(index), files.moved);
}
