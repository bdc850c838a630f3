/**
 * An archive as a source of bundles and bytes: a file or a stream (PROTOCOL 20).
 *
 * A file is read where it is, also by a restore. A stream passes once, and a restore keeps it in a spool.
 *
 * @module
 */

import {
  type ArchiveEvent,
  type ArchiveWalk,
  type ArtifactReading,
  bundleOfFiles,
  DEFAULT_LIMITS,
  matchesDigest,
  ObjectRows,
  ok,
  type Result,
  toHex,
  walkBundles,
  walkObjects,
  walkOutputs,
} from "../../../core/internal.ts";
import {
  type BundleSource,
  type CarriedRun,
  type FindOptions,
  type FoundInSource,
  runMissing,
  type WantedOutputs,
} from "../../judge/source/bundle-source.ts";
import { type HeldRanges, makeHeldRanges } from "../../judge/source/held-ranges.ts";
import { nodeFileSystem as fs } from "../../system/files/file-system.ts";
import { nodeCrypto } from "../../system/runtime/node-crypto.ts";
import type { OperationFault } from "../../system/runtime/operation-fault.ts";
import type { ProgressCount } from "../../system/runtime/progress.ts";
import { ArchiveReader } from "./archive-reader.ts";
import { type ByteInput, fileInput, streamInput } from "./byte-input.ts";
import { ContentTaker, FoundRows } from "./found-rows.ts";

/** Where the bytes of an archive are. */
export type ArchiveBytes =
  /** An open regular file, which the source closes, and what it is called in faults. */
  | { readonly fd: number; readonly shown: string }
  /** A stream, which is read once. */
  | { readonly stream: AsyncIterable<Uint8Array>; readonly shown: string };

/** Reads one archive. */
export class ArchiveSource implements BundleSource {
  readonly #reader: ArchiveReader;
  readonly #shown: string;
  /** The descriptor of the file, and its bytes. */
  readonly #file: { readonly fd: number; readonly bytes: number } | undefined;
  readonly #ranges = new Map<number, HeldRanges>();
  /** Runs of the archive. */
  #runs = 0;
  /** What came behind the bundles. */
  #next: ArchiveEvent | undefined;

  constructor(bytes: ArchiveBytes) {
    this.#shown = bytes.shown;
    this.#file = "fd" in bytes ? { fd: bytes.fd, bytes: fs.fstatSync(bytes.fd).size } : undefined;
    this.#reader = new ArchiveReader(inputOf(bytes), bytes.shown);
  }

  /** Fails with RUN_NOT_FOUND where the archive has no run of an id. */
  async open(
    ids?: readonly string[],
    signal?: AbortSignal,
  ): Promise<Result<readonly CarriedRun[], OperationFault>> {
    const bundles = new Map<string, Map<string, ArtifactReading>>();
    const walk = walkBundles(DEFAULT_LIMITS, ({ name, runId }, { entry }) => {
      // Zeros that are not written to take no memory: a size that the archive only claims costs nothing.
      const bytes = new Uint8Array(entry.size);
      bundles.set(runId, (bundles.get(runId) ?? new Map()).set(name, { kind: "bytes", bytes }));
      return bytes;
    });
    const read = await this.#reader.drive(walk, signal);
    if (!read.ok) return read;
    const { next, runIds } = read.value;
    this.#next = next;
    this.#runs = runIds.length;
    const runs: CarriedRun[] = [];
    for (const id of ids ?? runIds) {
      const files = bundles.get(id);
      if (files === undefined) return runMissing(this.#shown, id, runIds);
      runs.push(bundleOfFiles(id, files));
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
    const [only] = wanted;
    const [own] = found;
    if (only === undefined || own === undefined) return ok([]);
    const isAlone = this.#runs === 1;
    const search = { taker, maxBytes, options, count };
    const walk = isAlone ? this.#walkOne(only, own, search) : this.#walkSeveral(wanted, found, search);
    const failed = await this.#reader.drive(walk, options.signal);
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
    if (this.#file !== undefined) fs.closeSync(this.#file.fd);
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

  /** The walk over the outputs of the archive's only run. */
  #walkOne(
    { bundle, rows, tree }: WantedOutputs,
    found: FoundRows,
    { count, maxBytes, options, taker }: Search,
  ): ArchiveWalk<undefined> {
    const { claims } = bundle;
    const isInOrder = claims.areInOrder;
    const stopsEarly = options.untilFailure === true && isInOrder && rows === undefined;
    let bytes = 0;
    return walkOutputs(
      this.#next,
      { claims, tree },
      {
        begin: ({ entry, offset }, row) => {
          bytes += entry.size;
          if (bytes > maxBytes) {
            found.oversized(bytes, isInOrder ? row : 0);
            return "stop";
          }
          if (!found.isWanted(row)) return "pass";
          taker.begin(entry.size, offset);
          return "take";
        },
        add: (piece) => {
          count(0, piece.length);
          taker.add(piece);
        },
        end: ({ entry: { mode, size } }, row) => {
          const digest = taker.end();
          found.found(row, digest, { mode, size, offset: taker.start });
          count(1, 0);
          const claim = claims.at(row);
          const sealed = claim?.lawful === true ? claim.digest : undefined;
          return !stopsEarly || (sealed !== undefined && matchesDigest(sealed, toHex(digest), nodeCrypto));
        },
      },
    );
  }

  /** The walk over the objects of an archive of several runs. */
  #walkSeveral(
    wanted: readonly WantedOutputs[],
    found: readonly FoundRows[],
    { count, maxBytes, taker }: Search,
  ): ArchiveWalk<undefined> {
    const claims = wanted.map(({ bundle }) => bundle.claims);
    return walkObjects(this.#next, {
      rows: new ObjectRows(claims, (run, row) => found[run]?.isWanted(row) === true),
      areAll: wanted.length === this.#runs && wanted.every(({ rows }) => rows === undefined),
      maxBytes,
      crypto: nodeCrypto,
      sink: {
        begin: (size, offset) => taker.begin(size, offset),
        add: (piece) => {
          count(0, piece.length);
          taker.add(piece);
        },
        end: (rows, size) => {
          const digest = taker.end();
          for (const { row, run } of rows)
            found[run]?.found(row, digest, { mode: 0o644, size, offset: taker.start });
          count(rows.length, 0);
        },
      },
    });
  }
}

/** What both walks do with contents. */
interface Search {
  readonly taker: ContentTaker;
  /** Most bytes of all wanted outputs. */
  readonly maxBytes: number;
  readonly options: FindOptions;
  readonly count: (files: number, bytes: number) => void;
}

function inputOf(bytes: ArchiveBytes): ByteInput {
  return "fd" in bytes ? fileInput(bytes.fd) : streamInput(bytes.stream);
}

function totalOf(wanted: readonly WantedOutputs[], bytes: number): ProgressCount {
  return { files: wanted.reduce((sum, { bundle }) => sum + bundle.claims.length, 0), bytes };
}
