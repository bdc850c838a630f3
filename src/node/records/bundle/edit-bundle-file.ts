/** Changes a file that is added to a bundle after it was sealed, such as COUNTERSIGNATURES.json. @module */

import { join } from "node:path";
import { type ArtifactReading, ok, type Result } from "../../../core/internal.ts";
import type { AnchoredDir } from "../../system/files/anchored-dir.ts";
import { FileEdit, type FoundFile } from "../../system/locks/file-edit.ts";
import { reasonOf } from "../../system/runtime/machine-reason.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";

/** Such a file is for every user to read, as the artifacts are. */
const NEW_FILE_MODE = 0o644;

/** Which file, and how large it may be. */
interface AddedFile {
  readonly name: string;
  readonly limit: number;
  readonly signal: AbortSignal | undefined;
}

/** What becomes of the file. */
interface Change<Value> {
  /** `undefined` leaves it as it is. */
  readonly bytes: Uint8Array | undefined;
  readonly value: Value;
}

/**
 * Replaces the file under its lock: of two processes that add to it at the same moment, neither loses what the other added. A link is
 * reported as such: it is not followed. Fails as `change` does, and with LOCKED, CHANGED_WHILE_READ, WRITE_FAILED or IN_DOUBT. Throws an
 * Interruption.
 */
export async function editBundleFile<Value>(
  bundle: string,
  { limit, name, signal }: AddedFile,
  change: (now: ArtifactReading, folder: AnchoredDir) => Result<Change<Value>, OperationFault>,
): Promise<Result<Value, OperationFault>> {
  try {
    const opened = await FileEdit.open(join(bundle, name), `${bundle}/${name}`, signal);
    if (!opened.ok) return opened;
    using edit = opened.value;
    const found = edit.read(limit);
    const changed = change(readingOf(found, limit), edit.folder);
    if (!changed.ok) return changed;
    const { bytes, value } = changed.value;
    if (bytes === undefined) return ok(value);
    edit.stage(bytes, found.kind === "file" ? found : { mode: NEW_FILE_MODE });
    const written = edit.commit(false);
    return written.ok ? ok(value) : written;
  } catch (thrown) {
    return operationFault("WRITE_FAILED", { path: bundle, reason: reasonOf(thrown) });
  }
}

function readingOf(found: FoundFile, limit: number): ArtifactReading {
  switch (found.kind) {
    case "missing":
      return found;
    case "file":
      return { kind: "bytes", bytes: found.bytes };
    case "not-a-file":
      return { kind: "not-a-regular-file" };
    case "too-large":
      return { kind: "too-large", limit };
  }
}
