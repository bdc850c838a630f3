/**
 * `undo`: takes out of a folder exactly what a restore put there, if nothing of it has been changed since.
 *
 * It is a transaction too: each file gets a second name in a staging folder and is hashed by that name, so
 * that what was looked at is what goes; then a journal, and then the one function that undoes. Killed
 * before the journal is durable, nothing has gone; killed later, recovery goes on.
 *
 * @module
 */

import {
  type ChangedTarget,
  formatUtcSecond,
  type HexDigest,
  matchesDigest,
  type RestoreFault,
  restoreFault,
} from "../../core/index.ts";
import { publishCause } from "../cause-channel.ts";
import { canAnchor } from "../files/anchored-dir.ts";
import type { AnchoredRoot } from "../files/anchored-root.ts";
import { type FileSystem, nodeFileSystem, OPEN_SOURCE } from "../files/file-system.ts";
import { hashOpenFile, makeReadBuffer } from "../files/hash-file.ts";
import { errnoOf, machineReason } from "../files/machine-reason.ts";
import { acceptRegularFile } from "../files/read-source.ts";
import { driveSteps, Interruption, throwIfInterrupted } from "../interruption.ts";
import { nodeCrypto } from "../node-crypto.ts";
import { ExistingRoot } from "./existing-root.ts";
import type { RestoreOrigin } from "./journal.ts";
import { components, folderOf, nameOf } from "./places.ts";
import type { Recovery } from "./recover.ts";
import { recoverFirst } from "./recover-first.ts";
import { type RestoreFailure, refused, undone } from "./restore-outcome.ts";
import { findRestored, type Restored } from "./restored-files.ts";
import { stagedName } from "./settle.ts";
import { closeTarget, openTarget } from "./target-root.ts";

