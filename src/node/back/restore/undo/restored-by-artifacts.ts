/**
 * What a restore put into a folder, by its own result artifacts (PROTOCOL 13.6 and 13.8).
 *
 * @module
 */

import {
  DEFAULT_LIMITS,
  type HexDigest,
  joinListings,
  type Listing,
  parseRestoredTree,
  parseRestoreRecord,
  RESTORE_TREE_NAME,
  RESULT_ARTIFACTS,
  type RestoredFile,
  type RestoredFiles,
  type RestoreFault,
  type RestoreRecord,
  restoreFault,
  type TreeLink,
} from "../../../../core/internal.ts";
import type { AnchoredRoot } from "../../../system/files/anchored-root.ts";
import type { FileSystem } from "../../../system/files/file-system.ts";
import { isTaken, openSource, readUpTo } from "../../../system/files/read-source.ts";
import { digestOf } from "../../../system/runtime/node-crypto.ts";
import { beginReading, type Progress } from "../../../system/runtime/progress.ts";
import { isLawful } from "../../transaction/journal/lawful-places.ts";
import { below } from "../../transaction/journal/places.ts";
import { findMoved, type PlacedFile, placeFiles } from "./placed-files.ts";

/** One link that was restored. No link is followed on the way to it. */
export interface PlacedLink extends TreeLink {
  readonly place: string;
}

/** Everything that one restore put there. */
export interface Restored {
  readonly outputs: Listing<PlacedFile>;
  /** The outputs and the result artifacts. */
  readonly files: Listing<PlacedFile>;
  readonly links: readonly PlacedLink[];
  /** Relative to the folder. */
  readonly emptyFolders: readonly string[];
  readonly bundleRoots: readonly HexDigest[];
}

const [MANIFEST, REPORT] = RESULT_ARTIFACTS;

/**
 * Finds the restore whose result artifacts are in a folder, or the chain whose runs are. Fails with
 * UNDO_LIST_INVALID. Throws what the system says.
 */
export function findRestored(
  root: AnchoredRoot,
  progress: Progress | undefined,
  fs: FileSystem,
): Restored | RestoreFault {
  const single = readRecord(root, "", progress, fs);
  if (single !== undefined) return "code" in single ? single : listFiles(root, [single]);
  const runs: FoundRecord[] = [];
  for (const name of root.dir.names().sort()) {
    if (!isRunFolder(root, name)) continue;
    const found = readRecord(root, name, progress, fs);
    if (found === undefined) continue;
    if ("code" in found) return found;
    if (found.record.chainRoot !== undefined) runs.push(found);
  }
  if (runs.length === 0) return invalid("missing");
  const chains = new Set(runs.map(({ record }) => record.chainRoot));
  return chains.size > 1 ? invalid("several") : listFiles(root, runs);
}

/** Whether a restore can have made this for a run: a link to a run's folder would be the same run twice. */
function isRunFolder(root: AnchoredRoot, name: string): boolean {
  if (!isLawful(name)) return false;
  return root.dir.lstat(name)?.isDirectory() === true;
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
  if (typeof manifest === "string" || typeof report === "string") {
    const whys = [manifest, report].map((read) => (typeof read === "string" ? read : undefined));
    if (whys.every((why) => why === "missing")) return undefined;
    const why = whys.includes("missing") ? "missing" : "form";
    return invalid(why, whys[0] === why ? manifestPath : reportPath);
  }
  beginReading(progress, manifest.length);
  const treePath = below(folder, RESTORE_TREE_NAME);
  const found = read(root, treePath, fs);
  if (typeof found === "string" && found === "form") return invalid("form", treePath);
  const tree = typeof found === "string" ? undefined : found;
  const record = readBeside(manifest, report, tree);
  if (record === undefined) return invalid("form", manifestPath);
  const artifacts = [artifact(MANIFEST, manifest), artifact(REPORT, report)];
  if (record.tree !== undefined && tree !== undefined) artifacts.unshift(artifact(RESTORE_TREE_NAME, tree));
  return { folder, record, artifacts };
}

function artifact(path: string, bytes: Uint8Array): RestoredFile {
  return { path, digest: digestOf(bytes), bytes: bytes.length };
}

/** A file RESTORE_TREE.json that the manifest lists is an output of a plain bundle, and no record. */
function readBeside(
  manifest: Uint8Array,
  report: Uint8Array,
  beside: Uint8Array | undefined,
): RestoreRecord | undefined {
  if (beside === undefined) return parseRestoreRecord(manifest, report);
  const tree = parseRestoredTree(beside);
  const record = tree && parseRestoreRecord(manifest, report, tree);
  if (record !== undefined) return record;
  const plain = parseRestoreRecord(manifest, report);
  return plain !== undefined && hasTreeName(plain.files) ? plain : undefined;
}

function hasTreeName(files: RestoredFiles): boolean {
  for (let index = 0; index < files.length; index++)
    if (files.pathAt(index) === RESTORE_TREE_NAME) return true;
  return false;
}

function listFiles(root: AnchoredRoot, runs: readonly FoundRecord[]): Restored {
  const placeAll = ({ folder, record }: FoundRecord, files: Listing<RestoredFile>): Listing<PlacedFile> =>
    // No link is followed on the way to a file of a tree.
    placeFiles(files, folder, record.tree === undefined ? findMoved(root, files, folder) : new Map());
  const outputs = joinListings(runs.map((run) => placeAll(run, run.record.files)));
  const artifacts = joinListings(runs.map((run) => placeAll(run, run.artifacts)));
  return {
    outputs,
    files: joinListings([outputs, artifacts]),
    links: runs.flatMap(({ folder, record }) =>
      Array.from(record.tree?.links ?? [], ({ path, target }) => {
        const place = below(folder, path);
        return { path: place, place, target };
      }),
    ),
    emptyFolders: runs.flatMap(({ folder, record }) =>
      Array.from(record.tree?.emptyFolders ?? [], (path) => below(folder, path)),
    ),
    bundleRoots: runs.map(({ record }) => record.bundleRoot),
  };
}

/** Reads an artifact; `form` is anything but a small regular file. Throws what the system says. */
function read(root: AnchoredRoot, path: string, fs: FileSystem): Uint8Array | "missing" | "form" {
  const source = openSource(root, path, fs);
  if (source === undefined) return isTaken(root, path) ? "form" : "missing";
  try {
    if (source.before.size > BigInt(DEFAULT_LIMITS.manifestBytes)) return "form";
    return readUpTo(source.fd, Number(source.before.size), fs);
  } finally {
    fs.closeSync(source.fd);
  }
}

function invalid(reason: "form" | "missing" | "several", path?: string): RestoreFault {
  return restoreFault("PREFLIGHT", "UNDO_LIST_INVALID", path === undefined ? { reason } : { reason, path });
}
