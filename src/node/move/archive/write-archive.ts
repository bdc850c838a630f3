/**
 * Writes the entries of an archive: bundles first, then the outputs of one run at their paths, or the objects of several.
 *
 * @module
 */

import {
  artifactPath,
  ColumnsBuilder,
  DIGEST_BYTES,
  digestToHex,
  endOfPack,
  HEAD_BYTES,
  HEADER_BYTES,
  indexPath,
  isProgramMode,
  itemAt,
  MAX_PACK_BYTES,
  MAX_PACK_RECORDS,
  MAX_PACKED_BYTES,
  OBJECT_MODE,
  ObjectRows,
  ok,
  outputEntries,
  PLAIN_MODES,
  packHeader,
  packPath,
  type Result,
  type RunRow,
  shownObject,
  TRAILER_BYTES,
  writeHead,
} from "../../../core/internal.ts";
import { OutputPlaces } from "../../records/store/output-places.ts";
import { encodeIndex } from "../../system/packs/shared-pack-index.ts";
import { breathe } from "../../system/runtime/interruption.ts";
import { nodeCrypto } from "../../system/runtime/node-crypto.ts";
import type { OperationFault } from "../../system/runtime/operation-fault.ts";
import type { Progress, ProgressCount, WorkOptions } from "../../system/runtime/progress.ts";
import type { ArchiveWriter } from "./archive-writer.ts";
import type { ChosenRun } from "./choose-bytes.ts";
import { readSealedRow } from "./sealed-bytes.ts";

/** The mode of a bundle's files. */
const BUNDLE_MODE = 0o644;

/** Writes an archive but for its end marker. Fails as `readSealedRow` does; throws what the writer throws, and an Interruption. */
export async function writeArchive(
  runs: readonly ChosenRun[],
  writer: ArchiveWriter,
  options: WorkOptions,
): Promise<Result<undefined, OperationFault>> {
  for (const { run } of runs) {
    const { runId } = run.candidate.opened;
    for (const [name, bytes] of run.files) await writer.file(artifactPath(runId, name), BUNDLE_MODE, bytes);
  }
  using places = new OutputPlaces();
  const [only] = runs;
  if (only !== undefined && runs.length === 1) return await writeOutputs(only, places, writer, options);
  return await new ObjectsWriter(runs, places, writer, options).write();
}

/** Counts files and the bytes of their contents, without heads. */
class Count {
  #files = 0;
  #bytes = 0;
  readonly #writer: ArchiveWriter;

