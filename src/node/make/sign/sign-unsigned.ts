/**
 * Signing away from the code that ran (PROTOCOL 11.1): another process, user or machine sealed the outputs and had no key. Read the
 * unsigned bundle, show it, hash every output again while it is kept, complete the bundle, sign it, and put it into the history of the
 * signer's project. The steps are in this order below.
 *
 * @module
 */

import {
  countTree,
  formatUtcSecond,
  isAfter,
  ok,
  type Rejection,
  type Result,
  type Undecided,
  type UnsignedBundle,
} from "../../../core/internal.ts";
import type { Signer } from "../../keys/signer.ts";
import { isNewRunId, isRunId } from "../../records/bundle/run-names.ts";
import type { HeldProject, HoldRequest, ProjectHome } from "../../records/project/held-project.ts";
import { refuseTakenId } from "../../records/project/unsigned-folder.ts";
import { ObjectMemory } from "../../records/store/object-memory.ts";
import { OutputPacking } from "../../records/store/pack-outputs.ts";
import { type AnchoredRoot, openRoot } from "../../system/files/anchored-root.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";
import type { WorkOptions } from "../../system/runtime/progress.ts";
import type { BundleContents, GivenBundle, SealedOutputs } from "../seal/bundle-contents.ts";
import { refuseLeaving } from "../seal/refuse-links.ts";
import { type CompletedSeal, type HeldSeal, sealIntoProject } from "../seal/seal-into-project.ts";
import { type SealFault, whileHeld } from "../seal/while-held.ts";
import { checkGivenOutputs, refuseGivenNames } from "./check-given-outputs.ts";
import { readUnsignedFolder, type UnsignedPlace } from "./read-unsigned-folder.ts";

/** What to sign, and when. */
export interface UnsignedRequest {
  /** The signer's project: its history takes the bundle in, and its store keeps the outputs. The folder must be there; its `.runseal` is made. */
  readonly root: string;
  readonly unsigned: UnsignedPlace;
  /** The folder that output paths are relative to; default: the root. */
  readonly files?: string | undefined;
  /** Which links of a tree are signed; default: `inside`, which refuses links that lead outside, as a seal does. */
  readonly links?: "inside" | "any" | undefined;
  /** Seconds since 1970. */
  readonly now: number;
}

/** An unsigned bundle that may be signed. Its owner disposes of it. */
export interface OpenUnsigned extends ProjectHome, Disposable {
  readonly given: GivenBundle;
  /** The folder that output paths are relative to. */
  readonly source: AnchoredRoot;
}

/** Who signs, and how to work. */
export interface SignRequest extends WorkOptions, Pick<HoldRequest, "environment" | "onWaiting"> {
  readonly signer: Signer;
  /** Whether the outputs' bytes are kept in the project's store; default `true`. */
  readonly keep?: boolean | undefined;
  /** Threads that may hash at once; by default as many as there are cores. */
  readonly jobs?: number | undefined;
}

/** A bundle that was sealed elsewhere, in the signer's history. */
export interface SignedSeal extends CompletedSeal {
  readonly sealedAt: string;
  readonly signedAt: string;
}

type SigningFault = OperationFault | Rejection | Undecided;

/** Why it was not signed. What was finished of killed seals all the same is in `recovered`. */
export type SignFault = SealFault | ((Rejection | Undecided) & Pick<SealFault, "recovered">);

/**
 * Reads an unsigned bundle, to be shown before a key is opened. Fails as `readUnsignedFolder` and `openRoot` do; with UNSIGNED_INVALID
 * where it says that it was sealed after now; with ENTRIES_REFUSED.
 */
