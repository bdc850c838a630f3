/**
 * What a restore put into a folder, as its own result artifacts tell (PROTOCOL 13.6 and 13.8).
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
} from "../../core/index.ts";
import type { AnchoredRoot } from "../files/anchored-root.ts";
import type { FileSystem } from "../files/file-system.ts";
import { openSource } from "../files/read-source.ts";
import { digestOf } from "../node-crypto.ts";

/** One file that was restored. */
export interface PlacedFile extends RestoredFile {
  /** Relative to the folder, as the manifest tells. */
  readonly path: string;
  /** Where that really is: links on the way followed as the restore followed them. */
  readonly place: string;
}

/** All that one restore put there. */
export interface Restored {
  readonly outputs: readonly PlacedFile[];
  /** The outputs and the result artifacts. */
  readonly files: readonly PlacedFile[];
  readonly bundleRoots: readonly HexDigest[];
}

const [MANIFEST, REPORT] = RESULT_ARTIFACTS;

/**
 * Finds the restore whose result artifacts stand in a folder, or the chain whose runs do. Fails with
 * UNDO_MANIFEST_MISSING, UNDO_MANIFEST_MALFORMED or UNDO_AMBIGUOUS. Throws what the system says.
 */
export function findRestored(root: AnchoredRoot, fs: FileSystem): Restored | RestoreFault {
  const single = readRecord(root, "", fs);
  if (single !== undefined) return "code" in single ? single : listFiles(root, [single]);
  const runs: FoundRecord[] = [];
  for (const name of fs.readdirSync(root.dir.self).sort()) {
    const found = readRecord(root, name, fs);
    if (found === undefined) continue;
    if ("code" in found) return found;
    if (found.record.chainRoot !== undefined) runs.push(found);
  }
  if (runs.length === 0) return restoreFault("PREFLIGHT", "UNDO_MANIFEST_MISSING");
  const chains = new Set(runs.map(({ record }) => record.chainRoot));
  return chains.size > 1 ? restoreFault("PREFLIGHT", "UNDO_AMBIGUOUS") : listFiles(root, runs);
}

/** The record in one folder, and the artifacts that hold it. */
interface FoundRecord {
  readonly folder: string;
  readonly record: RestoreRecord;
  readonly artifacts: readonly RestoredFile[];
}

/** Reads the result artifacts of a folder; `undefined` where one of them is not there. */
function readRecord(
  root: AnchoredRoot,
  folder: string,
  fs: FileSystem,
): FoundRecord | RestoreFault | undefined {
  const manifest = read(root, below(folder, MANIFEST), fs);
  const report = read(root, below(folder, REPORT), fs);
  if (manifest === undefined || report === undefined) return undefined;
  const record = parseRestoreRecord(manifest, report);
  if (record === undefined) {
    return restoreFault("PREFLIGHT", "UNDO_MANIFEST_MALFORMED", { path: below(folder, MANIFEST) });
  }
  const artifacts = [
    { path: MANIFEST, digest: digestOf(manifest), bytes: manifest.length },
    { path: REPORT, digest: digestOf(report), bytes: report.length },
  ];
  return { folder, record, artifacts };
}

function listFiles(root: AnchoredRoot, runs: readonly FoundRecord[]): Restored {
  const place = (folder: string, file: RestoredFile): PlacedFile => {
    const path = below(folder, file.path);
    const location = root.locate(path);
    // Where a folder is gone, the path is what there is to tell of it.
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

/** Reads a small regular file, or `undefined` where there is none. Throws what the system says. */
function read(root: AnchoredRoot, path: string, fs: FileSystem): Uint8Array | undefined {
  const source = openSource(root, path, fs);
  if (source === undefined) return undefined;
  try {
    if (source.before.size > BigInt(DEFAULT_LIMITS.manifestBytes)) return undefined;
    const bytes = new Uint8Array(Number(source.before.size));
    let length = 0;
    while (length < bytes.length) {
      const count = fs.readSync(source.fd, bytes, length, bytes.length - length, null);
      if (count === 0) break;
      length += count;
    }
    return bytes.subarray(0, length);
  } finally {
    fs.closeSync(source.fd);
  }
}

function below(folder: string, name: string): string {
  return folder === "" ? name : `${folder}/${name}`;
}
