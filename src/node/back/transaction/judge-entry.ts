/**
 * Judges what is held or was set aside: it must be just what the plan expects, to the last byte. By its name in staging, which
 * nothing else leads to, so that the judged file is the one that goes.
 *
 * @module
 */

import type { StatsBase } from "node:fs";
import {
  type ChangedTarget,
  decodeUtf8,
  matchesDigest,
  type RestoreFault,
  type RestorePhase,
  restoreFault,
} from "../../../core/internal.ts";
import { type FileSystem, OPEN_SOURCE } from "../../system/files/file-system.ts";
import { acceptRegularFile } from "../../system/files/read-source.ts";
import { hashOpenFile } from "../../system/hashing/hash-file.ts";
import type { Steps } from "../../system/runtime/interruption.ts";
import { nodeCrypto } from "../../system/runtime/node-crypto.ts";
import { hasPermissions } from "./folder-access.ts";
import type { ExpectedEntry } from "./transaction-plan.ts";

/** How something differs from what the plan expects. */
export type Change = ChangedTarget["change"];

/** What is used for all files. */
export interface Judging {
  readonly buffer: Uint8Array;
  readonly fs: FileSystem;
}

/**
 * How what is at an address in staging differs from what is expected; `undefined` if it does not. Pauses within a large file.
 * Throws what the system says.
 */
export function* judgeEntry(
  address: string,
  expected: ExpectedEntry,
  judging: Judging,
): Steps<Change | undefined> {
  const { fs } = judging;
  const found = fs.lstatSync(address, { throwIfNoEntry: false });
  if (found === undefined) return "missing";
  if (expected.kind === "special") return isSpecial(found) ? undefined : "other-type";
  if (expected.kind === "link") {
    if (!found.isSymbolicLink()) return "other-type";
    const target = decodeUtf8(fs.readlinkSync(address, { encoding: "buffer" }));
    return target === expected.target ? undefined : "other-target";
  }
  // A link, a socket and a FIFO are not opened.
  if (!found.isFile()) return "other-type";
  if (expected.mode !== undefined && !hasPermissions(found.mode, expected.mode)) return "other-mode";
  const source = acceptRegularFile(fs.openSync(address, OPEN_SOURCE), fs);
  if (source === undefined) return "other-type";
  try {
    // Hashing a sparse file could take hours.
    if (source.before.size !== BigInt(expected.bytes)) return "other-bytes";
    const finding = yield* hashOpenFile(source, judging.buffer, fs);
    const isSame = finding.kind === "file" && matchesDigest(expected.digest, finding.digest, nodeCrypto);
    return isSame ? undefined : "other-bytes";
  } finally {
    fs.closeSync(source.fd);
  }
}

/** Whether something holds no bytes and is not a folder: a FIFO, a socket or a device. */
export function isSpecial(
  found: Pick<StatsBase<unknown>, "isDirectory" | "isFile" | "isSymbolicLink">,
): boolean {
  return !found.isDirectory() && !found.isFile() && !found.isSymbolicLink();
}

/** The fault for what other processes changed since the plan was made. */
export function changedFault(
  reason: "restored" | "run",
  phase: RestorePhase,
  changed: readonly ChangedTarget[],
): RestoreFault {
  return restoreFault(phase, "UNDO_TARGET_CHANGED", { reason, changed });
}
