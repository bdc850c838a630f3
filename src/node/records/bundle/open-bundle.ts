/**
 * Opening a run directory without trusting it: bounded reads, no links, no FIFOs (PROTOCOL 8, phases 1, 2, 8).
 *
 * @module
 */

import type { Dirent } from "node:fs";
import { basename, resolve } from "node:path";
import {
  type ArtifactName,
  type ArtifactReading,
  bundleFileLimit,
  COUNTERSIGNATURES_NAME,
  type CountersignaturesReading,
  DEFAULT_LIMITS,
  eachArtifact,
  FORBIDDEN_NAMES,
  isArtifactName,
  isConfusableName,
  type Limits,
  MAX_COUNTERSIGNATURES_BYTES,
  MAX_OUTPUTS_ROOT_BYTES,
  MAX_TIMESTAMPS_BYTES,
  type OpenedBundle,
  OUTPUT_TREE_NAME,
  OUTPUTS_ROOT_NAME,
  ok,
  type Result,
  resemblesForbiddenName,
  TIMESTAMPS_NAME,
  type TimestampsReading,
} from "../../../core/internal.ts";
import { AnchoredDir } from "../../system/files/anchored-dir.ts";
import { type FileSystem, nodeFileSystem, OPEN_SOURCE } from "../../system/files/file-system.ts";
import { acceptRegularFile, readRegularFile, readSeenFile } from "../../system/files/read-source.ts";
import { makeReadBuffer } from "../../system/hashing/hash-file.ts";
import { publishCause } from "../../system/runtime/cause-channel.ts";
import { errnoOf, machineReason, reasonOf, unlessRefused } from "../../system/runtime/machine-reason.ts";
import { nodeCrypto } from "../../system/runtime/node-crypto.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";
import { isLinux } from "../../system/runtime/this-system.ts";

/** A tree of no more bytes is read with the artifacts. */
const SMALL_TREE_BYTES: number = 16 * 1024;

/** The run id: the last component of the path made absolute, links not followed (PROTOCOL 9). */
export function runIdOf(path: string): string {
  // On Linux, what is written last is that, unless it leads elsewhere; a chain has thousands.
  const last = path.slice(path.lastIndexOf("/") + 1);
  const isPlain = isLinux && last !== "" && last !== "." && last !== "..";
  return isPlain ? last : basename(resolve(path));
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
  const runId = runIdOf(path);
  const nothing = (): OpenedBundle => emptyBundle(runId);
  return inRunDirectory(path, fs, nothing, (dir) => readRunDirectory(dir, runId, limits, fs));
}

/** Reads one artifact of a run directory once more. Fails as `openBundle` does. */
export function readArtifact(
  path: string,
  name: ArtifactName,
  limits: Limits = DEFAULT_LIMITS,
  fs: FileSystem = nodeFileSystem,
): Result<ArtifactReading, OperationFault> {
  return inRunDirectory(path, fs, noArtifact, (dir) =>
    readRegularFile(dir, name, bundleFileLimit(name, limits), fs),
  );
}

/** Reads OUTPUTS_ROOT.json of a run directory. Fails as `openBundle` does. */
export function readOutputsRoot(
  path: string,
  fs: FileSystem = nodeFileSystem,
): Result<ArtifactReading, OperationFault> {
  return inRunDirectory(path, fs, noArtifact, (dir) =>
    readRegularFile(dir, OUTPUTS_ROOT_NAME, MAX_OUTPUTS_ROOT_BYTES, fs),
  );
}

/**
 * Reads OUTPUT_TREE.json of a run directory, found by lstat: a link is not a regular file, wherever it leads. Fails as
 * `openBundle` does.
 */
export function readOutputTree(
  path: string,
  limits: Limits = DEFAULT_LIMITS,
  fs: FileSystem = nodeFileSystem,
): Result<ArtifactReading, OperationFault> {
  return inRunDirectory(path, fs, noArtifact, (dir): ArtifactReading => {
    const stats = dir.lstat(OUTPUT_TREE_NAME);
    if (stats === undefined) return noArtifact();
    if (!stats.isFile()) return { kind: "not-a-regular-file" };
    return readSeenFile(dir.address(OUTPUT_TREE_NAME), limits.manifestBytes, fs);
  });
}

