/** Opening the folder that output paths are relative to. @module */

import { ok, type Result } from "../../core/internal.ts";
import { reasonOf } from "../runtime/machine-reason.ts";
import { type OperationFault, operationFault } from "../runtime/operation-fault.ts";
import { AnchoredRoot } from "./anchored-root.ts";

/** Opens a project root. Fails with ROOT_NOT_FOUND, or READ_FAILED if it exists but can't be opened. */
export function openRoot(path: string): Result<AnchoredRoot, OperationFault> {
  try {
    return ok(AnchoredRoot.open(path));
  } catch (thrown) {
    const reason = reasonOf(thrown);
    const absent = reason === "other" || reason === "not-a-folder";
    return absent
      ? operationFault("ROOT_NOT_FOUND", { path })
      : operationFault("READ_FAILED", { path, reason });
  }
}
