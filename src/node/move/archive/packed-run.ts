/**
 * A run that is about to be packed: its bundle's files as they are, and what its signature says of outputs.
 *
 * @module
 */

import {
  type ArtifactReading,
  BUNDLE_FILES,
  COUNTERSIGNATURES_NAME,
  isArtifactName,
  judgeHere,
  type OpenedBundle,
  OUTPUT_TREE_NAME,
  OUTPUTS_ROOT_NAME,
  ok,
  RESTORE,
  type Rejection,
  type Result,
  readTree,
  reject,
  type SealedTree,
  type SignedBundle,
  TIMESTAMPS_NAME,
  treeBinding,
} from "../../../core/internal.ts";
import { openBundle, readArtifact, readOutputTree } from "../../records/bundle/open-bundle.ts";
import { verifyContext } from "../../records/bundle/verify-context.ts";
import { OWN_FOLDER } from "../../records/project/project-names.ts";
import {
  type OperationFault,
  operationFault,
  type RefusedPath,
} from "../../system/runtime/operation-fault.ts";

/** Where a run and its outputs are. */
export interface PackPlace {
  /** The run directory. */
  readonly bundle: string;
  /** The folder that output paths are relative to. */
  readonly root: string;
  /** The project whose store keeps the outputs. */
  readonly home: string;
}

/** A run to pack. Its signature holds. */
export interface PackedRun {
  readonly place: PackPlace;
  readonly candidate: SignedBundle;
  /** The bundle's files in the order of the archive. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** The tree that the binding names; undefined for a bundle without one. */
  readonly tree: SealedTree | undefined;
}

/**
 * Reads a run. Fails as `openBundle` does; with the verdict on artifacts that a reader of the archive would reject; with NOT_A_FILE if
 * a name beside them is not that of a regular file; with ENTRIES_REFUSED for outputs at places that an archive has for bundles.
 */
export function readPackedRun(place: PackPlace): Result<PackedRun, OperationFault | Rejection> {
  const context = verifyContext();
  const opened = openBundle(place.bundle);
  if (!opened.ok) return opened;
  const judged = judgeHere(opened.value, context, RESTORE);
  if (!judged.ok) return judged;
  const [confusable] = opened.value.confusable;
  if (confusable !== undefined) return reject("acceptance", "ARTIFACT_EXTRA", { artifact: confusable });
  const outputTree = readOutputTree(place.bundle);
  if (!outputTree.ok) return outputTree;
  const binding = treeBinding(judged.value);
  const tree = binding === undefined ? ok(undefined) : readTree(binding, outputTree.value, context);
  if (!tree.ok) return tree;
  const outputsRoot = readArtifact(place.bundle, OUTPUTS_ROOT_NAME);
  if (!outputsRoot.ok) return outputsRoot;
  const refused = refusePaths(judged.value, tree.value);
  if (refused.length > 0) return operationFault("ENTRIES_REFUSED", { reason: "names-unlawful", refused });
  const files = filesOf(opened.value, [
    [OUTPUT_TREE_NAME, outputTree.value],
    [OUTPUTS_ROOT_NAME, outputsRoot.value],
  ]);
  return files.ok ? ok({ place, candidate: judged.value, files: files.value, tree: tree.value }) : files;
}

function filesOf(
  { artifacts, countersignatures, timestamps }: OpenedBundle,
  beside: readonly (readonly [string, ArtifactReading])[],
): Result<ReadonlyMap<string, Uint8Array>, OperationFault> {
  const files = new Map<string, Uint8Array>();
  const others = new Map<string, OpenedBundle["timestamps"]>([
    ...beside,
    [COUNTERSIGNATURES_NAME, countersignatures],
    [TIMESTAMPS_NAME, timestamps],
  ]);
  for (const name of BUNDLE_FILES) {
    const reading = isArtifactName(name) ? artifacts[name] : others.get(name);
    if (reading?.kind === "bytes") files.set(name, reading.bytes);
    else if (reading !== undefined && reading.kind !== "missing")
      return operationFault("NOT_A_FILE", { path: name });
  }
  return ok(files);
}

/** The paths that no archive can have: unlawful ones, and those in the folder of bundles. */
function refusePaths({ claims }: SignedBundle, tree: SealedTree | undefined): readonly RefusedPath[] {
  const refused: RefusedPath[] = [];
  if (!claims.areAllLawful) {
    for (const claim of claims) if (!claim.lawful) refused.push({ path: claim.path, reason: claim.breach });
  }
  for (const paths of [claims, tree?.links.paths ?? [], tree?.emptyFolders ?? []]) {
    for (const item of paths) {
      const path = typeof item === "string" ? item : item.path;
      if (path === OWN_FOLDER || path.startsWith(`${OWN_FOLDER}/`))
        refused.push({ path, reason: "own-folder" });
    }
  }
  return refused;
}
