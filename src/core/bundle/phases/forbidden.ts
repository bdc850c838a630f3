/** Phase 8: nothing in the run directory that must not be there (PROTOCOL 8 and 2). @module */

import type { OpenedBundle } from "../../artifacts/opened-bundle.ts";
import { type Rejection, reject } from "../../codes/verdict.ts";
import { FORBIDDEN_NAMES } from "../../paths/artifact-name.ts";

/** Fails with FORBIDDEN_ARTIFACT at the first forbidden name. The two folders are named with a slash. */
export function checkForbidden(opened: OpenedBundle): Rejection | undefined {
  const found = FORBIDDEN_NAMES.find((name) => opened.forbidden.includes(name));
  if (found === undefined) return undefined;
  const artifact = found === "transcript.json" ? found : `${found}/`;
  return reject("forbidden", "FORBIDDEN_ARTIFACT", { artifact });
}
