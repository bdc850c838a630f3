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
import type { HeldProject, HoldRequest } from "../../records/project/held-project.ts";
import { refuseTakenId } from "../../records/project/unsigned-folder.ts";
import { ObjectMemory } from "../../records/store/object-memory.ts";
import { OutputPacking } from "../../records/store/pack-outputs.ts";
import { type AnchoredRoot, openRoot } from "../../system/files/anchored-root.ts";
import { nodeFileSystem as fs } from "../../system/files/file-system.ts";
import type { PackBoard } from "../../system/packs/pack-board.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";
import type { WorkOptions } from "../../system/runtime/progress.ts";
import type { EncodedTree } from "../seal/bundle-contents.ts";
import { refuseLeaving } from "../seal/refuse-links.ts";
import { sealIntoProject } from "../seal/seal-into-project.ts";
import type { BegunPacking, CompletedSeal, CompleteSealRequest, SealFault } from "../seal/seal-request.ts";
import { type HeldSeal, whileHeld } from "../seal/while-held.ts";
import { checkGivenOutputs, refuseGivenNames } from "./check-given-outputs.ts";
import { type ReadUnsigned, readUnsignedFolder, type UnsignedPlace } from "./read-unsigned-folder.ts";

/** What to sign, who does, and when. */
export interface SignRequest extends WorkOptions, Pick<HoldRequest, "environment" | "onWaiting"> {
  /** The signer's project: its history takes the bundle in, and its store keeps the outputs. The folder must be there; its `.runseal` is made. */
  readonly root: string;
  readonly unsigned: UnsignedPlace;
  /** The folder that output paths are relative to; default: the root. */
  readonly files?: string | undefined;
  /** Whether the outputs' bytes are kept in the project's store; default `true`. */
  readonly keep?: boolean | undefined;
  /** Which links of a tree are signed; default: `inside`, which refuses links that lead outside, as a seal does. */
  readonly links?: "inside" | "any" | undefined;
  /** Called with what is to be signed, before a key is opened. A fault ends it. */
  readonly confirm: (unsigned: UnsignedBundle) => Promise<OperationFault | undefined>;
  /** Called after `confirm`. The signer is disposed of at the end. */
  readonly openSigner: () => Promise<Result<Signer, OperationFault>>;
  /** Seconds since 1970. */
  readonly now: number;
  /** Threads that may hash at once; by default as many as there are cores. */
  readonly jobs?: number | undefined;
}

/** A bundle that was sealed elsewhere, in the signer's history. */
export interface SignedSeal extends CompletedSeal {
  readonly sealedAt: string;
  readonly signedAt: string;
}

/** Why it was not signed. What was finished of killed seals all the same is in `recovered`. */
export type SignFault = SealFault | ((Rejection | Undecided) & Pick<SealFault, "recovered">);

/**
 * Signs an unsigned bundle. Fails as `readUnsignedFolder` and `checkGivenOutputs` do; with RUN_EXISTS where the project has a bundle,
 * or another unsigned one, of the id; with UNSIGNED_INVALID where it says that it was sealed after now; with ENTRIES_REFUSED; as `confirm`, signers and
 * `sealIntoProject` do. On a failure nothing is left, and the unsigned bundle stays as it is. After a success it is gone if it was in
 * the signer's project. Throws an Interruption, or an InterruptedSeal once the project was held.
 */
