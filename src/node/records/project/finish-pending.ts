/**
 * Finishes what a killed seal left in a project, when the next process holds the lock. If its bundle exists, it becomes
 * the head; if not, everything else of it is removed.
 *
 * @module
 */

import {
  type JudgedBundle,
  judgeHere,
  matchesDigest,
  ok,
  type Result,
  VERIFY,
} from "../../../core/internal.ts";
import type { AnchoredDir } from "../../system/files/anchored-dir.ts";
import { makePartialName } from "../../system/files/partial-name.ts";
import { attempt } from "../../system/runtime/machine-reason.ts";
import { nodeCrypto } from "../../system/runtime/node-crypto.ts";
import type { OperationFault } from "../../system/runtime/operation-fault.ts";
import { openBundle } from "../bundle/open-bundle.ts";
import { verifyContext } from "../bundle/verify-context.ts";
import { isSameHead, type ProjectHead, readHead, readHeadFile } from "./head-file.ts";
import { moveHead, PENDING_NAME, withdrawHead } from "./move-head.ts";
import { PARTIAL_NAME, PULLED_NAME, UNSIGNED_NAME } from "./project-names.ts";
import { openRuns, previousRootIn } from "./run-links.ts";
import { removeIfEmpty, removePartialBundle, removeUnsigned } from "./unsigned-folder.ts";

/** A killed seal, and how it ended. */
export interface RecoveredSeal {
  /** Undefined if it had not written `pending` yet. */
  readonly run: ProjectHead | undefined;
  readonly end: RecoveredEnd;
}

/** How a killed seal ended. */
export type RecoveredEnd =
  /** Its bundle exists, and is the head. */
  | "completed"
  /** Nothing of it is left. */
  | "dropped"
  /** The name of its run belongs to something else, or to a bundle that does not follow HEAD: it was left alone. */
  | "left";

/** A temporary file of a replacement. It was made under the lock, so its process is dead. */
const REPLACEMENT = /^(?:HEAD|pending|CUT\.json|DROPPED\.json)\.[0-9a-f]{16}\.new$/;

/**
 * Finishes what was left, as the lock holder; `folder` is the project's own. `shown` is that folder as the caller
 * named it. Fails with HEAD_MALFORMED or READ_FAILED; throws what the system says otherwise.
 */
export function finishPending(
  folder: AnchoredDir,
  shown: string,
): Result<readonly RecoveredSeal[], OperationFault> {
  const pending = readHeadFile(folder, PENDING_NAME, shown);
  if (!pending.ok) return pending;
  const head = readHead(folder, shown);
  if (!head.ok) return head;
  const recovered: RecoveredSeal[] = [];
  if (pending.value !== undefined) {
    const end = finish(folder, pending.value, head.value);
    recovered.push({ run: pending.value, end });
    // A signer that was killed after its bundle was in the history.
    if (end === "completed") removeUnsigned(folder, pending.value.runId);
    withdrawHead(folder);
  }
  // A seal that was killed before it wrote `pending`, or whose run had failed.
  if (removeUnfinished(folder) && recovered.length === 0) recovered.push({ run: undefined, end: "dropped" });
  return ok(recovered);
}

function finish(folder: AnchoredDir, pending: ProjectHead, head: ProjectHead | undefined): RecoveredEnd {
  if (isSameHead(pending, head)) return "completed";
  using runs = openRuns(folder);
  if (runs === undefined || !runs.has(pending.runId)) return "dropped";
  const opened = openBundle(runs.address(pending.runId));
  const judged = opened.ok ? judgeHere(opened.value, verifyContext(), VERIFY) : opened;
  if (!judged.ok || !isWhatWasPending(judged.value, pending, head)) return "left";
  moveHead(folder, pending);
  return "completed";
}

/** Whether a bundle is the pending one, by its root, proof and link, not by its name alone. */
function isWhatWasPending(
  judged: JudgedBundle,
  pending: ProjectHead,
  head: ProjectHead | undefined,
): boolean {
  const previous = previousRootIn(judged.status);
  const follows =
    head === undefined ? previous === undefined : matchesDigest(head.bundleRoot, previous, nodeCrypto);
  return (
    follows &&
    matchesDigest(judged.bundleRoot, pending.bundleRoot, nodeCrypto) &&
    matchesDigest(pending.proofHash, judged.proof.object.get("proof_hash"), nodeCrypto)
  );
}

/** Removes an unfinished bundle and temporary files. Gives whether there were any. */
function removeUnfinished(folder: AnchoredDir): boolean {
  let found = false;
  for (const name of folder.names()) {
    if (!REPLACEMENT.test(name)) continue;
    // runseal did not make anything but a regular file. If it had to be removed, every seal here would fail.
    if (folder.lstat(name)?.isFile() !== true) continue;
    folder.unlink(name);
    found = true;
  }
  using runs = openRuns(folder);
  const wasSealing = removePartial(runs);
  // A killed pull loses nothing that a seal reports.
  using pulled = folder.enterIfThere(PULLED_NAME);
  removePartial(pulled);
  using unsigned = folder.enterIfThere(UNSIGNED_NAME);
  const wasUnsigned = removePartial(unsigned);
  if (wasUnsigned) removeIfEmpty(folder);
  return wasSealing || wasUnsigned || found;
}

/**
 * Removes an unfinished bundle. If that fails, renames it to a name that no run has, out of the way of the next seal. If the
 * rename fails too, as in a folder with the sticky bit, the next seal uses another name.
 */
function removePartial(bundles: AnchoredDir | undefined): boolean {
  if (bundles?.has(PARTIAL_NAME) !== true) return false;
  if (attempt(() => removePartialBundle(bundles, PARTIAL_NAME))) return true;
  attempt(() => bundles.rename(PARTIAL_NAME, bundles, makePartialName()));
  return false;
}
