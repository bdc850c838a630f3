/**
 * What a restore put into a folder, by its own result artifacts (PROTOCOL 13.6 and 13.8).
 *
 * @module
 */

import {
  DEFAULT_LIMITS,
  type HexDigest,
  parseRestoreRecord,
  RESULT_ARTIFACTS,
  type RestoredFile,
  type RestoreFault,
  type RestoreRecord,
  restoreFault,
} from "../../../core/internal.ts";
import type { AnchoredRoot } from "../../files/anchored-root.ts";
import type { FileSystem } from "../../files/file-system.ts";
import { isTaken, openSource, readUpTo } from "../../files/read-source.ts";
import { digestOf } from "../../runtime/node-crypto.ts";
import { beginReading, type Progress } from "../../runtime/progress.ts";
import { isLawful } from "../journal/journal.ts";
import { below } from "../journal/places.ts";

/** One file that was restored. */
export interface PlacedFile extends RestoredFile {
  /** Relative to the folder, as in the manifest. */
  readonly path: string;
  /** Its real path: links on the way are followed as the restore followed them. */
  readonly place: string;
}

/** Everything that one restore put there. */
export interface Restored {
  readonly outputs: readonly PlacedFile[];
  /** The outputs and the result artifacts. */
  readonly files: readonly PlacedFile[];
  readonly bundleRoots: readonly HexDigest[];
}

const [MANIFEST, REPORT] = RESULT_ARTIFACTS;

/**
 * Finds the restore whose result artifacts are in a folder, or the chain whose runs are. Fails with
 * UNDO_MANIFEST_MISSING, UNDO_MANIFEST_MALFORMED or UNDO_AMBIGUOUS. Throws what the system says.
 */
export function findRestored(
  root: AnchoredRoot,
  progress: Progress | undefined,
  fs: FileSystem,
): Restored | RestoreFault {
  const single = readRecord(root, "", progress, fs);
  if (single !== undefined) return "code" in single ? single : listFiles(root, [single]);
  const runs: FoundRecord[] = [];
  for (const name of fs.readdirSync(root.dir.self).sort()) {
    if (!isRunFolder(root, name, fs)) continue;
    const found = readRecord(root, name, progress, fs);
    if (found === undefined) continue;
    if ("code" in found) return found;
    if (found.record.chainRoot !== undefined) runs.push(found);
  }
  if (runs.length === 0) return restoreFault("PREFLIGHT", "UNDO_MANIFEST_MISSING");
  const chains = new Set(runs.map(({ record }) => record.chainRoot));
  return chains.size > 1 ? restoreFault("PREFLIGHT", "UNDO_AMBIGUOUS") : listFiles(root, runs);
}

/** Whether a restore can have made this for a run: a link to a run's folder would be the same run twice. */
function isRunFolder(root: AnchoredRoot, name: string, fs: FileSystem): boolean {
  if (!isLawful(name)) return false;
  return fs.lstatSync(root.dir.address(name), { throwIfNoEntry: false })?.isDirectory() === true;
}

/** The record in one folder, and the artifacts that hold it. */
interface FoundRecord {
  readonly folder: string;
  readonly record: RestoreRecord;
  readonly artifacts: readonly RestoredFile[];
}

/** Reads the result artifacts of a folder; `undefined` if both are missing. One without the other is a fault. */
function readRecord(
  root: AnchoredRoot,
  folder: string,
  progress: Progress | undefined,
  fs: FileSystem,
): FoundRecord | RestoreFault | undefined {
  const [manifestPath, reportPath] = [below(folder, MANIFEST), below(folder, REPORT)];
  const [manifest, report] = [read(root, manifestPath, fs), read(root, reportPath, fs)];
  if (manifest.kind === "missing" && report.kind === "missing") return undefined;
  if (manifest.kind === "missing") return missing(manifestPath);
  if (report.kind === "missing") return missing(reportPath);
  if (manifest.kind === "unfit") return malformed(manifestPath);
  if (report.kind === "unfit") return malformed(reportPath);
  beginReading(progress, manifest.bytes.length);
  const record = parseRestoreRecord(manifest.bytes, report.bytes);
  if (record === undefined) return malformed(manifestPath);
  const artifacts = [
    { path: MANIFEST, digest: digestOf(manifest.bytes), bytes: manifest.bytes.length },
    { path: REPORT, digest: digestOf(report.bytes), bytes: report.bytes.length },
  ];
  return { folder, record, artifacts };
}

function listFiles(root: AnchoredRoot, runs: readonly FoundRecord[]): Restored {
  const place = (folder: string, file: RestoredFile): PlacedFile => {
    const path = below(folder, file.path);
    const location = root.locate(path);
    // If a folder was removed, only the path is known.
    return { ...file, path, place: location.kind === "entry" ? location.real : path };
  };
  const outputs = runs.flatMap(({ folder, record }) => record.files.map((file) => place(folder, file)));
  const artifacts = runs.flatMap((run) => run.artifacts.map((file) => place(run.folder, file)));
  return {
    outputs,
    files: [...outputs, ...artifacts],
    bundleRoots: runs.map(({ record }) => record.bundleRoot),
  };
}

/** What has an artifact's name; `unfit` is anything but a small regular file. */
type Reading =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | { readonly kind: "missing" }
  | { readonly kind: "unfit" };

/** Reads an artifact. Throws what the system says. */
function read(root: AnchoredRoot, path: string, fs: FileSystem): Reading {
  const source = openSource(root, path, fs);
  if (source === undefined) return { kind: isTaken(root, path) ? "unfit" : "missing" };
  try {
    if (source.before.size > BigInt(DEFAULT_LIMITS.manifestBytes)) return { kind: "unfit" };
    return { kind: "bytes", bytes: readUpTo(source.fd, Number(source.before.size), fs) };
  } finally {
    fs.closeSync(source.fd);
  }
}

function missing(path: string): RestoreFault {
  return restoreFault("PREFLIGHT", "UNDO_MANIFEST_MISSING", { path });
}

function malformed(path: string): RestoreFault {
  return restoreFault("PREFLIGHT", "UNDO_MANIFEST_MALFORMED", { path });
}
