/**
 * Reading an archive that the user gave: its heads only, so that a large one is listed at once. The files in it stay ranges of it,
 * and are hashed where they are (PROTOCOL 20).
 *
 * @module
 */

import {
  type ArchiveEvent,
  type ArchiveFault,
  ArchiveParser,
  type ArchiveWalk,
  archiveFault,
  DEFAULT_LIMITS,
  type EntryEvent,
  ok,
  parseBundleFilePath,
  type Result,
  walkBundles,
} from "../../src/core/internal.ts";
import { ListedFolder } from "./listed-folder.ts";
import type { SourceFault } from "./read-artifact.ts";
import { readingCode } from "./reading-code.ts";

/** Bytes that are read of an archive at once. */
const PIECE_BYTES: number = 1024 * 1024;

/** Contents from which on a seek is faster than reading. */
const WORTH_A_SEEK: number = 128 * 1024;

/** Entries of an archive: more than a page can list. */
const MAX_ENTRIES = 2_000_000;

/** Why an archive is refused, or can't be read. */
export type ArchiveFailure = ArchiveFault | SourceFault;

/** An archive of one run, or of several. */
export interface ReadArchive {
  /** Its bytes. */
  readonly file: Blob;
  /** What is in it, as a project. Links, modes and empty folders are known. */
  readonly folder: ListedFolder;
  readonly runIds: readonly string[];
  /** Drives a walk over what comes behind the bundles. Gives why the archive is refused. Throws the signal's reason. */
  readonly drive: (
    walk: (first: ArchiveEvent | undefined) => ArchiveWalk<undefined>,
    signal: AbortSignal | undefined,
  ) => Promise<ArchiveFailure | undefined>;
}

/** Lists an archive. Fails with the codes of archives, READ_FAILED or CHANGED_WHILE_READ. Throws the signal's reason. */
export async function readArchive(
  file: Blob,
  name: string,
  signal: AbortSignal,
): Promise<Result<ReadArchive, ArchiveFailure>> {
  const listed = await listEntries(file, name, signal);
  if (!listed.ok) return listed;
  const folder = new ListedFolder(name, true);
  const add = ({ entry: { kind, mode, path, size, target }, offset }: EntryEvent): undefined => {
    if (kind === "file") folder.add(path, { kind, blob: file.slice(offset, offset + size), mode });
    else folder.add(path, kind === "folder" ? { kind, mode } : { kind, target });
  };
  const bundles = walkBundles(DEFAULT_LIMITS, (_, event) => add(event));
  const walked = await driveListed(bundles, listed.value, 0, { file, name, signal });
  if (!walked.ok) return walked;
  const { next, runIds } = walked.value;
  const rest = next?.kind === "entry" ? listed.value.slice(listed.value.indexOf(next)) : [];
  for (const event of rest) {
    const { entry, offset } = event;
    // It would take the place of the one that was checked.
    if (parseBundleFilePath(entry.path) !== undefined)
      return archiveFault("order", { entry: entry.path, offset });
    add(event);
  }
  return ok({
    file,
    folder,
    runIds,
    drive: async (walk, until) => {
      const driven = await driveListed(walk(rest[0]), rest, 1, { file, name, signal: until });
      return driven.ok ? undefined : driven;
    },
  });
}

/** Where the bytes of an archive are. */
interface Bytes {
  readonly file: Blob;
  readonly name: string;
  readonly signal: AbortSignal | undefined;
}

async function listEntries(
  file: Blob,
  name: string,
  signal: AbortSignal,
): Promise<Result<readonly EntryEvent[], ArchiveFailure>> {
  const parser = new ArchiveParser();
  const entries: EntryEvent[] = [];
  for (;;) {
    const event = parser.next();
    if (event === undefined) {
      signal.throwIfAborted();
      const piece = await readPiece({ file, name, signal }, parser.offset, PIECE_BYTES);
      if (!piece.ok) return piece;
      if (piece.value.length === 0) return parser.finish() ?? ok(entries);
      parser.push(piece.value);
    } else if (!event.ok) return event;
    else if (event.value.kind === "entry") {
      const { entry, offset } = event.value;
      if (entries.push(event.value) > MAX_ENTRIES)
        return archiveFault("too-large", { entry: entry.path, offset });
      if (entry.size >= WORTH_A_SEEK) parser.skipContent();
    }
  }
}

/** Drives a walk with listed entries, of which it has so many already. A content is read only where the walk asks for it. */
async function driveListed<Value>(
  walk: ArchiveWalk<Value>,
  entries: readonly EntryEvent[],
  given: number,
  bytes: Bytes,
): Promise<Result<Value, ArchiveFailure>> {
  let [count, read] = [given, 0];
  let answer: ArchiveEvent | undefined;
  for (;;) {
    bytes.signal?.throwIfAborted();
    const step = walk.next(answer);
    if (step.done === true) return step.value;
    if (step.value === "entry") {
      read = 0;
      answer = entries[count++];
    } else {
      const { entry: { size = 0 } = {}, offset = 0 } = entries[count - 1] ?? {};
      const piece = await readPiece(bytes, offset + read, Math.min(PIECE_BYTES, size - read));
      if (!piece.ok) return piece;
      if (piece.value.length === 0)
        return { ok: false, code: "CHANGED_WHILE_READ", details: { path: bytes.name } };
      read += piece.value.length;
      answer = { kind: "content", bytes: piece.value };
    }
  }
}

async function readPiece(
  { file, name }: Bytes,
  start: number,
  length: number,
): Promise<Result<Uint8Array, SourceFault>> {
  try {
    return ok(new Uint8Array(await file.slice(start, start + length).arrayBuffer()));
  } catch (thrown) {
    return { ok: false, code: readingCode(thrown), details: { path: name } };
  }
}
