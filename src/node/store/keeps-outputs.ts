/**
 * Whether a project's store keeps the outputs of a bundle.
 *
 * @module
 */

import type { OutputClaims } from "../../core/internal.ts";
import { openRoot } from "../files/open-root.ts";
import { machineReason } from "../runtime/machine-reason.ts";

import { ObjectStore } from "./object-store.ts";

/** Whether the store has an object for each output. Nothing is hashed. A store that can't be used keeps nothing. */
export function keepsOutputs(root: string, claims: OutputClaims): boolean {
  const project = openRoot(root);
  if (!project.ok) return false;
  try {
    const store = ObjectStore.open(project.value);
    if (!store.ok || store.value === undefined) return false;
    try {
      for (const claim of claims) {
        if (!claim.lawful || claim.digest === undefined || store.value.kindOf(claim.digest) !== "file")
          return false;
      }
      return claims.length > 0;
    } finally {
      store.value.close();
    }
  } catch (thrown) {
    if (machineReason(thrown) === undefined) throw thrown;
    return false;
  } finally {
    project.value.close();
  }
}
