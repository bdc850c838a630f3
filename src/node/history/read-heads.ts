/**
 * What tells where the line of a project ends.
 *
 * @module
 */

import { join } from "node:path";
import { type HistoryHeads, ok, type Result } from "../../core/index.ts";
import { AnchoredDir } from "../files/anchored-dir.ts";
import { errnoOf, machineReason } from "../files/machine-reason.ts";
import type { Environment } from "../keys/key-store.ts";
import { type OperationFault, operationFault } from "../operation-fault.ts";
import { readHead } from "../project/head.ts";
import { OWN_FOLDER } from "../seal/select-outputs.ts";

/** Reads the heads of a project. A malformed HEAD is told of as such; READ_FAILED is for one that can't be read. */
export function readHeads(root: string, _environment: Environment): Result<HistoryHeads, OperationFault> {
  const path = join(root, OWN_FOLDER);
  let folder: AnchoredDir;
  try {
    folder = AnchoredDir.open(path);
  } catch (thrown) {
    const reason = machineReason(thrown);
    if (reason === undefined) throw thrown;
    if (errnoOf(thrown) !== "ENOENT") return operationFault("READ_FAILED", { path, reason });
    return ok({ head: "missing", remembered: undefined, pending: undefined });
  }
  try {
    const head = readHead(folder, path);
    if (!head.ok && head.code !== "HEAD_MALFORMED") return head;
    return ok({
      head: head.ok ? (head.value ?? "missing") : "malformed",
      remembered: undefined,
      pending: undefined,
    });
  } finally {
    folder.close();
  }
}
