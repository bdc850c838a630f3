/**
 * Reads the folder of an unsigned bundle without trusting it: each artifact once, by descriptor, bounded; no link is followed in it.
 *
 * @module
 */

import {
  type ArtifactReading,
  bundleFileLimit,
  DEFAULT_LIMITS,
  type OpenedUnsigned,
  OUTPUT_TREE_NAME,
  ok,
  type Result,
  readUnsigned,
  UNSIGNED_NAMES,
  type UnsignedBundle,
  type UnsignedFault,
} from "../../../core/internal.ts";
import { verifyContext } from "../../records/bundle/verify-context.ts";
import { OWN_FOLDER, UNSIGNED_NAME, unsignedFolderOf } from "../../records/project/project-names.ts";
import { AnchoredDir } from "../../system/files/anchored-dir.ts";
import type { AnchoredRoot } from "../../system/files/anchored-root.ts";
import { nodeFileSystem as fs } from "../../system/files/file-system.ts";
import type { FileIdentity } from "../../system/files/made-entry.ts";
import { readRegularFile } from "../../system/files/read-source.ts";
import { errnoOf, reasonOf } from "../../system/runtime/machine-reason.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";

/** Which unsigned bundle. */
export type UnsignedPlace =
  /** One of the signer's project. */
  | { readonly kind: "id"; readonly runId: string }
  /** A folder that the caller named: a link to it is followed. */
  | { readonly kind: "folder"; readonly path: string };

/** An unsigned bundle as it was read. */
export interface ReadUnsigned {
  readonly unsigned: UnsignedBundle;
  readonly folder: FileIdentity;
}

/** The errors of open(2) for a name that does not lead to a folder. */
const NO_FOLDER = ["ENOENT", "ENOTDIR", "ELOOP", "ENAMETOOLONG"];

/** Entries that are listed: a folder of more is refused for one of them. */
const MOST_ENTRIES = 64;

/**
 * Reads an unsigned bundle of the project at `root`, or of any folder: each file when it is judged, so the first fault in that order
 * counts. Fails with RUN_NOT_FOUND, READ_FAILED, or as `readUnsigned` does.
 */
export function readUnsignedFolder(
  root: AnchoredRoot,
  rootPath: string,
  place: UnsignedPlace,
): Result<ReadUnsigned, OperationFault> {
  const shown = place.kind === "id" ? `${unsignedFolderOf(rootPath)}/${place.runId}` : place.path;
  try {
    using dir = openFolder(root, place);
    const { dev, ino } = fs.fstatSync(dir.fd, { bigint: true });
    const read = readUnsigned(openUnsignedIn(dir), verifyContext());
    if (!read.ok) return unsignedFaultOf(read, shown);
    const unsigned = read.value;
    // The folder's name is what a user chose to sign.
    if (place.kind === "id" && place.runId !== unsigned.runId)
      return operationFault("UNSIGNED_INVALID", {
        reason: "mismatch",
        path: shown,
        artifact: "STATUS.json",
        field: "run_id",
      });
    return ok({ unsigned, folder: { dev, ino } });
  } catch (thrown) {
    const reason = reasonOf(thrown);
    return NO_FOLDER.includes(errnoOf(thrown) ?? "")
      ? operationFault("RUN_NOT_FOUND", { reason: "unsigned", path: shown })
      : operationFault("READ_FAILED", { path: shown, reason });
  }
}

function openFolder(root: AnchoredRoot, place: UnsignedPlace): AnchoredDir {
  if (place.kind === "folder") return AnchoredDir.open(place.path);
  using own = root.dir.enter(OWN_FOLDER);
  using unsigned = own.enter(UNSIGNED_NAME);
  return unsigned.enter(place.runId);
}

function openUnsignedIn(dir: AnchoredDir): OpenedUnsigned {
  const known: readonly string[] = [...UNSIGNED_NAMES, OUTPUT_TREE_NAME];
  const others: string[] = [];
  for (const { name } of dir.entries()) {
    if (!known.includes(name)) others.push(name);
    if (others.length === MOST_ENTRIES) break;
  }
  return { read: (name) => readPlain(dir, name), others };
}

/** A link counts as something else than a file, wherever it leads, and is not followed. */
function readPlain(dir: AnchoredDir, name: string): ArtifactReading {
  const stats = dir.lstat(name);
  if (stats === undefined) return { kind: "missing" };
  if (!stats.isFile()) return { kind: "not-a-regular-file" };
  return readRegularFile(dir, name, bundleFileLimit(name, DEFAULT_LIMITS), fs);
}

function unsignedFaultOf({ artifact, code, field, reason }: UnsignedFault, path: string): OperationFault {
  return operationFault(code, { reason, path, artifact, field });
}
