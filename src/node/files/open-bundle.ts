/**
 * Opening a run directory without trusting it: bounded reads, no links, no FIFOs (PROTOCOL 8, phases 1, 2, 8).
 *
 * @module
 */

import { opendirSync } from "node:fs";
import { basename, resolve } from "node:path";
import {
  ARTIFACT_NAMES,
  type ArtifactName,
  type ArtifactReading,
  COUNTERSIGNATURES_NAME,
  type CountersignaturesReading,
  DEFAULT_LIMITS,
  FORBIDDEN_NAMES,
  isConfusableName,
  type Limits,
  MAX_COUNTERSIGNATURES_BYTES,
  MAX_OUTPUTS_ROOT_BYTES,
  type OpenedBundle,
  OUTPUTS_ROOT_NAME,
  ok,
  type Result,
} from "../../core/index.ts";
import { publishCause } from "../cause-channel.ts";
import { type OperationFault, operationFault } from "../operation-fault.ts";
import { AnchoredDir } from "./anchored-dir.ts";
import { type FileSystem, nodeFileSystem, OPEN_SOURCE } from "./file-system.ts";
import { errnoOf, machineReason } from "./machine-reason.ts";

/** The run id: the last component of the path made absolute, links not followed (PROTOCOL 9). */
export function runIdOf(path: string): string {
  return basename(resolve(path));
}

/**
 * Reads the artifacts of a run directory into memory. The directory itself may be a link. One that isn't
 * there is a bundle without artifacts, which phase 1 rejects; READ_FAILED is for what can't be read.
 */
export function openBundle(
  path: string,
  limits: Limits = DEFAULT_LIMITS,
): Result<OpenedBundle, OperationFault> {
  const fs = nodeFileSystem;
  return inRunDirectory(path, fs, emptyBundle(path), (dir) =>
    readRunDirectory(dir, runIdOf(path), limits, fs),
  );
}

/** Reads one artifact of a run directory once more. Fails as `openBundle` does. */
export function readArtifact(
  path: string,
  name: ArtifactName,
  limits: Limits = DEFAULT_LIMITS,
  fs: FileSystem = nodeFileSystem,
): Result<ArtifactReading, OperationFault> {
  return inRunDirectory(path, fs, { kind: "missing" }, (dir) =>
    readRegularFile(dir, name, limitOf(name, limits), fs),
  );
}

/** Reads OUTPUTS_ROOT.json of a run directory. Fails as `openBundle` does. */
export function readOutputsRoot(
  path: string,
  fs: FileSystem = nodeFileSystem,
): Result<ArtifactReading, OperationFault> {
  return inRunDirectory(path, fs, { kind: "missing" }, (dir) =>
    readRegularFile(dir, OUTPUTS_ROOT_NAME, MAX_OUTPUTS_ROOT_BYTES, fs),
  );
}

/** Reads something in a run directory; where there is none, there is nothing in it. */
function inRunDirectory<Reading>(
  path: string,
  fs: FileSystem,
  nothing: Reading,
  read: (dir: AnchoredDir) => Reading,
): Result<Reading, OperationFault> {
  try {
    const dir = openRunDirectory(path, fs);
    if (dir === undefined) return ok(nothing);
    try {
      return ok(read(dir));
    } finally {
      dir.close();
    }
  } catch (thrown) {
    const reason = machineReason(thrown);
    if (reason === undefined) throw thrown;
    return operationFault("READ_FAILED", { path, reason });
  }
}

function openRunDirectory(path: string, fs: FileSystem): AnchoredDir | undefined {
  // The root of the file system has no last component, and so can be no run (PROTOCOL 9: never empty).
  if (runIdOf(path) === "") return undefined;
  try {
    return AnchoredDir.open(path, fs);
  } catch (thrown) {
    const errno = errnoOf(thrown);
    if (errno !== "ENOENT" && errno !== "ENOTDIR" && errno !== "ELOOP" && errno !== "ENAMETOOLONG")
      throw thrown;
    publishCause(thrown);
    return undefined;
  }
}

function emptyBundle(path: string): OpenedBundle {
  return {
    runId: runIdOf(path),
    artifacts: readEach(() => ({ kind: "missing" })),
    forbidden: [],
    confusable: [],
  };
}