/** Which restore to undo. */
export interface UndoRequest {
  /** The folder that was restored into: an absolute path. */
  readonly target: string;
  /** Only check, and say what would be removed. */
  readonly dryRun?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** All that was restored is gone; or it would be, after a dry run. */
export interface UndoSuccess {
  readonly ok: true;
  /** Restored outputs, relative to the folder. */
  readonly paths: readonly string[];
  readonly bytes: number;
  readonly bundleRoots: readonly HexDigest[];
  /** Whether the staging folder is gone too; `runseal recover` removes what is left of it. */
  readonly isClean: boolean;
  /** Earlier restores into the same folder that were killed, and brought to an end before. */
  readonly recovered: readonly Recovery[];
}

/**
 * Undoes a restore. Fails with UNDO_MANIFEST_MISSING, UNDO_MANIFEST_MALFORMED, or UNDO_TARGET_CHANGED with all
 * that was changed in its details; then nothing was removed. Throws an Interruption when the signal fired
 * and nothing was removed.
 */
export async function undoRestore(
  request: UndoRequest,
  fs: FileSystem = nodeFileSystem,
): Promise<UndoSuccess | RestoreFailure> {
  if (!canAnchor()) {
    return refused(restoreFault("PREFLIGHT", "RESTORE_INTERNAL_ERROR", { reason: "unsupported-platform" }));
  }
  const target = openTarget(request.target, false, fs);
  if (!target.ok) return refused(target);
  try {
    if (target.value.kind !== "existing") throw new TypeError("a root that is to be made was not asked for");
    const { path, root } = target.value;
    const recovered = await recoverFirst(target.value, fs);
    if (!recovered.ok) return recovered;
    const outcome = await undoIn(root, path, request, fs);
    return { ...outcome, recovered: recovered.value };
  } finally {
    closeTarget(target.value);
  }
}

async function undoIn(
  root: AnchoredRoot,
  path: string,
  request: UndoRequest,
  fs: FileSystem,
): Promise<UndoSuccess | RestoreFailure> {
  let found: Restored | RestoreFault;
  try {
    found = findRestored(root, fs);
  } catch (thrown) {
    const reason = machineReason(thrown);
    if (reason === undefined) throw thrown;
    return refused(restoreFault("PREFLIGHT", "RESTORE_INTERNAL_ERROR", { reason }));
  }
  if ("code" in found) return refused(found);
  const origin = originOf(found);
  const entries = {
    all: found.files.map(({ path }) => ({ path, origin: new Uint8Array() })),
    passing: 0,
    artifacts: 0,
  };
  const transaction = new ExistingRoot(root, path, entries, origin, fs);
  try {
    return await takeOut(transaction, root, found, origin, request, fs);
  } finally {
    transaction.close();
  }
}

async function takeOut(
  transaction: ExistingRoot,
  root: AnchoredRoot,
  found: Restored,
  origin: RestoreOrigin,
  { dryRun, signal }: UndoRequest,
  fs: FileSystem,
): Promise<UndoSuccess | RestoreFailure> {
  let fault: RestoreFault | undefined;
  try {
    fault = (await transaction.begin()) ?? (await holdAll(transaction, root, found, signal, fs));
    if (fault === undefined && dryRun !== true) {
      const files = found.files.map((file) => file.place);
      fault = transaction.declare({ act: "undo", origin, folders: foldersOf(files), files, passing: 0 });
    }
  } catch (thrown) {
    if (thrown instanceof Interruption && transaction.settle().state === "nothing") throw thrown;
    fault = faultOf(thrown);
  }
  const settled = transaction.settle();
  const isOver = settled.state === "nothing";
  if (fault !== undefined) return undone(fault, isOver && settled.clean);
  if (!isOver) return undone(restoreFault("EXECUTE", "RESTORE_UNRESOLVED"), false);
  return {
    ok: true,
    paths: found.outputs.map((file) => file.path),
    bytes: found.outputs.reduce((sum, file) => sum + file.bytes, 0),
    bundleRoots: found.bundleRoots,
    isClean: settled.clean,
    recovered: [],
  };
}

function faultOf(thrown: unknown): RestoreFault {
  const reason = machineReason(thrown);
  if (reason === undefined) publishCause(thrown);
  return restoreFault("EXECUTE", "RESTORE_INTERNAL_ERROR", reason === undefined ? {} : { reason });
}

/** Gives each file a second name and hashes it by that: whoever swaps the first name swaps nothing for us. */
async function holdAll(
  transaction: ExistingRoot,
  root: AnchoredRoot,
  found: Restored,
  signal: AbortSignal | undefined,
  fs: FileSystem,
): Promise<RestoreFault | undefined> {
  const changed: ChangedTarget[] = [];
  const buffer = makeReadBuffer();
  for (const [index, { digest, path, place }] of found.files.entries()) {
    throwIfInterrupted(signal);
    const held = transaction.staging.address(stagedName(index));
    const obstacle = hold(transaction, root, place, index, fs);
    const opened = obstacle === undefined ? openHeld(held, fs) : undefined;
    if (opened === undefined) {
      changed.push({ path, change: obstacle ?? "other-type" });
      continue;
    }
    try {
      const finding = await driveSteps(hashOpenFile(opened, buffer, fs), signal);
      const isSame = finding.kind === "file" && matchesDigest(digest, finding.digest, nodeCrypto);
      if (!isSame) changed.push({ path, change: "other-bytes" });
    } finally {
      fs.closeSync(opened.fd);
    }
  }
  return changed.length === 0 ? undefined : restoreFault("PLAN", "UNDO_TARGET_CHANGED", { changed });
}

/** Gives a file a second name; what stands in its place instead is the obstacle. */
function hold(
  transaction: ExistingRoot,
  root: AnchoredRoot,
  place: string,
  index: number,
  fs: FileSystem,
): "missing" | "other-type" | undefined {
  try {
    const address = root.folder(components(folderOf(place))).address(nameOf(place));
    const found = fs.lstatSync(address, { throwIfNoEntry: false });
    if (found === undefined) return "missing";
    if (!found.isFile()) return "other-type";
    transaction.hold(index, address);
    return undefined;
  } catch (thrown) {
    const errno = errnoOf(thrown);
    if (errno === "ENOENT" || errno === "ENOTDIR" || errno === "ELOOP") return "missing";
    throw thrown;
  }
}

function openHeld(held: string, fs: FileSystem) {
  try {
    return acceptRegularFile(fs.openSync(held, OPEN_SOURCE), fs);
  } catch (thrown) {
    const errno = errnoOf(thrown);
    if (errno === "ELOOP" || errno === "ENXIO") return undefined;
    throw thrown;
  }
}

/** The folders on the way to some files, those above before those below: those that are left empty go too. */
function foldersOf(files: readonly string[]): readonly string[] {
  const folders = new Set<string>();
  for (const file of files) {
    const missing: string[] = [];
    for (let folder = folderOf(file); folder !== "" && !folders.has(folder); folder = folderOf(folder)) {
      missing.push(folder);
    }
    for (const folder of missing.reverse()) folders.add(folder);
  }
  return [...folders];
}

function originOf({ bundleRoots }: Restored): RestoreOrigin {
  const started = formatUtcSecond(Math.floor(Date.now() / 1000));
  return { started, runIds: [], bundleRoots, signers: [], name: undefined };
}
