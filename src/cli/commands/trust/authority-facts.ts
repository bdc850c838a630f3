/** Timestamp authorities of a trust file, for programs. @module */

import { formatUtcSecond, type TrustAuthority } from "../../../core/internal.ts";
import type { AuthorityFacts } from "./trust-results.ts";

/** A `[tsa …]` line for a program. */
export function authorityFacts({
  certificate,
  line,
  name,
  validAfter,
  validBefore,
}: TrustAuthority): AuthorityFacts {
  return {
    line,
    name,
    certificate,
    ...(validAfter === undefined ? {} : { valid_after: formatUtcSecond(validAfter) }),
    ...(validBefore === undefined ? {} : { valid_before: formatUtcSecond(validBefore) }),
  };
}
