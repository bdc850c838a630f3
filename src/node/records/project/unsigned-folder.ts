/**
 * The unsigned bundles of a project: `.runseal/unsigned/RUN_ID`, each until it is signed (PROTOCOL 11.1). An id is free only if neither
 * a bundle nor an unsigned one has it, so an unsigned bundle whose id is in the history has been signed.
 *
 * @module
 */

import { DEFAULT_LIMITS } from "../../../core/internal.ts";
import type { AnchoredDir } from "../../system/files/anchored-dir.ts";
import { nodeFileSystem as fs } from "../../system/files/file-system.ts";
import { type FileIdentity, isSame } from "../../system/files/made-entry.ts";
import { makePartialName } from "../../system/files/partial-name.ts";
import { joinWithSlashes } from "../../system/files/path-components.ts";
import { readObject } from "../../system/files/record-file.ts";
import { attempt, refusalOf } from "../../system/runtime/machine-reason.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";
import { ownFolderOf, PARTIAL_NAME, PULLED_NAME, RUNS_NAME, UNSIGNED_NAME } from "./project-names.ts";

/** Whether a run of that id is sealed, did well, and is not signed yet. Throws what the system says. */
export function waitsForSigner(own: AnchoredDir, runId: string): boolean {
  using bundles = own.enterIfThere(UNSIGNED_NAME);
  if (bundles?.has(runId) !== true) return false;
  using bundle = bundles.enter(runId);
  return readObject(bundle, "STATUS.json", DEFAULT_LIMITS.artifactBytes)?.get("status") === "success";
}

/**
 * Refuses an id that a bundle of the project has, or a pulled or unsigned one. `given` is the unsigned
 * bundle that is being signed, which does not count. Gives RUN_EXISTS, or READ_FAILED.
 */
export function refuseTakenId(
  { folder: own, homePath }: { readonly folder: AnchoredDir; readonly homePath: string },
  runId: string,
  given?: FileIdentity,
): OperationFault | undefined {
  for (const name of [RUNS_NAME, PULLED_NAME, UNSIGNED_NAME]) {
    const folder = joinWithSlashes(ownFolderOf(homePath), name);
    let isTaken = false;
    const reason = refusalOf(() => {
      using bundles = own.enterIfThere(name);
      const found = bundles?.stats(runId);
      isTaken = found !== undefined && !(given !== undefined && isSame(found, given));
    });
    if (reason !== undefined) return operationFault("WRITE_FAILED", { path: folder, reason });
    if (isTaken) return operationFault("RUN_EXISTS", { path: `${folder}/${runId}` });
  }
  return undefined;
}

/** What became of an unsigned bundle after it was signed. */
export type GivenEnd =
  /** It was in the signer's project, and is gone. */
  | "removed"
  /** It is not in the signer's project, and was left as it is. */
  | "kept"
  /** It should be gone, and the system refused that. */
  | "left";

/**
 * Removes the unsigned bundle of a signed run from the project, as the lock holder; with `given`, only if it is that very folder. One
 * rename takes it out of sight, so that no reader sees half of it.
 */
export function removeUnsigned(own: AnchoredDir, runId: string, given?: FileIdentity): GivenEnd {
  let end: GivenEnd = "left";
  attempt(() => {
    using bundles = own.enterIfThere(UNSIGNED_NAME);
    const found = bundles?.stats(runId);
    if (bundles === undefined || found === undefined || (given !== undefined && !isSame(found, given))) {
      end = "kept";
      return;
    }
    const name = bundles.has(PARTIAL_NAME) ? makePartialName() : PARTIAL_NAME;
    bundles.rename(runId, bundles, name);
    removePartialBundle(bundles, name);
    fs.fsyncSync(bundles.fd);
    end = "removed";
  });
  removeIfEmpty(own);
  return end;
}

/** Removes the folder of unsigned bundles once nothing is in it. */
export function removeIfEmpty(own: AnchoredDir): void {
  attempt(() => own.rmdir(UNSIGNED_NAME));
}

/** Removes a bundle that is not whole, or not in its place. Throws what the system says. */
export function removePartialBundle(bundles: AnchoredDir, name: string): void {
  const partial = bundles.enter(name);
  try {
    for (const file of partial.names()) partial.unlink(file);
  } finally {
    partial.close();
  }
  bundles.rmdir(name);
}
