/**
 * The runs that wait for a signer, for commands that look for signed ones.
 *
 * @module
 */

import { lstatSync } from "node:fs";
import { join } from "node:path";
import type { ArtifactName } from "../../../core/system/paths/artifact-name.ts";
import { isRunId } from "../../../core/system/paths/run-id.ts";
import { AnchoredDir } from "../../system/files/anchored-dir.ts";
import { unlessRefused } from "../../system/runtime/machine-reason.ts";
import { readRunIds } from "./near-runs.ts";
import { ownFolderOf, unsignedFolderOf } from "./project-names.ts";
import { waitsForSigner } from "./unsigned-folder.ts";

/** What every sealer writes, signed or not. */
const SEALERS: readonly ArtifactName[] = [
  "TASK_SPEC.json",
  "STATUS.json",
  "OUTPUT_HASHES.json",
  "PROOF.json",
];

/** What only a signer writes. */
const SIGNERS: readonly ArtifactName[] = ["VALIDATOR_IDENTITY.json", "SIGNED_PAYLOAD.json", "SIGNATURE.json"];

/** Most unsigned bundles that are looked at. */
const MOST_READ = 1000;

/**
 * The ids of unsigned bundles of the project at `root` that a signer would sign, sorted. A folder that can't be read has none. A name that
 * is not a run id does not count: no sealer made that folder, and messages name the ids in commands that a user may copy.
 */
export function readWaitingRuns(root: string): readonly string[] {
  const runIds = readRunIds(unsignedFolderOf(root)).filter(isRunId).sort().slice(0, MOST_READ);
  if (runIds.length === 0) return [];
  const read = unlessRefused(() => {
    using own = AnchoredDir.open(ownFolderOf(root));
    return runIds.filter((runId) => waitsForSigner(own, runId));
  });
  return read ?? [];
}

/** Whether a folder holds what a sealer writes, and nothing of a signer. A folder that can't be read does not. */
export function isUnsignedBundle(folder: string): boolean {
  return holds(folder, (isThere) => SEALERS.every(isThere) && !SIGNERS.some(isThere));
}

/** Whether a folder holds all that a sealer and a signer write. A folder that can't be read does not. */
export function isSignedBundle(folder: string): boolean {
  return holds(folder, (isThere) => [...SEALERS, ...SIGNERS].every(isThere));
}

function holds(folder: string, decide: (isThere: (name: ArtifactName) => boolean) => boolean): boolean {
  const isThere = (name: ArtifactName): boolean =>
    lstatSync(join(folder, name), { throwIfNoEntry: false }) !== undefined;
  return unlessRefused(() => decide(isThere)) ?? false;
}
