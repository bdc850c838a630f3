/**
 * Where a restore puts its files so that all of them appear together: in an existing root, or as a new root
 * (PROTOCOL 13.9).
 *
 * @module
 */

import type { RestoreFault } from "../../../../core/internal.ts";
import type { AnchoredDir } from "../../../system/files/anchored-dir.ts";
import type { TransactionEnd } from "../../transaction/journal/transaction-end.ts";
import type { MakeEntry } from "../../transaction/output-file.ts";
import type { FileQueue } from "../work/file-queue.ts";
import type { HeldFiles } from "../work/output-task.ts";

/** Something in its place, found by walking from the root again, without following any link. */
export interface Standing {
  /** The folder that holds it. Use it before the next call. */
  readonly dir: AnchoredDir;
  readonly name: string;
}

/** The calls in their order. All but `end` throw what the system says. */
export interface Destination extends Disposable {
  /** Whether files are created under their own names, in a folder that was empty. */
  readonly createsByName: boolean;
  /** Makes a staging folder, with an owner socket in it. */
  begin(): Promise<RestoreFault | undefined>;
  /** Makes what has to be there before the first link is staged. */
  makeReadyForLinks(): RestoreFault | undefined;
  /** Calls `make` with the folder and the name of a new file for one entry. No other user can see the file yet. */
  create<Value>(index: number, make: MakeEntry<Value>): Value;
  /** Prepares for threads that make the new files of all outputs instead of `create`. The queue marks those that are begun. */
  share(queue: FileQueue): void;
  /** The staged outputs. */
  staged(): HeldFiles;
  /** The outputs in their places. */
  placed(): HeldFiles;
  /** The address of a staged file. */
  address(index: number): string;
  /** Makes durable what a recovery needs, after the staged files are durable and before the first file appears. */
  prepare(): RestoreFault | undefined;
  /** Makes the missing folders of entries. */
  makeFolders(): RestoreFault | undefined;
  /** Puts one entry in place. Cannot replace anything. */
  put(index: number): void;
  /** Opens an entry in its place, walking from the root again. */
  open(index: number): number;
  /** Finds a path of a bundle with a tree. */
  stand(path: string): Standing;
  /** Makes everything durable, then commits. */
  commit(): RestoreFault | undefined;
  /** Cleans up after a commit, else rolls back. */
  end(): TransactionEnd;
}
