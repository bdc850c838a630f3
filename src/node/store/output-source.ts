/**
 * Where the bytes of outputs come from: a port, so that a restore need not know whether that is the project
 * root or something that keeps them.
 *
 * @module
 */

import type { RestoreFault, SourceKind, VerifiedOutput } from "../../core/internal.ts";
import type { OpenSource } from "../files/read-source.ts";

/** The places there are: the project root, where outputs have their own names, and the project's store. */
export type SourceName = "root" | "store";

/** A place that holds outputs. What it gives is hashed when it is used, never trusted. */
export interface OutputSource {
  /** What stands where an output should be; nothing is opened. Throws what the system says. */
  kindOf(output: VerifiedOutput): SourceKind;
  /**
   * Opens the bytes of an output; the caller closes them. Fails with RESTORE_SOURCE_MISSING or
   * RESTORE_SOURCE_NOT_REGULAR_FILE. Throws what the system says otherwise.
   */
  open(output: VerifiedOutput): OpenSource | RestoreFault;
}