  /** Begins the phase. */
  constructor(writer: ArchiveWriter, progress: Progress | undefined, total: ProgressCount) {
    this.#writer = writer;
    progress?.begin("pack", total, (): ProgressCount => ({ files: this.#files, bytes: this.#bytes }));
  }

  /** Writes a piece of a content. */
  readonly add = async (piece: Uint8Array): Promise<void> => {
    await this.#writer.add(piece);
    this.#bytes += piece.length;
  };

  file(): void {
    this.#files++;
  }
}

async function writeOutputs(
  only: ChosenRun,
  places: OutputPlaces,
  writer: ArchiveWriter,
  { progress, signal }: WorkOptions,
): Promise<Result<undefined, OperationFault>> {
  const { chosen, run } = only;
  const total = { files: chosen.sizes.length, bytes: chosen.sizes.reduce((sum, size) => sum + size, 0) };
  const count = new Count(writer, progress, total);
  let entries = 0;
  for (const { kind, mode, path, row, target } of outputEntries(run.candidate.claims, run.tree)) {
    await breathe(entries++, signal);
    const size = row === undefined ? 0 : (chosen.sizes[row] ?? 0);
    const isProgram = row !== undefined && isProgramMode(chosen.modes[row] ?? 0);
    await writer.head({ kind, path, mode: mode ?? PLAIN_MODES[isProgram ? 1 : 0], size, target });
    if (row === undefined) continue;
    const read = await readSealedRow(places, only, row, count.add, signal);
    if (!read.ok) return read;
    count.file();
    await writer.endContent(size);
  }
  return ok(undefined);
}

/** Writes the objects of several runs, each once. */
class ObjectsWriter {
  readonly #runs: readonly ChosenRun[];
  readonly #places: OutputPlaces;
  readonly #writer: ArchiveWriter;
  readonly #signal: AbortSignal | undefined;
  readonly #rows: ObjectRows;
  readonly #count: Count;
  #objects = 0;

  constructor(
    runs: readonly ChosenRun[],
    places: OutputPlaces,
    writer: ArchiveWriter,
    { progress, signal }: WorkOptions,
  ) {
    this.#runs = runs;
    this.#places = places;
    this.#writer = writer;
    this.#signal = signal;
    const claims = runs.map(({ run }) => run.candidate.claims);
    this.#rows = new ObjectRows(claims, () => true);
    let [files, bytes] = [0, 0];
    for (const object of this.#rows.objects()) {
      files++;
      bytes += this.#sizeOf(object);
    }
    this.#count = new Count(writer, progress, { files, bytes });
  }

  async write(): Promise<Result<undefined, OperationFault>> {
    const rows = this.#rows;
    for (const object of rows.objects()) {
      if (this.#sizeOf(object) <= MAX_PACKED_BYTES) continue;
      const written = await this.#object(object);
      if (!written.ok) return written;
    }
    for (const pack of this.#packs(rows)) {
      const written = await this.#pack(pack);
      if (!written.ok) return written;
    }
    return ok(undefined);
  }

  async #object(object: RunRow): Promise<Result<undefined, OperationFault>> {
    const size = this.#sizeOf(object);
    const path = shownObject(digestToHex(this.#digestOf(object)));
    await this.#writer.head({ kind: "file", path, mode: OBJECT_MODE, size, target: "" });
    const read = await this.#read(object);
    if (read.ok) await this.#writer.endContent(size);
    return read;
  }

  /** The small objects, in as few packs as the limits allow. */
  *#packs(rows: ObjectRows): Generator<readonly RunRow[], undefined> {
    let pack: RunRow[] = [];
    let bytes = HEADER_BYTES + TRAILER_BYTES;
    for (const object of rows.objects()) {
      const size = this.#sizeOf(object);
      if (size > MAX_PACKED_BYTES) continue;
      if (pack.length === MAX_PACK_RECORDS || bytes + HEAD_BYTES + size > MAX_PACK_BYTES) {
        yield pack;
        pack = [];
        bytes = HEADER_BYTES + TRAILER_BYTES;
      }
      pack.push(object);
      bytes += HEAD_BYTES + size;
    }
    if (pack.length > 0) yield pack;
    return undefined;
  }

  async #pack(pack: readonly RunRow[]): Promise<Result<undefined, OperationFault>> {
    const columns = new ColumnsBuilder(pack.length);
    let end = HEADER_BYTES;
    for (const object of pack) {
      const size = this.#sizeOf(object);
      columns.add(end, size, this.#digestOf(object), 0);
      end += HEAD_BYTES + size;
    }
    const records = columns.columns();
    // The id of a pack follows from the heads of its records, so it is known before the bytes are read.
    const { id, trailer } = endOfPack(records, nodeCrypto);
    const size = end + TRAILER_BYTES;
    await this.#writer.head({ kind: "file", path: packPath(id), mode: OBJECT_MODE, size, target: "" });
    await this.#writer.add(packHeader());
    const head = Buffer.alloc(HEAD_BYTES);
    for (const object of pack) {
      writeHead(head, 0, this.#sizeOf(object), this.#digestOf(object), 0);
      await this.#writer.add(head);
      const read = await this.#read(object);
      if (!read.ok) return read;
    }
    await this.#writer.add(trailer);
    await this.#writer.endContent(size);
    await this.#writer.file(indexPath(id), OBJECT_MODE, encodeIndex(id, records));
    return ok(undefined);
  }

  async #read({ row, run }: RunRow): Promise<Result<undefined, OperationFault>> {
    await breathe(this.#objects++, this.#signal);
    const read = await readSealedRow(
      this.#places,
      itemAt(this.#runs, run),
      row,
      this.#count.add,
      this.#signal,
    );
    if (read.ok) this.#count.file();
    return read;
  }

  #sizeOf({ row, run }: RunRow): number {
    return this.#runs[run]?.chosen.sizes[row] ?? 0;
  }

  #digestOf({ row, run }: RunRow): Uint8Array {
    const digests = this.#runs[run]?.run.candidate.claims.columns.digests;
    if (digests === undefined) throw new TypeError("each run has its claims");
    return digests.subarray(row * DIGEST_BYTES, (row + 1) * DIGEST_BYTES);
  }
}
