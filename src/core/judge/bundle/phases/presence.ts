/** Phase 1: each artifact exists (PROTOCOL 8). All of them are looked for before any is parsed. @module */

import { type Rejection, reject } from "../../../system/codes/verdict.ts";
import type { Judging } from "./judging.ts";

/** Fails with ARTIFACT_MISSING at the first of the artifacts to look at that isn't there. */
export function presence({ names, opened }: Judging): Rejection | undefined {
  const missing = names.find((name) => opened.artifacts[name].kind === "missing");
  return missing === undefined ? undefined : reject("presence", "ARTIFACT_MISSING", { artifact: missing });
}
