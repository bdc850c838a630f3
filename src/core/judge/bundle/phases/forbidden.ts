/** Phase 8: nothing in the run directory that must not be there (PROTOCOL 8 and 2). @module */

import { type Rejection, reject } from "../../../system/codes/verdict.ts";
import { FORBIDDEN_NAMES } from "../../../system/paths/artifact-name.ts";
import type { Judging } from "./judging.ts";

/** Fails with FORBIDDEN_ARTIFACT at the first forbidden name. The two folders are named with a slash. */
export function forbidden({ opened }: Judging): Rejection | undefined {
  const found = FORBIDDEN_NAMES.find((name) => opened.forbidden.includes(name));
  if (found === undefined) return undefined;
  const artifact = found === "transcript.json" ? found : `${found}/`;
  return reject("forbidden", "FORBIDDEN_ARTIFACT", { artifact });
}
