/**
 * Files below a root that evidence says nothing of: `check --exact`.
 *
 * @module
 */

import type { IsPassedOver, OutputTable, Result } from "../../../core/internal.ts";
import { compareUtf8, ok } from "../../../core/internal.ts";
import { OWN_FOLDER } from "../../records/project/project-names.ts";
import { openRoot } from "../../system/files/anchored-root.ts";
import { walkTree } from "../../system/files/walk-tree.ts";
import { breatheAlong } from "../../system/runtime/interruption.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";

/** What to look for. */
export interface ExtrasRequest {
  readonly root: string;
  readonly files: OutputTable;
  /** Paths below the root that are the evidence itself. */
  readonly own: ReadonlySet<string>;
  /** Paths that the signer left out, each with everything below it. */
  readonly ignored: readonly string[];
  /** What the caller ignores. */
  readonly isPassedOver: IsPassedOver;
  readonly signal?: AbortSignal | undefined;
}

/** Something that is there and was not signed. */
export interface Extra {
  readonly path: string;
  readonly kind: "file" | "link" | "fifo" | "socket" | "device";
}

/**
 * Lists files, links and special files of other paths than the signed ones, in byte order of path. Empty folders do not count.
 * Fails as `openRoot` does, or with READ_FAILED for a folder that can't be read. Throws an Interruption.
 */
export async function findExtraFiles(
  request: ExtrasRequest,
): Promise<Result<readonly Extra[], OperationFault>> {
  const { files, ignored, isPassedOver, own, signal } = request;
  const opened = openRoot(request.root);
  if (!opened.ok) return opened;
  using root = opened.value;
  const leftOut = new Set(ignored.map(withoutEnds));
  const passOver = (name: string, path: string, isFolder: boolean): boolean => {
    if (path === OWN_FOLDER && isFolder) return true;
    if (!isFolder && own.has(path)) return true;
    // A signed file stays one, whatever a pattern says: it was hashed already.
    if (!isFolder && files.has(path)) return true;
    return leftOut.has(path) || isPassedOver(path, name, isFolder);
  };
  const listing = await breatheAlong(walkTree(root, [[]], passOver), signal);
  const [closed] = listing.closed;
  if (closed !== undefined)
    return operationFault("READ_FAILED", { path: closed.path, reason: closed.reason });
  const extras: Extra[] = listing.files.map((path) => ({ path, kind: "file" }));
  for (const { kind, path } of listing.special) extras.push({ path, kind: extraKind(kind) });
  return ok(extras.sort((left, right) => compareUtf8(left.path, right.path)));
}

/** Without `./` at the start and slashes at the end. In linear time: the paths are another's. */
function withoutEnds(path: string): string {
  const start = path.startsWith("./") ? 2 : 0;
  let end = path.length;
  while (end > start && path[end - 1] === "/") end--;
  return path.slice(start, end);
}

/** A name that is not UTF-8, or of a kind that the system does not tell, counts as a file. */
function extraKind(kind: string): Extra["kind"] {
  if (kind === "fifo" || kind === "socket" || kind === "device") return kind;
  return kind === "link" || kind === "link-on-the-way" ? "link" : "file";
}
