/** A failure as one text, for tables and comparisons. @module */

import { isCode, reasonsOf } from "../../../src/cli/codes/all-codes.ts";

/** A failure as a function returns it, or as `--json` prints it. */
interface Failure {
  readonly code?: unknown;
  readonly details?: unknown;
}

/** The code of a failure, and behind a blank its reason where the code stands for several cases. */
export function caseOf({ code, details }: Failure): string {
  const isObject = typeof details === "object" && details !== null;
  const reason = isObject && "reason" in details ? details.reason : undefined;
  const name = String(code);
  const isCase =
    name === "REGISTRY_MALFORMED" ||
    (isCode(name) && reasonsOf(name).some((known) => known.reason === reason));
  return isCase ? `${name} ${String(reason)}` : name;
}