export function openUnsigned(request: UnsignedRequest): Result<OpenUnsigned, OperationFault> {
  const { files = request.root, links, root: homePath, unsigned: place } = request;
  const opened = openRoot(homePath);
  if (!opened.ok) return opened;
  const home = opened.value;
  let isOpen = false;
  try {
    const given = readGiven(home, homePath, place, formatUtcSecond(request.now), links);
    if (!given.ok) return given;
    const openedFiles = openRoot(files);
    if (!openedFiles.ok) return openedFiles;
    isOpen = true;
    const source = openedFiles.value;
    const dispose = (): void => {
      source.close();
      home.close();
    };
    return ok({ home, homePath, given: given.value, source, [Symbol.dispose]: dispose });
  } finally {
    if (!isOpen) home.close();
  }
}

function readGiven(
  home: AnchoredRoot,
  homePath: string,
  place: UnsignedPlace,
  signedAt: string,
  links: UnsignedRequest["links"],
): Result<GivenBundle, OperationFault> {
  if (place.kind === "id" && !isRunId(place.runId))
    return operationFault("ARGUMENT_MALFORMED", { reason: "run", path: place.runId });
  const read = readUnsignedFolder(home, homePath, place);
  if (!read.ok) return read;
  return refuseGiven(read.value.unsigned, signedAt, links) ?? ok({ ...read.value, signedAt });
}

/**
 * Signs an unsigned bundle. Fails as `checkGivenOutputs`, signers and `sealIntoProject` do; with RUN_EXISTS where the project has a
 * bundle, or another unsigned one, of the id. On a failure nothing is left, and the unsigned bundle stays as it is. After a success it is
 * gone if it was in the signer's project. Throws an Interruption, or an InterruptedSeal once the project was held.
 */
export async function signUnsigned(
  { given, home, homePath, source }: OpenUnsigned,
  request: SignRequest,
): Promise<Result<SignedSeal, SignFault>> {
  const { folder, signedAt, unsigned } = given;
  const signed = await whileHeld<HeldSeal, SigningFault>({ ...request, home, homePath }, async (held) => {
    // Before hashing, which may take long.
    const taken = refuseTakenId(held, unsigned.runId, folder);
    if (taken !== undefined) return taken;
    const packing = await beginPacking(held, source, unsigned, request);
    if (packing?.ok === false) return packing;
    using begun = packing?.value;
    const outputs = await checkGivenOutputs(unsigned, source, { ...request, board: begun?.board });
    if (!outputs.ok) return outputs;
    return await sealIntoProject(held, completedContents(given, outputs.value), { ...request, packing });
  });
  return signed.ok ? ok({ ...signed.value, sealedAt: unsigned.sealedAt, signedAt }) : signed;
}

/** What a sealer can write, and a signer refuses all the same. */
function refuseGiven(
  unsigned: UnsignedBundle,
  signedAt: string,
  links: UnsignedRequest["links"],
): OperationFault | undefined {
  const { runId, sealedAt, tree } = unsigned;
  if (!isNewRunId(runId)) return operationFault("ARGUMENT_MALFORMED", { reason: "run", path: runId });
  if (isAfter(sealedAt, signedAt))
    return operationFault("UNSIGNED_INVALID", { reason: "from-later", run_id: runId });
  return refuseGivenNames(unsigned) ?? (tree && refuseLeaving(tree.sealed, links, () => tree.sealed.files));
}

/** Begins to pack the outputs; undefined where they are not to be kept. */
async function beginPacking(
  held: HeldProject,
  source: AnchoredRoot,
  { claims }: UnsignedBundle,
  { keep = true, progress, signal }: SignRequest,
): Promise<Result<OutputPacking, OperationFault> | undefined> {
  if (!keep) return undefined;
  const memory = ObjectMemory.ofProject(held);
  return await OutputPacking.begin(held.home, claims.length, { memory, progress, signal, source });
}

function completedContents(given: GivenBundle, outputs: SealedOutputs): BundleContents {
  const { proof, runId, sealedAt, taskSpec, tree } = given.unsigned;
  return {
    given,
    runId,
    sealedAt,
    // A bundle of a failed run is not signed here.
    outcome: { status: "success" },
    outputs,
    tree: tree && { bytes: tree.bytes, counts: countTree(tree.sealed) },
    proof,
    taskSpec: taskSpec.bytes,
  };
}
