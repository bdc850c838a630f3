/**
 * The page that verifies a run in a browser: one HTML file, which the build makes from `web/`.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { ok, type Result } from "../../core/internal.ts";
import { createFile, syncFolderOf } from "../files/durable-file.ts";
import { reasonOf } from "../runtime/machine-reason.ts";
import { type OperationFault, operationFault } from "../runtime/operation-fault.ts";

/** Reads the page from the package. Throws what the system says: an installation without it is broken. */
export function readVerifyPage(): Uint8Array {
  return readFileSync(fileURLToPath(new URL("../../page/verify.html", import.meta.url)));
}

/** Writes the page, never over anything. Fails with WRITE_FAILED. */
export function writeVerifyPage(path: string, page: Uint8Array): Result<undefined, OperationFault> {
  try {
    createFile(path, page, 0o644);
    syncFolderOf(path);
    return ok(undefined);
  } catch (thrown) {
    return operationFault("WRITE_FAILED", { path, reason: reasonOf(thrown) });
  }
}
