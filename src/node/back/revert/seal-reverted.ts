/**
 * The snapshots before and after a revert, and their names.
 *
 * @module
 */

import { ok, type Result } from "../../../core/internal.ts";
import type { Signer } from "../../keys/signer.ts";
import { isNewRunId, isRunId } from "../../records/bundle/run-names.ts";
import type { HeldProject } from "../../records/project/held-project.ts";
import type { AnchoredDir } from "../../system/files/anchored-dir.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";
import { lendSigner, openGuardSigner } from "../guard/guard-key.ts";
import type { FolderLook } from "../guard/scan-folder.ts";
import {
  readLatest,
  type SealedSnapshot,
  type SnapshotRequest,
  sealSnapshot,
} from "../guard/seal-snapshot.ts";
import type { RevertPlace } from "./plan-on-disk.ts";
import type { RevertFolderRequest } from "./revert-request.ts";

/** What to seal as. The snapshot after a revert, which has `before`, is sealed even if it is equal to the latest. */
export type RevertSnapshot = Pick<SnapshotRequest, "before" | "moment" | "ofRun" | "runId">;

/** What sealing needs of a revert. */
export type SealOptions = Pick<
  RevertFolderRequest,
  "environment" | "now" | "progress" | "signal" | "signer" | "surroundings"
> & {
  /** A signer that is open already, and stays the caller's; undefined: it is opened if there is something to sign. */
  readonly opened?: Signer | undefined;
};

/** Seals what was seen, as the holder of the guard. Fails as `readLatest`, `openGuardSigner` and `sealSnapshot` do. Throws an Interruption. */
export async function sealReverted(
  held: HeldProject,
  { guard }: RevertPlace,
  look: FolderLook,
  snapshot: RevertSnapshot,
  { opened: known, signer, surroundings, ...options }: SealOptions,
): Promise<Result<SealedSnapshot, OperationFault>> {
  const latest = snapshot.before === undefined ? readLatest(held) : ok(undefined);
  if (!latest.ok) return latest;
  return await sealSnapshot(held, look, {
    ...options,
    ...snapshot,
    guard,
    latest: latest.value,
    openSigner: async () => {
      if (known !== undefined) return ok(lendSigner(known));
      const opened = await openGuardSigner(guard, signer, surroundings);
      return opened.ok ? ok(opened.value.signer) : opened;
    },
  });
}

/** More reverts of one run than anyone makes. */
const MOST_NUMBERS = 10_000;

/**
 * The id of a revert: `RUN.revert`, or `RUN.redo` for the revert of `RUN.revert`; the next ones are numbered. Fails with ARGUMENT_MALFORMED for
 * a given id that is not one, and where no name is left.
 */
export function chooseRevertId(
  given: string | undefined,
  runId: string,
  runs: AnchoredDir,
): Result<string, OperationFault> {
  if (given !== undefined)
    return isNewRunId(given)
      ? ok(given)
      : operationFault("ARGUMENT_MALFORMED", { reason: "run", path: given });
  const redone = /^(.+)\.revert(?:-\d+)?$/.exec(runId)?.[1];
  const undone = /^(.+)\.redo(?:-\d+)?$/.exec(runId)?.[1];
  const base = redone === undefined ? `${undone ?? runId}.revert` : `${redone}.redo`;
  for (let number = 1; number <= MOST_NUMBERS; number++) {
    const id = number === 1 ? base : `${base}-${number}`;
    if (!isRunId(id)) break;
    if (!runs.has(id) && !runs.has(`${id}.before`)) return ok(id);
  }
  return operationFault("ARGUMENT_MALFORMED", { reason: "run", path: base });
}
