/** Why a file could not be read. @module */

import type { ReadingCode } from "../../src/core/internal.ts";

/**
 * The code of a DOMException. Browsers say `NotReadableError` both of a file that changed since it was chosen and of one without
 * permission. Throws anything else again.
 */
export function readingCode(thrown: unknown): ReadingCode {
  if (!(thrown instanceof DOMException)) throw thrown;
  return thrown.name === "NotFoundError" ? "CHANGED_WHILE_READ" : "READ_FAILED";
}
