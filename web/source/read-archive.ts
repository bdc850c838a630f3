/**
 * Reading an archive that the user gave: its heads only, so that a large one is listed at once. The files in it stay ranges of it,
 * and are hashed where they are (PROTOCOL 20).
 *
 * @module
 */

import {
  type ArchiveEntry,
  type ArchiveEvent,
  type ArchiveFault,
  ArchiveParser,
  archiveFault,
  BUNDLE_FILES,
  bundleFileLimit,
  DEFAULT_LIMITS,
  EntryMatcher,
  type OutputClaims,
  ok,
  outputEntries,
  parseBundleFilePath,
  type Result,
  type SealedTree,
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

/** An archive of one run, or of several. */
export interface ReadArchive {
  /** Its bytes. */
  readonly file: Blob;
  /** Its entries behind the files of bundles. */
  readonly entries: readonly PlacedEntry[];
  /** What is in it, as a project. Links, modes and empty folders are known. */
  readonly folder: ListedFolder;
  readonly runIds: readonly string[];
  /** Of one run: compares its entries with those that it must have. Fails with the codes of archives. */
  readonly checkEntries: (claims: OutputClaims, tree: SealedTree | undefined) => ArchiveFault | undefined;
}

/** An entry, and where its content begins. */
export interface PlacedEntry {
  readonly entry: ArchiveEntry;
  readonly offset: number;
}

/** Lists an archive. Fails with the codes of archives, READ_FAILED or CHANGED_WHILE_READ. Throws the signal's reason. */
export async function readArchive(
  file: Blob,
  name: string,
  signal: AbortSignal,
): Promise<Result<ReadArchive, ArchiveFault | SourceFault>> {
  const listing = new Listing(file, name);
  const parser = new ArchiveParser();
  for (;;) {
    const event = parser.next();
    if (event === undefined) {
      signal.throwIfAborted();
      const piece = await readPiece(file, parser.offset, name);
      if (!piece.ok) return piece;
      if (piece.value.length > 0) {
        parser.push(piece.value);
        continue;
      }
      return parser.finish() ?? listing.end();
    }
    if (!event.ok) return event;
    const fault = take(event.value, listing, parser);
    if (fault !== undefined) return fault;
  }
}

function take(event: ArchiveEvent, listing: Listing, parser: ArchiveParser): ArchiveFault | undefined {
  if (event.kind !== "entry") return undefined;
  const fault = listing.add(event);
  if (fault === undefined && event.entry.size >= WORTH_A_SEEK) parser.skipContent();
  return fault;
}

async function readPiece(file: Blob, start: number, name: string): Promise<Result<Uint8Array, SourceFault>> {
  try {
    return ok(new Uint8Array(await file.slice(start, start + PIECE_BYTES).arrayBuffer()));
  } catch (thrown) {
    return { ok: false, code: readingCode(thrown), details: { path: name } };
  }
}

/** The entries of an archive as they come: of each run its files in their order, then the outputs. */
class Listing {
  readonly #file: Blob;
  readonly #folder: ListedFolder;
  readonly #outputs: PlacedEntry[] = [];
  readonly #runIds = new Set<string>();
  #count = 0;
  #run = "";
  #lastFile = -1;

  constructor(file: Blob, name: string) {
    this.#file = file;
    this.#folder = new ListedFolder(name, true);
  }

  add({ entry, offset }: PlacedEntry): ArchiveFault | undefined {
    const where = { entry: entry.path, offset };
    if (++this.#count > MAX_ENTRIES) return archiveFault("too-large", where);
    const named = entry.kind === "file" ? parseBundleFilePath(entry.path) : undefined;
    if (named === undefined) this.#outputs.push({ entry, offset });
    else {
      const at = BUNDLE_FILES.indexOf(named.name);
      const isNew = named.runId !== this.#run;
      const isLate =
        this.#outputs.length > 0 || (isNew ? this.#runIds.has(named.runId) : at <= this.#lastFile);
      if (isLate) return archiveFault("order", where);
      if (entry.mode !== 0o644) return archiveFault("mode", where);
      if (entry.size > bundleFileLimit(named.name, DEFAULT_LIMITS)) return archiveFault("too-large", where);
      this.#runIds.add(named.runId);
      this.#run = named.runId;
      this.#lastFile = at;
    }
    this.#list(entry, offset);
    return undefined;
  }

  end(): Result<ReadArchive, ArchiveFault> {
    if (this.#runIds.size === 0) return archiveFault("entry-missing", { entry: ".runseal/runs" });
    const outputs = this.#outputs;
    return ok({
      folder: this.#folder,
      file: this.#file,
      entries: outputs,
      runIds: [...this.#runIds],
      checkEntries: (claims, tree) => {
        const matcher = new EntryMatcher(outputEntries(claims, tree));
        for (const { entry, offset } of outputs) {
          const taken = matcher.take(entry, offset);
          if (!taken.ok) return taken;
        }
        return matcher.finish();
      },
    });
  }

  #list({ kind, mode, path, size, target }: ArchiveEntry, offset: number): void {
    if (kind === "file")
      this.#folder.add(path, { kind, blob: this.#file.slice(offset, offset + size), mode });
    else if (kind === "folder") this.#folder.add(path, { kind, mode });
    else this.#folder.add(path, { kind, target });
  }
}
