/** Timestamp authorities of a trust file, for programs. @module */

import { formatUtcSecond, type TrustAuthority } from "../../../core/internal.ts";

/** A `[tsa …]` line for a program. */
export function authorityFacts({ certificate, line, name, validAfter, validBefore }: TrustAuthority): object {
  return {
    line,
    name,
    certificate,
    ...(validAfter === undefined ? {} : { valid_after: formatUtcSecond(validAfter) }),
    ...(validBefore === undefined ? {} : { valid_before: formatUtcSecond(validBefore) }),
  };
}
