/**
 * Reads the bundles at the beginning of an archive: of each run its files in their order, one run behind the other.
 *
 * @module
 */

import {
  type ArtifactReading,
  archiveFault,
  BUNDLE_FILES,
  bundleFileLimit,
  bundleOfFiles,
  type Limits,
  OUTPUT_TREE_NAME,
  OUTPUTS_ROOT_NAME,
  ok,
  parseBundleFilePath,
  type Result,
} from "../../core/internal.ts";
import type { OperationFault } from "../runtime/operation-fault.ts";
import type { CarriedRun } from "../source/bundle-source.ts";
import { type ArchiveReader, type EntryEvent, operationOf } from "./archive-reader.ts";

/** Most bytes of all bundles of an archive together. They are in memory. */
const MAX_BUNDLES_BYTES: number = 2 * 1024 * 1024 * 1024;

/** Most runs of an archive. */
const MAX_RUNS = 100_000;

/** A bundle as far as it was read. */
interface BegunBundle {
  readonly runId: string;
  readonly files: Map<string, Uint8Array>;
}

/**
 * Reads the bundles; the first entry that is not a bundle's is left unread. Fails with the codes of archives, and as the reader does.
 * Throws an Interruption.
 */
export async function readBundles(
  reader: ArchiveReader,
  limits: Limits,
  signal: AbortSignal | undefined,
): Promise<Result<readonly CarriedRun[], OperationFault>> {
  const bundles: BegunBundle[] = [];
  const runIds = new Set<string>();
  let room = MAX_BUNDLES_BYTES;
  for (;;) {
    const event = await reader.next(signal);
    if (!event.ok) return event;
    if (event.value?.kind !== "entry") break;
    const { entry, offset } = event.value;
    const named = entry.kind === "file" ? parseBundleFilePath(entry.path) : undefined;
    if (named === undefined) {
      reader.unread(event.value);
      break;
    }
    const where = { entry: entry.path, offset };
    let bundle = bundles.at(-1);
    if (bundle?.runId !== named.runId) {
      if (runIds.has(named.runId)) return operationOf(archiveFault("order", where));
      bundle = { runId: named.runId, files: new Map() };
      bundles.push(bundle);
      runIds.add(named.runId);
    }
    if (isLate(named.name, bundle.files)) return operationOf(archiveFault("order", where));
    if (entry.mode !== 0o644) return operationOf(archiveFault("mode", where));
    if (entry.size > Math.min(room, bundleFileLimit(named.name, limits)) || runIds.size > MAX_RUNS)
      return operationOf(archiveFault("too-large", where));
    room -= entry.size;
    const bytes = await readContent(reader, event.value, signal);
    if (!bytes.ok) return bytes;
    bundle.files.set(named.name, bytes.value);
  }
  if (bundles.length === 0) return operationOf(archiveFault("entry-missing", { entry: ".runseal/runs" }));
  return ok(bundles.map(carriedRun));
}

/** Whether a file has come already, or one behind it. */
function isLate(name: string, files: ReadonlyMap<string, Uint8Array>): boolean {
  const last = [...files.keys()].at(-1);
  return last !== undefined && BUNDLE_FILES.indexOf(name) <= BUNDLE_FILES.indexOf(last);
}

/** Reads the content of an entry. Its size must be within a limit. */
export async function readContent(
  reader: ArchiveReader,
  { entry }: EntryEvent,
  signal: AbortSignal | undefined,
): Promise<Result<Uint8Array, OperationFault>> {
  // Zeros that are not written to take no memory: a size that the archive only claims costs nothing.
  const bytes = new Uint8Array(entry.size);
  for (let filled = 0; filled < bytes.length; ) {
    const event = await reader.next(signal);
    if (!event.ok) return event;
    if (event.value?.kind !== "content") throw new TypeError("a content has as many bytes as its head says");
    bytes.set(event.value.bytes, filled);
    filled += event.value.bytes.length;
  }
  return ok(bytes);
}

function carriedRun({ files, runId }: BegunBundle): CarriedRun {
  const read = (name: string): ArtifactReading => {
    const bytes = files.get(name);
    return bytes === undefined ? { kind: "missing" } : { kind: "bytes", bytes };
  };
  return {
    opened: bundleOfFiles(runId, files),
    tree: read(OUTPUT_TREE_NAME),
    outputsRoot: read(OUTPUTS_ROOT_NAME),
  };
}