/**
 * The SHA-256 of an artifact in a run directory. `undefined` if it is not a regular file of so many bytes or can't be read:
 * the next reader of the artifact reports the reason.
 */
export function digestArtifact(
  path: string,
  name: ArtifactName,
  length: number,
  fs: FileSystem,
): Uint8Array | undefined {
  try {
    using dir = AnchoredDir.open(path, fs);
    return digestFile(dir.address(name), length, fs);
  } catch (thrown) {
    // Not published as a cause: the next reader of the artifact does that.
    if (errnoOf(thrown) === undefined) throw thrown;
    return undefined;
  }
}

function digestFile(address: string, length: number, fs: FileSystem): Uint8Array | undefined {
  // Only a regular file is opened (PROTOCOL 8, phase 2).
  if (fs.lstatSync(address, { throwIfNoEntry: false })?.isFile() !== true) return undefined;
  const opened = acceptRegularFile(fs.openSync(address, OPEN_SOURCE), fs);
  if (opened === undefined) return undefined;
  try {
    if (opened.before.size !== BigInt(length)) return undefined;
    const buffer = makeReadBuffer(length + 1);
    const digest = nodeCrypto.beginSha256();
    let bytes = 0;
    // Once more where all is there: what has grown since is longer than it should be.
    while (bytes <= length) {
      const count = fs.readSync(opened.fd, buffer, 0, buffer.length, null);
      if (count === 0) return bytes === length ? digest.end() : undefined;
      digest.add(buffer.subarray(0, count));
      bytes += count;
    }
    return undefined;
  } finally {
    fs.closeSync(opened.fd);
  }
}

function noArtifact(): ArtifactReading {
  return { kind: "missing" };
}

/** Reads something in a run directory; where there is none, there is nothing in it. */
function inRunDirectory<Reading>(
  path: string,
  fs: FileSystem,
  nothing: () => Reading,
  read: (dir: AnchoredDir) => Reading,
): Result<Reading, OperationFault> {
  try {
    using dir = openRunDirectory(path, fs);
    return ok(dir === undefined ? nothing() : read(dir));
  } catch (thrown) {
    return operationFault("READ_FAILED", { path, reason: reasonOf(thrown) });
  }
}

