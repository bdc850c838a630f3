/** The option `--ignore`. @module */

import { IgnorePatterns, quote } from "../../core/internal.ts";
import { UsageError } from "./usage-error.ts";

/** Throws a usage error for patterns beyond the bounds. */
export function checkIgnored(patterns: readonly string[]): void {
  const parsed = IgnorePatterns.parse(patterns);
  if (parsed.ok) return;
  if (parsed.code === "TOO_MANY_PATTERNS") throw new UsageError("--ignore takes at most 1,000 patterns");
  const pattern = patterns[parsed.line - 1] ?? "";
  throw new UsageError(`--ignore ${quote(pattern.slice(0, 40))}… has more than 1,024 bytes`);
}
