/**
 * How long the runs of a guard are kept. What its user wants kept is in the file `keep`:
 *
 *     {"keep_last":20,"keep_within":604800,"version":1}
 *
 * @module
 */

import { count, ok, orNull, type Result, recordFile } from "../../../core/internal.ts";
import type { AnchoredDir } from "../../system/files/anchored-dir.ts";
import { removeReplacements } from "../../system/files/durable-file.ts";
import { readRecord, writeRecord } from "../../system/files/record-file.ts";
import { reasonOf } from "../../system/runtime/machine-reason.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";

/** Leap seconds do not count. */
export const SECONDS_OF_DAY = 86_400;

/** How many seconds runs are kept unless the caller says otherwise: 30 days. */
export const KEPT_SECONDS: number = 30 * SECONDS_OF_DAY;

/** What to keep. A run is kept if one of the two rules keeps it; both are the usual ones if the caller names none. */
export interface KeepRules {
  /** How many of the newest runs to keep; the newest one stays in any case. */
  readonly keepLast?: number | undefined;
  /** For how many seconds to keep runs. */
  readonly keepWithin?: number | undefined;
  /** Seconds since 1970. */
  readonly now: number;
}

/** What the user of a guard wants kept. */
export type SetRules = Pick<KeepRules, "keepLast" | "keepWithin">;

/** The name of the file in a guard's folder. */
export const KEEP_NAME = "keep";

const KEEP = recordFile<SetRules>(1, { keepLast: orNull(count()), keepWithin: orNull(count()) });

/** Two numbers. */
const MAX_BYTES = 128;

/**
 * What the user of a guard wants kept, by the guard's folder and the path that it is shown by; nothing where the usual rules are to hold.
 * Fails with INPUT_MALFORMED and READ_FAILED: what a damaged file, or that of a later runseal, wants kept must not be forgotten.
 */
export function readKeepRules(guard: AnchoredDir, shown: string): Result<SetRules, OperationFault> {
  const path = `${shown}/${KEEP_NAME}`;
  try {
    const rules = readRecord(guard, KEEP_NAME, MAX_BYTES, KEEP);
    if (rules === "malformed") return operationFault("INPUT_MALFORMED", { reason: "keep", path });
    return ok(rules === "missing" ? {} : rules);
  } catch (thrown) {
    return operationFault("READ_FAILED", { path, reason: reasonOf(thrown) });
  }
}

/** Sets what is kept from now on, durably. Throws what the system says. */
export function writeKeepRules(guard: AnchoredDir, rules: SetRules): void {
  removeReplacements(guard, KEEP_NAME);
  // [keep-rules]
  writeRecord(guard, KEEP_NAME, KEEP.encode(rules), 0o600);
}
