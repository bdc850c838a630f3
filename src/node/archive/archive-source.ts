/**
 * An archive as a source of bundles and bytes: a file or a stream (PROTOCOL 20).
 *
 * A file is read where it is, also by a restore. A stream passes once, and a restore keeps it in a spool.
 *
 * @module
 */

import {
  DEFAULT_LIMITS,
  type Limits,
  ObjectRows,
  type OutputClaims,
  ok,
  type Result,
} from "../../core/internal.ts";
import { type FileSystem, nodeFileSystem } from "../files/file-system.ts";
import { type OperationFault, operationFault } from "../runtime/operation-fault.ts";
import type { ProgressCount } from "../runtime/progress.ts";
import type {
  BundleSource,
  CarriedRun,
  FindOptions,
  FoundInSource,
  WantedOutputs,
} from "../source/bundle-source.ts";
import { type HeldRanges, makeHeldRanges } from "../source/held-ranges.ts";
import { ArchiveReader } from "./archive-reader.ts";
import { type ByteInput, fileInput, streamInput } from "./byte-input.ts";
import { ContentTaker } from "./content-taker.ts";
import { findObjects } from "./find-objects.ts";
import { findOutputs } from "./find-outputs.ts";
import { FoundRows } from "./found-rows.ts";
import { readBundles } from "./read-bundles.ts";

/** Where the bytes of an archive are. */
export type ArchiveBytes =
  /** An open regular file, which the source closes, and what it is called in faults. */
  | { readonly fd: number; readonly shown: string }
  /** A stream, which is read once. */
  | { readonly stream: AsyncIterable<Uint8Array>; readonly shown: string };

/** How to read an archive. */
export interface ArchiveOptions {
  readonly limits?: Limits | undefined;
  readonly fs?: FileSystem | undefined;
}

/** Reads one archive. */
export class ArchiveSource implements BundleSource {
  readonly #reader: ArchiveReader;
  readonly #limits: Limits;
  readonly #fs: FileSystem;
  readonly #shown: string;
  /** The descriptor of the file, and its bytes. */
  readonly #file: { readonly fd: number; readonly bytes: number } | undefined;
  readonly #ranges = new Map<number, HeldRanges>();
  /** The numbers of the runs that `open` gave, among all of the archive. */
  #runs = 0;

  constructor(bytes: ArchiveBytes, { fs = nodeFileSystem, limits = DEFAULT_LIMITS }: ArchiveOptions = {}) {
    this.#limits = limits;
    this.#shown = bytes.shown;
    this.#fs = fs;
    this.#file = "fd" in bytes ? { fd: bytes.fd, bytes: fs.fstatSync(bytes.fd).size } : undefined;
    this.#reader = new ArchiveReader(inputOf(bytes, fs), bytes.shown);
  }

  /** Fails with RUN_NOT_FOUND where the archive has no run of an id. */
  async open(
    ids?: readonly string[],
    signal?: AbortSignal,
  ): Promise<Result<readonly CarriedRun[], OperationFault>> {
    const read = await readBundles(this.#reader, this.#limits, signal);
    if (!read.ok) return read;
    this.#runs = read.value.length;
    if (ids === undefined) return read;
    const runs: CarriedRun[] = [];
    for (const id of ids) {
      const run = read.value.find(({ opened }) => opened.runId === id);
      if (run === undefined) {
        const names = read.value.slice(0, MAX_NAMES).map(({ opened }) => opened.runId);
        return operationFault("RUN_NOT_FOUND", {
          reason: "id",
          path: this.#shown,
          run_id: id,
          names,
          more: this.#runs - names.length,
        });
      }
      runs.push(run);
    }
    return ok(runs);
  }

  /** A file has no more bytes of outputs than of its own. */
  get isEndless(): boolean {
    return this.#file === undefined;
  }

  /** Throws for a bundle that nothing bounds: a bug. */
  async find(
    wanted: readonly WantedOutputs[],
    options: FindOptions,
  ): Promise<Result<readonly FoundInSource[], OperationFault>> {
    const maxBytes = wanted.reduce((sum, { bundle }) => sum + (bundle.declaredBytes ?? this.#ownLimit()), 0);
    const found = wanted.map((own) => new FoundRows(own, this.#hold(own, options)));
    const taker = new ContentTaker(this.#usesSpool(options) ? options.spool : undefined);
    const done = { files: 0, bytes: 0 };
    options.progress?.begin("verify", totalOf(wanted, maxBytes), (): ProgressCount => ({ ...done }));
    const count = (files: number, bytes: number): void => {
      done.files += files;
      done.bytes += bytes;
    };
    const search = { reader: this.#reader, taker, maxBytes, options, count };
    const [only] = wanted;
    const [own] = found;
    const isAlone = this.#runs === 1;
    if (only === undefined || own === undefined) return ok([]);
    const failed = isAlone
      ? await findOutputs({ ...search, wanted: only, found: own })
      : await findObjects({ ...search, found, ...this.#objectsOf(wanted, found) });
    if (!failed.ok) return failed;
    return ok(found.map((rows) => ({ carrier: "archive", findings: rows.table(), isTreeChecked: isAlone })));
  }

  /** Throws for a run whose outputs were not found with `keeps`: a bug. */
  outputs(run: number): HeldRanges {
    const ranges = this.#ranges.get(run);
    if (ranges === undefined) throw new TypeError("the outputs of the run were not kept");
    return ranges;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#reader.close();
    if (this.#file !== undefined) this.#fs.closeSync(this.#file.fd);
  }

  #ownLimit(): number {
    if (this.#file === undefined) throw new TypeError("a stream has no bytes of its own");
    return this.#file.bytes;
  }

  #usesSpool({ keeps }: FindOptions): boolean {
    return keeps === true && this.isEndless;
  }

  #hold({ bundle, run }: WantedOutputs, options: FindOptions): HeldRanges | undefined {
    if (options.keeps !== true) return undefined;
    const fd = this.#usesSpool(options) ? options.spool?.fd : this.#file?.fd;
    if (fd === undefined) throw new TypeError("a stream is kept in a spool");
    const ranges = makeHeldRanges(fd, bundle.claims.length);
    this.#ranges.set(run, ranges);
    return ranges;
  }

  #objectsOf(
    wanted: readonly WantedOutputs[],
    found: readonly FoundRows[],
  ): { readonly rows: ObjectRows; readonly areAll: boolean } {
    const claims: readonly OutputClaims[] = wanted.map(({ bundle }) => bundle.claims);
    const rows = new ObjectRows(claims, (run, row) => found[run]?.isWanted(row) === true);
    const areAll = wanted.length === this.#runs && wanted.every((own) => own.rows === undefined);
    return { rows, areAll };
  }
}

/** Run ids that a fault names. */
const MAX_NAMES = 20;

function inputOf(bytes: ArchiveBytes, fs: FileSystem): ByteInput {
  return "fd" in bytes ? fileInput(bytes.fd, fs) : streamInput(bytes.stream);
}

function totalOf(wanted: readonly WantedOutputs[], bytes: number): ProgressCount {
  return { files: wanted.reduce((sum, { bundle }) => sum + bundle.claims.length, 0), bytes };
}
