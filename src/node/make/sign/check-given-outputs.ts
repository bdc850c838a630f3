/**
 * Compares the outputs that an unsigned bundle names with the files that are there. They are hashed again, and packed for the signer's
 * store in the same read: what was hashed is what is kept.
 *
 * @module
 */

import {
  findTreeFailures,
  outputFailures,
  type Rejection,
  type Result,
  type Undecided,
  type UnsignedBundle,
} from "../../../core/internal.ts";
import { lawfulOutputs } from "../../judge/verify/lawful-outputs.ts";
import { OWN_FOLDER } from "../../records/project/project-names.ts";
import type { AnchoredRoot } from "../../system/files/anchored-root.ts";
import { RootDisk } from "../../system/files/root-disk.ts";
import { beginLaidOut, type HashOptions } from "../../system/hashing/hash-files.ts";
import type { PackBoard } from "../../system/packs/pack-board.ts";
import { breatheAlong } from "../../system/runtime/interruption.ts";
import { nodeCrypto } from "../../system/runtime/node-crypto.ts";
import {
  type OperationFault,
  operationFault,
  type RefusedPath,
  refuseEntries,
} from "../../system/runtime/operation-fault.ts";
import type { WorkOptions } from "../../system/runtime/progress.ts";
import { isWindows } from "../../system/runtime/this-system.ts";
import type { SealedOutputs } from "../seal/bundle-contents.ts";
import { readFindings } from "../seal/read-findings.ts";
import { refuseUnlawful } from "../seal/refuse-names.ts";

/** How to compare. */
export interface CheckOptions extends WorkOptions {
  readonly jobs?: number | undefined;
  /** Where small outputs are packed; undefined where nothing is kept. */
  readonly board: PackBoard | undefined;
}

/** Why outputs are not signed: one is not as it is claimed, or was not read in one state. */
export type CheckFault = Rejection | Undecided | OperationFault;

/** Refuses names that no sealer takes. Gives ENTRIES_REFUSED. Nothing is opened for them. */
export function refuseGivenNames({ claims, tree }: UnsignedBundle): OperationFault | undefined {
  const sealed = tree?.sealed;
  const paths = function* (): Generator<string> {
    for (const { path } of claims) yield path;
    if (sealed === undefined) return;
    yield* sealed.links.paths;
    yield* sealed.emptyFolders;
  };
  const refused: RefusedPath[] = [];
  for (const path of paths())
    if (path.split("/").includes(OWN_FOLDER)) refused.push({ path, reason: "own-folder" });
  return refuseEntries("names-unlawful", refused) ?? refuseUnlawful(paths(), sealed !== undefined);
}

/**
 * Hashes the outputs below `files`, and compares them and the tree with what is claimed. Fails as verification does: with
 * OUTPUT_MISSING, HASH_MISMATCH, the codes of a tree, READ_FAILED or CHANGED_WHILE_READ; and with UNSIGNED_INVALID where the bytes are
 * not as many as declared. Reads at most twice as many bytes as are declared. Throws an Interruption.
 */
export async function checkGivenOutputs(
  unsigned: UnsignedBundle,
  files: AnchoredRoot,
  { board, jobs, progress, signal }: CheckOptions,
): Promise<Result<SealedOutputs, CheckFault>> {
  const { bytes: declared, claims, tree } = unsigned;
  const { paths, shares } = lawfulOutputs([{ claims, declaredBytes: declared }]);
  const watch: HashOptions["watch"] =
    progress && ((done, count) => progress.begin("hash", { files: count, bytes: declared }, done));
  const hashing = beginLaidOut(files, paths, { jobs, packing: board, shares, signal, watch });
  const findings = await hashing.finish();
  progress?.end();
  const [failure] = outputFailures(claims, findings, nodeCrypto, declared);
  if (failure !== undefined) return failure;
  if (findings.bytes !== declared)
    return operationFault("UNSIGNED_INVALID", {
      reason: "mismatch",
      artifact: "STATUS.json",
      field: "bytes",
    });
  if (tree !== undefined) {
    const comparing = { disk: new RootDisk(files), findings, ignoresModes: isWindows, keepsAll: false };
    const { failures } = await breatheAlong(findTreeFailures(tree.sealed, comparing), signal);
    if (failures[0] !== undefined) return failures[0];
  }
  return readFindings(hashing.files, findings);
}
