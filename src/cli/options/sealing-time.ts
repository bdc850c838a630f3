/** When something is sealed. @module */

import type { Io } from "../output/io.ts";
import { UsageError } from "./usage-error.ts";

/**
 * The moment of sealing, in seconds since 1970: SOURCE_DATE_EPOCH where it is set, so that equal inputs give equal
 * bytes. Throws a usage error where that is no such number.
 */
export function sealingTime(io: Io): number {
  const epoch = io.environment["SOURCE_DATE_EPOCH"];
  if (epoch === undefined || epoch === "") return io.now();
  const seconds = Number(epoch);
  if (!/^[0-9]+$/.test(epoch) || seconds > 253402300799) {
    throw new UsageError("SOURCE_DATE_EPOCH is set, but is not a number of seconds since 1970");
  }
  return seconds;
}
