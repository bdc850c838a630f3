/**
 * What a thread is told to do with the files of a restore. Descriptors belong to the process: every thread reaches
 * the same folders by the same numbers, and closes none that it was given.
 *
 * @module
 */

import type { Listing } from "../../core/index.ts";
import type { RunOutput } from "./entries.ts";
import type { FileBoard } from "./file-board.ts";
import type { PlacedOutput } from "./look-at.ts";
import type { HeldSources } from "./run-sources.ts";

/** Files below a folder that is held open; their real paths, without links on the way. */
export interface HeldFiles {
  readonly fd: number;
  readonly paths: Listing<string>;
}

/** The work on files, by their numbers on the board, and how it is told of each what there is to know. */
export type Order<Paths, Outputs, Placed> = {
  readonly board: FileBoard;
  readonly files: { readonly fd: number; readonly paths: Paths };
} & (
  | { readonly task: "stage"; readonly outputs: Outputs; readonly sources: HeldSources }
  | { readonly task: "sync" }
  | { readonly task: "look"; readonly outputs: Placed }
);

/** As it is given, and worked off. */
export type WorkOrder = Order<Listing<string>, Listing<RunOutput>, Listing<PlacedOutput>>;
