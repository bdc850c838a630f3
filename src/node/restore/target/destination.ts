/**
 * Where a restore puts its files, and how all of them come to stand there at once: into a root that is there,
 * or as a root that is not there yet (PROTOCOL 13.9).
 *
 * @module
 */

import type { RestoreFault } from "../../../core/internal.ts";
import type { Settled } from "../journal/settle.ts";
import type { FileBoard } from "../work/file-board.ts";
import type { HeldFiles } from "../work/work-order.ts";

/** The calls in their order. All but `settle` and `close` throw what the system says. */
export interface Destination {
  /** Makes a staging folder, and a sign of life in it. */
  begin(): Promise<RestoreFault | undefined>;
  /** Makes a new file for one entry, by a call that is given its address: nobody sees it yet. */
  create<Value>(index: number, make: (address: string) => Value): Value;
  /**
   * Readies what is needed for several threads to make the new files of all outputs, by a board that says which they
   * have begun: instead of `create`.
   */
  share(board: FileBoard): void;
  /** The outputs where they are staged. */
  staged(): HeldFiles;
  /** The same where they stand in the end. */
  placed(): HeldFiles;
  /** The address of a staged file. */
  address(index: number): string;
  /** Makes durable what recovery needs before the first file appears, after the staged files are. */
  prepare(): RestoreFault | undefined;
  /** Makes the folders that entries need and that are not there. */
  makeFolders(): RestoreFault | undefined;
  /** Puts one entry in place. Cannot replace anything. */
  put(index: number): void;
  /** Opens an entry where it stands now, walking afresh from the root. */
  open(index: number): number;
  /** Makes all of it durable, and then so. */
  arrive(): RestoreFault | undefined;
  /** Ends it: cleans up where it arrived, undoes it where it did not. */
  settle(): Settled;
  close(): void;
}
