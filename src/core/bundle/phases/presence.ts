/** Phase 1: each artifact exists (PROTOCOL 8). All of them are looked for before any is parsed. @module */

import type { OpenedBundle } from "../../artifacts/opened-bundle.ts";
import { type Rejection, rejectArtifact } from "../../codes/verdict.ts";
import type { ArtifactName } from "../../paths/artifact-name.ts";

/** Fails with ARTIFACT_MISSING at the first of the named artifacts that isn't there. */
export function checkPresence(opened: OpenedBundle, names: readonly ArtifactName[]): Rejection | undefined {
  const missing = names.find((name) => opened.artifacts[name].kind === "missing");
  return missing === undefined ? undefined : rejectArtifact("presence", "ARTIFACT_MISSING", missing);
}
