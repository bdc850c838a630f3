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
  MAX_TIMESTAMPS_BYTES,
  type OpenedBundle,
  OUTPUT_TREE_NAME,
  ok,
  type Result,
  resemblesForbiddenName,
  TIMESTAMPS_NAME,
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

/** Reads one file of a run directory: an artifact once more, or OUTPUTS_ROOT.json. Fails as `openBundle` does. */
export function readArtifact(
  path: string,
  name: string,
  limits: Limits = DEFAULT_LIMITS,
  fs: FileSystem = nodeFileSystem,
): Result<ArtifactReading, OperationFault> {
  return inRunDirectory(path, fs, noArtifact, (dir) =>
    readRegularFile(dir, name, bundleFileLimit(name, limits), fs),
  );
}

/** Reads OUTPUT_TREE.json of a run directory. Fails as `openBundle` does. */
export function readOutputTree(
  path: string,
  limits: Limits = DEFAULT_LIMITS,
  fs: FileSystem = nodeFileSystem,
): Result<ArtifactReading, OperationFault> {
  return inRunDirectory(path, fs, noArtifact, (dir) =>
    readUnlinked(dir, OUTPUT_TREE_NAME, limits.manifestBytes, fs),
  );
}

/** Reads a file that no seal and no `timestamp` writes as a link: one is not a regular file, wherever it leads. */
function readUnlinked(dir: AnchoredDir, name: string, limit: number, fs: FileSystem): ArtifactReading {
  const stats = dir.lstat(name);
  if (stats === undefined) return noArtifact();
  return stats.isFile() ? readSeenFile(dir.address(name), limit, fs) : { kind: "not-a-regular-file" };
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
  const { beside, confusable, mayBeForbidden, regular } = listRunDirectory(dir, fs);
  const read = (name: string, limit: number): ArtifactReading =>
    regular.has(name) ? readSeenFile(dir.address(name), limit, fs) : readRegularFile(dir, name, limit, fs);
  return {
    runId,
    artifacts: eachArtifact((name) => read(name, bundleFileLimit(name, limits))),
    forbidden: mayBeForbidden ? FORBIDDEN_NAMES.filter((name) => dir.has(name)) : [],
    hasTree: beside.has(OUTPUT_TREE_NAME),
    smallTree: regular.has(OUTPUT_TREE_NAME) ? readSmallTree(dir, fs) : undefined,
    countersignatures: beside.has(COUNTERSIGNATURES_NAME) ? readCountersignatures(dir, fs) : noArtifact(),
    timestamps: beside.has(TIMESTAMPS_NAME)
      ? readUnjudged(() => readUnlinked(dir, TIMESTAMPS_NAME, MAX_TIMESTAMPS_BYTES, fs))
      : noArtifact(),
    confusable,
  };
}

/** Reads COUNTERSIGNATURES.json as artifacts are read, but never fails: no verdict depends on it. */
export function readCountersignatures(dir: AnchoredDir, fs: FileSystem): CountersignaturesReading {
  return readUnjudged(() => readRegularFile(dir, COUNTERSIGNATURES_NAME, MAX_COUNTERSIGNATURES_BYTES, fs));
}

function readUnjudged(read: () => ArtifactReading): ArtifactReading | { readonly kind: "unreadable" } {
  try {
    return read();
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
  /** What there is of `BESIDE`, of whatever kind. */
  readonly beside: ReadonlySet<string>;
  /** Whether it is worth asking for the forbidden names. */
  readonly mayBeForbidden: boolean;
  readonly confusable: readonly string[];
}

/** Files of a bundle beside its artifacts. */
const BESIDE: readonly string[] = [COUNTERSIGNATURES_NAME, OUTPUT_TREE_NAME, TIMESTAMPS_NAME];

function listRunDirectory(dir: AnchoredDir, fs: FileSystem): RunDirectoryNames {
  const regular = new Set<string>();
  const confusable: string[] = [];
  const beside = new Set<string>();
  // Elsewhere names are found under others than their own in more ways than by case.
  let mayBeForbidden = !isLinux;
  for (const entry of entriesOf(dir, fs)) {
    const { name } = entry;
    if (BESIDE.includes(name)) beside.add(name);
    if (isArtifactName(name) || name === OUTPUT_TREE_NAME) {
      if (entry.isFile()) regular.add(name);
    } else if (isConfusableName(name)) confusable.push(name);
    mayBeForbidden ||= resemblesForbiddenName(name);
  }
  return { regular, beside, mayBeForbidden, confusable };
}

/** Bytes of a folder, as file systems count them, up to which its names are few. */
const SMALL_FOLDER: number = 16 * 1024;

/** The names in a folder. Those of a small one are read at once, which is twice as fast. */
function entriesOf(dir: AnchoredDir, fs: FileSystem): Iterable<Dirent> {
  const isSmall = fs.fstatSync(dir.fd).size <= SMALL_FOLDER;
  return isSmall ? fs.readdirSync(dir.self, { withFileTypes: true }) : dir.entries();
}
