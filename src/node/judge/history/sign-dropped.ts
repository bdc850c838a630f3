/** DROPPED.json before bytes of a project are dropped: who signed it before, and whose bytes go now (PROTOCOL 18). @module */

import {
  DROPPED_FILE,
  type DroppedBytes,
  type Fault,
  formatUtcSecond,
  type HistoryRun,
  isSigned,
  ok,
  type Result,
} from "../../../core/internal.ts";
import type { Signer } from "../../keys/signer.ts";
import type { HeldProject } from "../../records/project/held-project.ts";
import { type Admitting, readSignedFile, signFile } from "../../records/project/signed-files.ts";
import type { AnchoredRoot } from "../../system/files/anchored-root.ts";
import { reasonOf } from "../../system/runtime/machine-reason.ts";
import { isSameDigest } from "../../system/runtime/node-crypto.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";
import type { WorkOptions } from "../../system/runtime/progress.ts";
import { droppedRoots } from "./dropped-runs.ts";
import { storedRuns } from "./stored-runs.ts";

/**
 * The record of a held project. A new one on top of one that does not hold would take its place, and what it is evidence of: fails with
 * HEAD_MALFORMED or READ_FAILED.
 */
export function readDroppedOf({
  folder,
  shown,
}: HeldProject): Result<DroppedBytes | undefined, OperationFault> {
  const path = `${shown}/${DROPPED_FILE.name}`;
  try {
    const read = readSignedFile(folder, DROPPED_FILE);
    return read === undefined || isSigned(read) ? ok(read) : operationFault("HEAD_MALFORMED", { path });
  } catch (thrown) {
    return operationFault("READ_FAILED", { path, reason: reasonOf(thrown) });
  }
}

/** How to sign, and who refuses the signer. */
interface SignDroppedRequest<Refusal> extends Admitting<DroppedBytes, Refusal>, WorkOptions {
  readonly home: AnchoredRoot;
  readonly openSigner: () => Promise<Result<Signer, OperationFault>>;
  /** Look which runs would be listed, and sign nothing. */
  readonly dryRun?: boolean | undefined;
  /** Seconds since 1970. */
  readonly now: number;
}

/** Runs whose bytes are to go. */
interface Dropping<Run> {
  /** Those that the record did not list before. */
  readonly added: readonly Run[];
  /** Those that it does not list: the store does not have all of their bytes as they were sealed. */
  readonly lacking: ReadonlySet<Run>;
}

/** Signs whose bytes go, and whose went before. Fails as `storedRuns` and `signFile` do. Throws an Interruption before it writes. */
export async function signDropped<Run extends HistoryRun, Refusal extends Fault>(
  held: HeldProject,
  wanted: readonly Run[],
  earlier: DroppedBytes | undefined,
  request: SignDroppedRequest<Refusal>,
): Promise<Result<Dropping<Run>, OperationFault | Refusal>> {
  const { dryRun = false, home, now } = request;
  const roots = droppedRoots(earlier);
  const unlisted = wanted.filter(({ bundleRoot, runId }) => !isSameDigest(roots.get(runId), bundleRoot));
  const stored = await storedRuns(home, unlisted, request);
  if (!stored.ok) return stored;
  const added = stored.value;
  for (const { bundleRoot, runId } of added) if (bundleRoot !== undefined) roots.set(runId, bundleRoot);
  if (!dryRun && added.length > 0) {
    const runs = [...roots].map(([runId, bundleRoot]) => ({ bundleRoot, runId }));
    const unsigned = await signFile(held, DROPPED_FILE, { droppedAt: formatUtcSecond(now), runs }, request);
    if (unsigned !== undefined) return unsigned;
  }
  const whole = new Set(added);
  return ok({ added, lacking: new Set(unlisted.filter((run) => !whole.has(run))) });
}
