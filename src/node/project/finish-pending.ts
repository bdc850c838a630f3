/**
 * What a seal left that was killed in a project: by whoever has the lock next, it is brought to one of two ends.
 * Its bundle is there, then it becomes the head; or it is not, then nothing of it is left.
 *
 * @module
 */

import { join } from "node:path";
import {
  isJsonObject,
  type JudgedBundle,
  judgeArtifacts,
  matchesDigest,
  ok,
  type Result,
} from "../../core/internal.ts";
import { makePartialName } from "../bundle/bundle-writer.ts";
import { openBundle } from "../bundle/open-bundle.ts";
import { verifyContext } from "../bundle/verify-context.ts";
import type { AnchoredDir } from "../files/anchored-dir.ts";
import { nodeFileSystem as fs } from "../files/file-system.ts";
import { attempt } from "../runtime/machine-reason.ts";
import { nodeCrypto } from "../runtime/node-crypto.ts";
import type { OperationFault } from "../runtime/operation-fault.ts";

import { isSameHead, type ProjectHead, readHead, readHeadFile } from "./head.ts";
import { moveHead, PENDING_NAME, withdrawHead } from "./move-head.ts";
import { PARTIAL_NAME, RUNS_NAME } from "./project-names.ts";
import { openRuns } from "./run-links.ts";

/** A seal that was killed, and what became of it. */
export interface RecoveredSeal {
  /** Undefined where it had not written down yet what it was about to do. */
  readonly run: ProjectHead | undefined;
  readonly end: RecoveredEnd;
}

/** How a killed seal ended. */
export type RecoveredEnd =
  /** Its bundle stands, and is the head. */
  | "completed"
  /** Nothing of it is left. */
  | "dropped"
  /** Something has its run's name that is not its bundle, or does not follow HEAD: it was left alone. */
  | "left";

/** What is left of replacing a file: whoever did so is dead, since he did it under the lock. */
const REPLACEMENT = /^(?:HEAD|pending)\.[0-9a-f]{16}\.new$/;

/**
 * Finishes what was left, by the project's own folder, as the lock's owner. `shown` is that folder as the caller
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
    recovered.push({ run: pending.value, end: finish(folder, shown, pending.value, head.value) });
    withdrawHead(folder);
  }
  // One that was killed before it wrote `pending` down, or whose run had failed.
  if (removeUnfinished(folder) && recovered.length === 0) recovered.push({ run: undefined, end: "dropped" });
  return ok(recovered);
}

function finish(
  folder: AnchoredDir,
  shown: string,
  pending: ProjectHead,
  head: ProjectHead | undefined,
): RecoveredEnd {
  if (isSameHead(pending, head)) return "completed";
  using runs = openRuns(folder);
  if (runs === undefined || !runs.has(pending.runId)) return "dropped";
  const opened = openBundle(join(shown, RUNS_NAME, pending.runId));
  const judged = opened.ok ? judgeArtifacts(opened.value, verifyContext()) : opened;
  if (!judged.ok || !isWhatWasPending(judged.value, pending, head)) return "left";
  moveHead(folder, pending);
  return "completed";
}

/** By its own root, proof and link, not by its name alone. */
function isWhatWasPending(
  judged: JudgedBundle,
  pending: ProjectHead,
  head: ProjectHead | undefined,
): boolean {
  const binding = judged.status.get("runseal");
  const previous = isJsonObject(binding) ? binding.get("previous_bundle_root") : undefined;
  const follows =
    head === undefined ? previous === undefined : matchesDigest(head.bundleRoot, previous, nodeCrypto);
  return (
    follows &&
    matchesDigest(judged.bundleRoot, pending.bundleRoot, nodeCrypto) &&
    matchesDigest(pending.proofHash, judged.proof.object.get("proof_hash"), nodeCrypto)
  );
}

/** Removes a bundle that was never finished and files that replace none. Gives whether there were any. */
function removeUnfinished(folder: AnchoredDir): boolean {
  let found = false;
  for (const name of fs.readdirSync(folder.self)) {
    if (!REPLACEMENT.test(name)) continue;
    const address = folder.address(name);
    // What is no file is none of ours, and would end every seal here if it had to go.
    if (fs.lstatSync(address, { throwIfNoEntry: false })?.isFile() !== true) continue;
    fs.unlinkSync(address);
    found = true;
  }
  using runs = openRuns(folder);
  if (runs === undefined) return found;
  return removePartial(runs) || found;
}

/**
 * One that can't be removed is put aside as it is, so that nothing is in the way of the next one: it has the name of no
 * run. Where even that is refused, as by a folder whose names only their owners may change, the next one goes around it.
 */
function removePartial(runs: AnchoredDir): boolean {
  if (!runs.has(PARTIAL_NAME)) return false;
  if (attempt(() => takeAway(runs))) return true;
  attempt(() => fs.renameSync(runs.address(PARTIAL_NAME), runs.address(makePartialName())));
  return false;
}

function takeAway(runs: AnchoredDir): void {
  const partial = runs.enter(PARTIAL_NAME);
  try {
    for (const file of fs.readdirSync(partial.self)) fs.unlinkSync(partial.address(file));
  } finally {
    partial.close();
  }
  fs.rmdirSync(runs.address(PARTIAL_NAME));
}