function readRunDirectory(dir: AnchoredDir, runId: string, limits: Limits, fs: FileSystem): OpenedBundle {
  return {
    runId,
    artifacts: readEach((name) => readRegularFile(dir, name, limitOf(name, limits), fs)),
    forbidden: FORBIDDEN_NAMES.filter((name) => isThere(dir, name, fs)),
    countersignatures: readCountersignatures(dir, fs),
    confusable: listConfusable(dir),
  };
}

/** Reads COUNTERSIGNATURES.json as artifacts are read, but never fails: no verdict depends on it. */
export function readCountersignatures(dir: AnchoredDir, fs: FileSystem): CountersignaturesReading {
  try {
    return readRegularFile(dir, COUNTERSIGNATURES_NAME, MAX_COUNTERSIGNATURES_BYTES, fs);
  } catch (thrown) {
    if (machineReason(thrown) === undefined) throw thrown;
    publishCause(thrown);
    return { kind: "unreadable" };
  }
}

function readEach(read: (name: ArtifactName) => ArtifactReading): OpenedBundle["artifacts"] {
  return Object.fromEntries(ARTIFACT_NAMES.map((name) => [name, read(name)])) as OpenedBundle["artifacts"];
}

function limitOf(name: ArtifactName, limits: Limits): number {
  const growsWithFiles = name === "OUTPUT_HASHES.json" || name === "PROOF.json";
  return growsWithFiles ? limits.manifestBytes : limits.artifactBytes;
}

/** Reads a regular file in a folder, no more of it than the limit. Throws what the system says. */
export function readRegularFile(
  dir: AnchoredDir,
  name: string,
  limit: number,
  fs: FileSystem,
): ArtifactReading {
  const address = dir.address(name);
  const stats = lstat(address, fs);
  if (stats === undefined) return { kind: "missing" };
  // A link is not followed, but one that leads nowhere counts as missing: access(2) tells without opening.
  if (stats.isSymbolicLink())
    return leadsNowhere(address, fs) ? { kind: "missing" } : { kind: "not-a-regular-file" };
  if (!stats.isFile()) return { kind: "not-a-regular-file" };
  if (stats.size > BigInt(limit)) return { kind: "too-large", limit };
  const fd = fs.openSync(address, OPEN_SOURCE);
  try {
    // What lstat saw may have been swapped for something else since.
    if (!fs.fstatSync(fd, { bigint: true }).isFile()) return { kind: "not-a-regular-file" };
    const bytes = readAtMost(fd, Number(stats.size), limit, fs);
    return bytes === undefined ? { kind: "too-large", limit } : { kind: "bytes", bytes };
  } finally {
    fs.closeSync(fd);
  }
}

/** Reads a file to its end, or `undefined` where it is longer than the limit. `expected` sizes the first buffer. */
function readAtMost(fd: number, expected: number, limit: number, fs: FileSystem): Uint8Array | undefined {
  let buffer = new Uint8Array(expected + 1);
  let length = 0;
  for (;;) {
    const count = fs.readSync(fd, buffer, length, buffer.length - length, null);
    if (count === 0) return buffer.subarray(0, length);
    length += count;
    if (length > limit) return undefined;
    if (length === buffer.length) {
      const larger = new Uint8Array(Math.min(buffer.length * 2, limit + 1));
      larger.set(buffer);
      buffer = larger;
    }
  }
}

function leadsNowhere(address: string, fs: FileSystem): boolean {
  try {
    fs.accessSync(address);
    return false;
  } catch (thrown) {
    const errno = errnoOf(thrown);
    if (errno === "ENOENT" || errno === "ENOTDIR" || errno === "ELOOP") return true;
    if (errno === "EACCES") return false;
    throw thrown;
  }
}

function isThere(dir: AnchoredDir, name: string, fs: FileSystem): boolean {
  return lstat(dir.address(name), fs) !== undefined;
}

function lstat(address: string, fs: FileSystem): import("node:fs").BigIntStats | undefined {
  return fs.lstatSync(address, { bigint: true, throwIfNoEntry: false });
}

/** Streams the names, so that a folder of a million entries costs no memory. */
function listConfusable(dir: AnchoredDir): readonly string[] {
  const names: string[] = [];
  const entries = opendirSync(dir.self);
  try {
    for (let entry = entries.readSync(); entry !== null; entry = entries.readSync()) {
      if (isConfusableName(entry.name)) names.push(entry.name);
    }
  } finally {
    entries.closeSync();
  }
  return names;
}
