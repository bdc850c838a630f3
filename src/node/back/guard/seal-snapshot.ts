/**
 * Seals what was seen of a guarded folder as a snapshot: a successful bundle in the history of the guard. A snapshot that is equal to the
 * latest one is not sealed again: the latest one is named.
 *
 * @module
 */

import { digestToHex, formatUtcSecond, ok, type Result, utcSeconds } from "../../../core/internal.ts";
import type { Signer } from "../../keys/signer.ts";
import type { BundleContents } from "../../make/seal/bundle-contents.ts";
import { proveScratch, SCRATCH_FOLDER } from "../../make/seal/scratch-proof.ts";
import type { ScratchState } from "../../make/seal/scratch-state.ts";
import { type HeldSeal, sealIntoProject } from "../../make/seal/seal-into-project.ts";
import type { HeldProject } from "../../records/project/held-project.ts";
import { findPreviousRun } from "../../records/project/previous-run.ts";
import { joinPacks } from "../../records/store/join-packs.ts";
import { ObjectMemory } from "../../records/store/object-memory.ts";
import { reasonOf } from "../../system/runtime/machine-reason.ts";
import { isSameDigest, nodeCrypto } from "../../system/runtime/node-crypto.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";
import type { WorkOptions } from "../../system/runtime/progress.ts";
import type { Environment } from "../../system/runtime/user-home.ts";
import { KEPT_SECONDS } from "./keep-rules.ts";
import {
  digestContents,
  findLatestSnapshot,
  type ReadSnapshot,
  rememberSnapshot,
} from "./latest-snapshot.ts";
import type { OpenGuard } from "./open-guard.ts";
import type { FolderLook } from "./scan-folder.ts";
import { encodeSnapshotTask, type SnapshotTask } from "./snapshot-task.ts";

/** What to seal, and how. */
export interface SnapshotRequest
  extends WorkOptions,
    Pick<SnapshotTask, "moment" | "runId">,
    Partial<Pick<SnapshotTask, "before" | "message" | "ofRun">> {
  readonly guard: OpenGuard;
  readonly environment: Environment;
  /** What `readLatest` gave for the held guard. */
  readonly latest: ReadSnapshot | undefined;
  /** Seconds since 1970. */
  readonly now: number;
  /** Opens the signer, only if the snapshot is sealed. The signer is disposed of then. */
  readonly openSigner: () => Promise<Result<Signer, OperationFault>>;
}

/** A snapshot: sealed now, or the latest one, which is equal. */
export interface SealedSnapshot {
  readonly runId: string;
  readonly bundleRoot: ReadSnapshot["bundleRoot"];
  /** RFC 3339, UTC, whole seconds. */
  readonly sealedAt: string;
  /** Undefined where the latest snapshot is equal. */
  readonly sealed: HeldSeal | undefined;
}

/**
 * Seals a folder that was looked at, as the holder of the guard. Fails as signers and `sealIntoProject` do; then
 * nothing is left but objects, which `prune` removes. Throws an Interruption.
 */
export async function sealSnapshot(
  held: HeldProject,
  look: FolderLook,
  request: SnapshotRequest,
): Promise<Result<SealedSnapshot, OperationFault>> {
  const { environment, guard, latest, now, progress, runId, signal } = request;
  const treeDigest = digestToHex(nodeCrypto.sha256(look.tree.bytes));
  const contents = digestContents(look.outputs.table.columns, treeDigest);
  if (latest !== undefined && isSameDigest(latest.contents, contents) && !isOld(latest, now)) {
    const { bundleRoot, runId: known, sealedAt } = latest;
    return ok({ runId: known, bundleRoot, sealedAt, sealed: undefined });
  }
  const opened = await request.openSigner();
  if (!opened.ok) return opened;
  using signer = opened.value;
  const bundle = snapshotContents(look, request);
  // What it holds is kept already.
  const sealed = await sealIntoProject(held, bundle, { signer, progress, signal });
  if (!sealed.ok) return sealed;
  const memory = ObjectMemory.of(environment, guard.home);
  rememberSnapshot(held.folder, { contents, runId }, memory, true);
  await joinPacks(guard.home, { memory, signal });
  const { bundleRoot } = sealed.value;
  return ok({ runId, bundleRoot, sealedAt: bundle.sealedAt, sealed: sealed.value });
}

function snapshotContents(
  look: FolderLook,
  { before, guard, message, moment, now, ofRun, runId }: SnapshotRequest,
): BundleContents {
  const sealedAt = formatUtcSecond(now);
  const folder = guard.realPath.slice(guard.realPath.lastIndexOf("/") + 1);
  const task = { runId, moment, ofRun, before, message, folder, createdAt: sealedAt };
  const { proof } = proveScratch([NO_SCRATCH], [NO_SCRATCH], { runId, timestamp: sealedAt });
  const taskSpec = encodeSnapshotTask(task, look);
  const { outputs, tree } = look;
  return { runId, sealedAt, outcome: { status: "success" }, outputs, tree, proof, taskSpec };
}

/** A snapshot has no scratch folder: it counts as missing before and after. */
const NO_SCRATCH: ScratchState = {
  folder: SCRATCH_FOLDER,
  isThere: false,
  files: [],
  special: [],
  unread: [],
};

/**
 * The latest snapshot of a held guard; undefined if there is none. Without a memory, its artifacts are judged in any case. Fails as
 * `findPreviousRun` does, and with READ_FAILED.
 */
export function readLatest(
  held: HeldProject,
  memory?: ObjectMemory,
): Result<ReadSnapshot | undefined, OperationFault> {
  const head = findPreviousRun(held);
  if (!head.ok) return head;
  try {
    return ok(findLatestSnapshot(held.folder, head.value, memory));
  } catch (thrown) {
    return operationFault("READ_FAILED", { path: held.shown, reason: reasonOf(thrown) });
  }
}

/** A snapshot that `prune` takes soon is sealed anew, so that the state of the folder is not forgotten with it. */
function isOld({ sealedAt }: ReadSnapshot, now: number): boolean {
  return now - (utcSeconds(sealedAt) ?? 0) > KEPT_SECONDS / 4;
}
