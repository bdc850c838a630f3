/**
 * Where a restore puts its files, and how all of them come to stand there at once: into a root that is there,
 * or as a root that is not there yet (PROTOCOL 13.9).
 *
 * @module
 */

import type { RestoreFault } from "../../core/index.ts";
import type { Settled } from "./settle.ts";

/** The calls in their order. All but `settle` and `close` throw what the system says. */
export interface Destination {
  /** Makes a staging folder, and a sign of life in it. */
  begin(): Promise<RestoreFault | undefined>;
  /** Opens a new file for one entry: nobody sees it yet. */
  create(index: number): number;
  /** Makes durable what was staged, and what recovery needs before the first file appears. */
  prepare(): Promise<RestoreFault | undefined>;
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
