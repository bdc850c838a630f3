/**
 * The folder of an OCI layout, held open.
 *
 *     oci-layout               the version
 *     index.json               manifests, and the tags that lead to them
 *     blobs/sha256/<hex>       manifests and blobs by their digest
 *     ingest/runseal-…         a blob that is being written
 *
 * https://github.com/opencontainers/image-spec/blob/v1.1.0/image-layout.md. The layout is a stranger's: no link in it is followed.
 *
 * @module
 */

import { join } from "node:path";
import {
  encodeEmptyIndex,
  encodeUtf8,
  type LayoutReference,
  ok,
  parseObject,
  type Result,
  repositoryText,
} from "../../../../core/internal.ts";
import { AnchoredDir } from "../../../system/files/anchored-dir.ts";
import { syncFolderOf } from "../../../system/files/durable-file.ts";
import { nodeFileSystem as fs } from "../../../system/files/file-system.ts";
import { makeFolder, openOrMakeFolders } from "../../../system/files/make-folders.ts";
import { createFile } from "../../../system/files/placed-file.ts";
import { readRegularFile } from "../../../system/files/read-source.ts";
import { errnoOf, reasonOf, tolerate, unlessErrno } from "../../../system/runtime/machine-reason.ts";
import { type OperationFault, operationFault } from "../../../system/runtime/operation-fault.ts";
import { malformed } from "../malformed.ts";

const VERSION_NAME = "oci-layout";

/** The name of the index. */
export const INDEX_NAME = "index.json";

const VERSION = "1.0.0";
const MAX_VERSION_BYTES = 4096;

/** Layouts are for others to read. */
const FILE_MODE = 0o644;
const FOLDER_MODE = 0o755;

/** What a layout has before it has its version, which is written last. */
const BEGUN: readonly string[] = [INDEX_NAME, "blobs", "ingest"];

/** The folder of a layout. Its owner disposes of it. */
export interface LayoutFolder extends Disposable {
  /** Where the index is, for an edit. */
  readonly indexPath: string;
  /** The layout as the caller gave it. */
  readonly reference: string;
  readonly root: AnchoredDir;
  /** `blobs/sha256`. */
  readonly blobs: AnchoredDir;
}

/**
 * Opens a layout. With `makes`, makes one where nothing is, or an empty folder. Fails with REGISTRY_NOT_FOUND, REGISTRY_MALFORMED,
 * READ_FAILED or, for a new one, WRITE_FAILED.
 */
export function openLayoutFolder(
  layout: LayoutReference,
  makes: boolean,
): Result<LayoutFolder, OperationFault> {
  const reference = repositoryText(layout);
  const indexPath = join(layout.path, INDEX_NAME);
  let root: AnchoredDir | undefined;
  let blobs: AnchoredDir | undefined;
  const close = (): void => {
    blobs?.close();
    root?.close();
  };
  try {
    root = makes ? openOrMakeFolders(layout.path, FOLDER_MODE) : AnchoredDir.open(layout.path);
    const checked = checkVersion(root, reference, makes);
    if (!checked.ok) return checked;
    blobs = enterBlobs(root);
    if (blobs === undefined) return malformed(reference, "blobs");
    return ok({ indexPath, reference, root, blobs, [Symbol.dispose]: close });
  } catch (thrown) {
    const isAbsent = ["ENOENT", "ENOTDIR"].includes(errnoOf(thrown) ?? "");
    const reason = reasonOf(thrown);
    if (isAbsent) return operationFault("REGISTRY_NOT_FOUND", { reason: "layout", reference });
    return operationFault(makes ? "WRITE_FAILED" : "READ_FAILED", { path: reference, reason });
  } finally {
    if (blobs === undefined) close();
  }
}

function checkVersion(
  root: AnchoredDir,
  reference: string,
  makes: boolean,
): Result<undefined, OperationFault> {
  const read = readRegularFile(root, VERSION_NAME, MAX_VERSION_BYTES, fs);
  if (read.kind === "missing") {
    if (!makes || !isEmpty(root))
      return operationFault("REGISTRY_NOT_FOUND", { reason: "layout", reference });
    makeLayout(root);
    return ok(undefined);
  }
  const object = read.kind === "bytes" ? parseObject(read.bytes) : undefined;
  const isKnown = object?.get("imageLayoutVersion") === VERSION;
  return isKnown ? ok(undefined) : malformed(reference, "version");
}

/** Whether nothing of others is in a folder. A layout that was begun by a killed command is made whole. */
function isEmpty(root: AnchoredDir): boolean {
  for (const { name } of root.entries()) if (!BEGUN.includes(name)) return false;
  return true;
}

/** Makes a layout without manifests. Another process may do the same at this moment. */
function makeLayout(root: AnchoredDir): void {
  makeFolder(root, "blobs", FOLDER_MODE);
  using blobs = root.enter("blobs");
  makeFolder(blobs, "sha256", FOLDER_MODE);
  syncFolderOf(blobs.address("sha256"));
  const files = [
    [INDEX_NAME, encodeEmptyIndex()],
    [VERSION_NAME, encodeUtf8(`{"imageLayoutVersion":"${VERSION}"}`)],
  ] as const;
  for (const [name, bytes] of files) {
    tolerate(["EEXIST"], () => createFile(root.address(name), bytes, FILE_MODE));
    syncFolderOf(root.address(name));
  }
}

/** `undefined` where it is a link, or not a folder. */
function enterBlobs(root: AnchoredDir): AnchoredDir | undefined {
  return unlessErrno(["ENOENT", "ENOTDIR", "ELOOP"], () => {
    using blobs = root.enter("blobs");
    return blobs.enter("sha256");
  });
}
