/**
 * What tells where the history of a project begins and ends: the cut, HEAD, a seal that was cut off, and the head that this user's
 * machine remembers.
 *
 * @module
 */

import { CUT_FILE, type HistoryHeads, ok, type Result } from "../../../core/internal.ts";
import { type ProjectHead, readHead, readHeadFile } from "../../records/project/head-file.ts";
import { PENDING_NAME } from "../../records/project/move-head.ts";
import { lookIntoOwn } from "../../records/project/own-folder.ts";
import { memoryPlaceOf, readRememberedHead } from "../../records/project/remembered-head.ts";
import { readSignedFile } from "../../records/project/signed-files.ts";
import type { OperationFault } from "../../system/runtime/operation-fault.ts";
import type { Environment } from "../../system/runtime/user-home.ts";

/** Whose heads. */
export interface HeadsRequest {
  /** The project root. */
  readonly root: string;
  /** Says where the user's state is, and so which head was remembered. */
  readonly environment: Environment;
  /** Take what is remembered or pending and can't be understood for nothing: good enough to list runs. */
  readonly isLenient: boolean;
}

/**
 * Reads the heads. A malformed HEAD is reported as such. Fails with PATH_NOT_FOUND, with READ_FAILED where something can't
 * be read, or with HEAD_MALFORMED where what is remembered or pending is not what runseal writes.
 */
export function readHeads(request: HeadsRequest): Result<HistoryHeads, OperationFault> {
  const { environment, isLenient } = request;
  return lookIntoOwn<HistoryHeads>(request.root, ({ folder, root, shown }) => {
    const remembered = spare(readRememberedHead(memoryPlaceOf(environment, root)), isLenient);
    if (!remembered.ok) return remembered;
    if (folder === undefined)
      return ok({ head: "missing", remembered: remembered.value, pending: undefined });
    const pending = spare(readHeadFile(folder, PENDING_NAME, shown), isLenient);
    if (!pending.ok) return pending;
    const head = readHead(folder, shown);
    if (!head.ok && head.code !== "HEAD_MALFORMED") return head;
    return ok({
      head: head.ok ? (head.value ?? "missing") : "malformed",
      remembered: remembered.value,
      pending: pending.value,
      cut: readSignedFile(folder, CUT_FILE),
    });
  });
}

function spare(
  read: Result<ProjectHead | undefined, OperationFault>,
  isLenient: boolean,
): Result<ProjectHead | undefined, OperationFault> {
  return read.ok || !isLenient ? read : ok(undefined);
}