export async function signUnsigned(request: SignRequest): Promise<Result<SignedSeal, SignFault>> {
  const opened = openRoot(request.root);
  if (!opened.ok) return opened;
  using root = opened.value;
  const { files = request.root, unsigned: place } = request;
  if (place.kind === "id" && !isRunId(place.runId))
    return operationFault("ARGUMENT_MALFORMED", { reason: "run", path: place.runId });
  const read = readUnsignedFolder(root, request.root, place);
  if (!read.ok) return read;
  const { unsigned } = read.value;
  const signedAt = formatUtcSecond(request.now);
  const refused = refuseGiven(unsigned, signedAt, request.links);
  if (refused !== undefined) return refused;
  const openedFiles = openRoot(files);
  if (!openedFiles.ok) return openedFiles;
  using source = openedFiles.value;
  const unconfirmed = await request.confirm(unsigned);
  if (unconfirmed !== undefined) return unconfirmed;
  const openedSigner = await request.openSigner();
  if (!openedSigner.ok) return openedSigner;
  using signer = openedSigner.value;
  const given = { ...read.value, signedAt };
  const { environment, onWaiting, signal } = request;
  const hold = { home: root, homePath: request.root, environment, onWaiting, signal };
  const signed = await whileHeld<HeldSeal, OperationFault | Rejection | Undecided>(
    hold,
    async (held) => await signHeld(held, { root, source, given, signer }, request),
  );
  return signed.ok ? ok({ ...signed.value, sealedAt: unsigned.sealedAt, signedAt }) : signed;
}

/** What a sealer can write, and a signer refuses all the same. */
function refuseGiven(
  unsigned: UnsignedBundle,
  signedAt: string,
  links: SignRequest["links"],
): OperationFault | undefined {
  const { runId, sealedAt, tree } = unsigned;
  if (!isNewRunId(runId)) return operationFault("ARGUMENT_MALFORMED", { reason: "run", path: runId });
  if (isAfter(sealedAt, signedAt))
    return operationFault("UNSIGNED_INVALID", { reason: "from-later", run_id: runId });
  return refuseGivenNames(unsigned) ?? (tree && refuseLeaving(tree.sealed, links, () => tree.sealed.files));
}

/** What is signed by whom, and where everything is. */
interface Signing {
  /** The signer's project. */
  readonly root: AnchoredRoot;
  /** The folder that output paths are relative to. */
  readonly source: AnchoredRoot;
  readonly given: ReadUnsigned & { readonly signedAt: string };
  readonly signer: Signer;
}

async function signHeld(
  held: HeldProject,
  signing: Signing,
  request: SignRequest,
): Promise<Result<HeldSeal, OperationFault | Rejection | Undecided>> {
  const { environment, keep = true, progress, signal } = request;
  const { given, root, source } = signing;
  const { claims, runId } = given.unsigned;
  // Before hashing, which may take long.
  const taken = refuseTakenId(held.folder, request.root, runId, given.folder);
  if (taken !== undefined) return taken;
  if (!keep) return await checkAndSeal(held, signing, request, { packing: undefined, board: undefined });
  const memory = environment && ObjectMemory.of(environment, root);
  const packing = await OutputPacking.begin(root, claims.length, { fs, memory, progress, signal, source });
  if (!packing.ok) return packing;
  try {
    return await checkAndSeal(held, signing, request, { packing, board: packing.value.board });
  } finally {
    packing.value.discard();
  }
}

async function checkAndSeal(
  held: HeldProject,
  { given, root, signer, source }: Signing,
  request: SignRequest,
  { board, packing }: { readonly packing: BegunPacking; readonly board: PackBoard | undefined },
): Promise<Result<HeldSeal, OperationFault | Rejection | Undecided>> {
  const { environment, jobs, onWaiting, progress, signal } = request;
  const { unsigned } = given;
  const outputs = await checkGivenOutputs(unsigned, source, { board, jobs, progress, signal });
  if (!outputs.ok) return outputs;
  const sealing: Omit<CompleteSealRequest, "place"> = {
    home: root,
    homePath: request.root,
    environment,
    onWaiting,
    progress,
    signal,
    signer,
    given,
    runId: unsigned.runId,
    sealedAt: unsigned.sealedAt,
    // A bundle of a failed run is not signed here.
    outcome: { status: "success" },
    outputs: outputs.value,
    tree: encodedTree(unsigned),
    proof: unsigned.proof,
    taskSpec: unsigned.taskSpec.bytes,
  };
  return await sealIntoProject(held, sealing, packing);
}

function encodedTree({ tree }: UnsignedBundle): EncodedTree | undefined {
  if (tree === undefined) return undefined;
  const { bytes, sealed } = tree;
  return { bytes, counts: countTree(sealed) };
}
