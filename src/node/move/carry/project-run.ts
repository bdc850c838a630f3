/**
 * A run as its project has it, verified in whole before anything of it is sent.
 *
 * @module
 */

import {
  ARTIFACT_NAMES,
  boundTree,
  firstItems,
  type HexDigest,
  type JudgedBundle,
  MAX_OUTPUTS_ROOT_BYTES,
  matchesDigest,
  OUTPUT_TREE_NAME,
  OUTPUTS_ROOT_NAME,
  ok,
  type Result,
  type VerifiedBundle,
} from "../../../core/internal.ts";
import { reportOnBundle, type VerifyReport } from "../../judge/verify/verify-bundle-files.ts";
import { readArtifact, readOutputTree } from "../../records/bundle/open-bundle.ts";
import type { VerifyFailure } from "../../records/bundle/verify-context.ts";
import type { SourceName } from "../../records/store/output-source.ts";
import { digestOf, nodeCrypto } from "../../system/runtime/node-crypto.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";
import type { WorkOptions } from "../../system/runtime/progress.ts";
import { OwnOutputs } from "./project-outputs.ts";

/** Where a run is. */
export interface OwnRunPlace extends WorkOptions {
  /** The run directory. */
  readonly bundle: string;
  readonly root: string;
  /** The project whose store keeps the outputs. */
  readonly home: string;
  readonly jobs?: number | undefined;
}

/** A verified run. Its owner disposes of its outputs. */
export interface OwnRun {
  readonly bundle: VerifiedBundle;
  readonly judged: JudgedBundle;
  /** The files that its manifest carries, by name. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly outputs: OwnOutputs;
}

/** Names that a fault lists. It counts the others. */
const MAX_NAMES = 20;

/**
 * Verifies a run: its outputs in the store, or below the root where the store does not keep them. Fails as verification does, and with
 * PACK_SOURCE_MISSING {names, more} where outputs are in neither place as they were sealed.
 */
export async function openOwnRun(place: OwnRunPlace): Promise<Result<OwnRun, VerifyFailure>> {
  const report = await reportOnBundle({ ...place, from: "store-first" });
  const { judged, source, verdict } = report;
  if (!verdict.ok) return missingOutputs(report, place) ?? verdict;
  if (judged === undefined || !isOwnPlace(source))
    throw new TypeError("an accepted bundle was read, and so were its outputs");
  const files = readFiles(place.bundle, judged);
  if (!files.ok) return files;
  const outputs = new OwnOutputs({ ...place, runId: judged.opened.runId, source });
  return ok({ bundle: verdict.value, judged, files: files.value, outputs });
}

function isOwnPlace(source: VerifyReport["source"]): source is SourceName {
  return source === "root" || source === "store";
}

/** The names of outputs that can't be sent; undefined where verification failed for another reason. */
function missingOutputs({ failures, judged, source, verdict }: VerifyReport, place: OwnRunPlace) {
  if (verdict.ok || judged === undefined || !isOwnPlace(source)) return undefined;
  if (verdict.code !== "OUTPUT_MISSING" && verdict.code !== "HASH_MISMATCH") return undefined;
  const paths: string[] = [];
  for (const { code, details } of failures()) {
    if (code === "OUTPUT_MISSING" || code === "HASH_MISMATCH") paths.push(details.path);
  }
  const gone = withoutKept(paths, judged, place, source);
  if (gone.length === 0) return undefined;
  const names = firstItems(gone, MAX_NAMES);
  const { runId } = judged.opened;
  return operationFault("PACK_SOURCE_MISSING", { run_id: runId, names, more: gone.length - names.length });
}

/** Outputs that changed below the root may be kept in the store, which lacks others. */
function withoutKept(
  paths: readonly string[],
  { claims, opened: { runId } }: JudgedBundle,
  place: OwnRunPlace,
  source: SourceName,
): readonly string[] {
  if (source !== "root") return paths;
  using outputs = new OwnOutputs({ ...place, runId, source });
  const wanted = new Set(paths);
  for (const claim of claims) {
    if (!claim.lawful || claim.digest === undefined || !wanted.has(claim.path)) continue;
    if (outputs.isKept(claim.digest)) wanted.delete(claim.path);
  }
  return [...wanted];
}

/** The artifacts as they were verified, the tree that the signature names, and the signed root of the outputs. */
function readFiles(
  bundle: string,
  { opened, status }: JudgedBundle,
): Result<ReadonlyMap<string, Uint8Array>, OperationFault> {
  const files = new Map<string, Uint8Array>();
  for (const name of ARTIFACT_NAMES) {
    const reading = opened.artifacts[name];
    if (reading.kind === "bytes") files.set(name, reading.bytes);
  }
  const treeDigest = boundTree(status);
  if (treeDigest !== undefined) {
    const tree = readOutputTree(bundle);
    if (!tree.ok) return tree;
    const isSame = tree.value.kind === "bytes" && isDigestOf(tree.value.bytes, treeDigest);
    if (tree.value.kind !== "bytes" || !isSame)
      return operationFault("CHANGED_WHILE_READ", { path: `${bundle}/${OUTPUT_TREE_NAME}` });
    files.set(OUTPUT_TREE_NAME, tree.value.bytes);
  }
  const root = readArtifact(bundle, OUTPUTS_ROOT_NAME);
  if (!root.ok) return root;
  if (root.value.kind === "bytes" && root.value.bytes.length <= MAX_OUTPUTS_ROOT_BYTES)
    files.set(OUTPUTS_ROOT_NAME, root.value.bytes);
  return ok(files);
}

function isDigestOf(bytes: Uint8Array, declared: unknown): boolean {
  return matchesDigest(digestOf(bytes), declared, nodeCrypto);
}

/** The digest of a bundle as its pushers name it. */
export function defaultTag(bundleRoot: HexDigest): string {
  return `r-${bundleRoot}`;
}