function openRunDirectory(path: string, fs: FileSystem): AnchoredDir | undefined {
  // The root of the file system has no last component, so it can't be a run (PROTOCOL 9: never empty).
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

/** A bundle without artifacts. */
export function emptyBundle(runId: string): OpenedBundle {
  return { runId, artifacts: eachArtifact(noArtifact), forbidden: [], confusable: [] };
}

function readRunDirectory(dir: AnchoredDir, runId: string, limits: Limits, fs: FileSystem): OpenedBundle {
  const names = listRunDirectory(dir, fs);
  const { confusable, hasTree, isCountersigned, isTimestamped, mayBeForbidden, regular } = names;
  const read = (name: string, limit: number): ArtifactReading =>
    regular.has(name) ? readSeenFile(dir.address(name), limit, fs) : readRegularFile(dir, name, limit, fs);
  return {
    runId,
    artifacts: eachArtifact((name) => read(name, bundleFileLimit(name, limits))),
    forbidden: mayBeForbidden ? FORBIDDEN_NAMES.filter((name) => dir.has(name)) : [],
    hasTree,
    smallTree: regular.has(OUTPUT_TREE_NAME) ? readSmallTree(dir, fs) : undefined,
    countersignatures: isCountersigned ? readCountersignatures(dir, fs) : noArtifact(),
    timestamps: isTimestamped ? readTimestampsFile(dir, fs) : noArtifact(),
    confusable,
  };
}

/** Reads COUNTERSIGNATURES.json as artifacts are read, but never fails: no verdict depends on it. */
export function readCountersignatures(dir: AnchoredDir, fs: FileSystem): CountersignaturesReading {
  return readUnjudged(dir, COUNTERSIGNATURES_NAME, MAX_COUNTERSIGNATURES_BYTES, fs);
}

/** The same for TIMESTAMPS.json. A link is not a regular file, wherever it leads: `timestamp` never writes one. */
function readTimestampsFile(dir: AnchoredDir, fs: FileSystem): TimestampsReading {
  const stats = dir.lstat(TIMESTAMPS_NAME);
  if (stats?.isFile() === false) return { kind: "not-a-regular-file" };
  return readUnjudged(dir, TIMESTAMPS_NAME, MAX_TIMESTAMPS_BYTES, fs);
}

function readUnjudged(
  dir: AnchoredDir,
  name: string,
  limit: number,
  fs: FileSystem,
): ArtifactReading | { readonly kind: "unreadable" } {
  try {
    return readRegularFile(dir, name, limit, fs);
  } catch (thrown) {
    if (machineReason(thrown) === undefined) throw thrown;
    publishCause(thrown);
    return { kind: "unreadable" };
  }
}

/**
 * Reads OUTPUT_TREE.json while the folder is open: to open it once more takes longer than to read a small file. Undefined where it is
 * large or can't be read: `readOutputTree` says why.
 */
function readSmallTree(dir: AnchoredDir, fs: FileSystem): ArtifactReading | undefined {
  const reading = unlessRefused(() => readSeenFile(dir.address(OUTPUT_TREE_NAME), SMALL_TREE_BYTES, fs));
  return reading?.kind === "bytes" ? reading : undefined;
}

/** What one reading of the names tells. */
interface RunDirectoryNames {
  /** Artifacts and trees that are regular files, as lstat would say. */
  readonly regular: ReadonlySet<string>;
  /** Whether there is a COUNTERSIGNATURES.json, of whatever kind. */
  readonly isCountersigned: boolean;
  /** Whether there is a TIMESTAMPS.json, of whatever kind. */
  readonly isTimestamped: boolean;
  /** Whether there is an OUTPUT_TREE.json, of whatever kind. */
  readonly hasTree: boolean;
  /** Whether it is worth asking for the forbidden names. */
  readonly mayBeForbidden: boolean;
  readonly confusable: readonly string[];
}

function listRunDirectory(dir: AnchoredDir, fs: FileSystem): RunDirectoryNames {
  const regular = new Set<string>();
  const confusable: string[] = [];
  let isCountersigned = false;
  let isTimestamped = false;
  let hasTree = false;
  // Elsewhere names are found under others than their own in more ways than by case.
  let mayBeForbidden = !isLinux;
  for (const entry of entriesOf(dir, fs)) {
    const { name } = entry;
    if (isArtifactName(name)) {
      if (entry.isFile()) regular.add(name);
    } else if (name === COUNTERSIGNATURES_NAME) isCountersigned = true;
    else if (name === TIMESTAMPS_NAME) isTimestamped = true;
    else if (name === OUTPUT_TREE_NAME) {
      hasTree = true;
      if (entry.isFile()) regular.add(name);
    } else if (isConfusableName(name)) confusable.push(name);
    mayBeForbidden ||= resemblesForbiddenName(name);
  }
  return { regular, isCountersigned, isTimestamped, hasTree, mayBeForbidden, confusable };
}

/** Bytes of a folder, as file systems count them, up to which its names are few. */
const SMALL_FOLDER: number = 16 * 1024;

/** The names in a folder. Those of a small one are read at once, which is twice as fast. */
function entriesOf(dir: AnchoredDir, fs: FileSystem): Iterable<Dirent> {
  const isSmall = fs.fstatSync(dir.fd).size <= SMALL_FOLDER;
  return isSmall ? fs.readdirSync(dir.self, { withFileTypes: true }) : dir.entries();
}
