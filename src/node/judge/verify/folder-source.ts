/**
 * Run directories as a source: their artifacts there, their outputs below a root or in the store of a project. And a carrier whose
 * runs have their outputs in a folder.
 *
 * @module
 */

import {
  type ArtifactReading,
  itemAt,
  type Limits,
  type Listing,
  makeListing,
  type OpenedBundle,
  ok,
  type Result,
} from "../../../core/internal.ts";
import { emptyBundle, openBundle, runIdOf } from "../../records/bundle/open-bundle.ts";
import { HASH_JOB, type Search } from "../../system/hashing/hash-files.ts";
import type { OperationFault } from "../../system/runtime/operation-fault.ts";
import { WorkerPool } from "../../system/work/worker-pool.ts";
import type {
  BundleReader,
  CarriedRun,
  FindOptions,
  FoundInEach,
  RunFolders,
  WantedOutputs,
} from "../source/bundle-source.ts";
import { LONG_CHAIN } from "./chain-signatures.ts";
import { beginFinding, type ChainOutputsFrom, type OutputsRequest } from "./find-outputs.ts";
import { lookBelow, type TreeArtifact } from "./match-tree.ts";
import { watchOutputs } from "./watch-outputs.ts";

/** Bytes of OUTPUT_HASHES.json from which on workers start while it is parsed: about 5,000 entries. */
const LONG_MANIFEST: number = 512 * 1024;

/** Where bundles and their outputs are. */
export interface FolderPlace extends Pick<OutputsRequest, "home" | "jobs" | "pool" | "root"> {
  /** Run directories in the order in which the runs happened. */
  readonly bundles: readonly string[];
  /** Where to look for the outputs of each run; default: the root. */
  readonly from?: ChainOutputsFrom | undefined;
  readonly limits?: Limits | undefined;
  /** Reads the artifacts of a run directory, as `openBundle` does. */
  readonly read?: ((bundle: string) => Result<OpenedBundle, OperationFault>) | undefined;
}

/** Run directories, and the folder or store with their outputs. */
export class FolderSource implements RunFolders {
  readonly #place: FolderPlace;
  readonly #pool: WorkerPool;
  /** Small trees of runs that were read and not concluded yet. */
  readonly #trees = new Map<number, ArtifactReading>();

  /** @param place its pool stays the caller's. */
  constructor(place: FolderPlace) {
    this.#place = place;
    this.#pool = place.pool ?? new WorkerPool(place.jobs);
  }

  /** Where the bundles and their outputs are, with the pool that hashes them. */
  get place(): FolderPlace {
    return { ...this.#place, pool: this.#pool };
  }

  get runIds(): readonly string[] {
    return this.#place.bundles.map(runIdOf);
  }

  /** Each run is read on every access. One that can't be read has a fault. No run is chosen by its id: the caller names the folders. */
  open(ids?: readonly string[]): Promise<Result<Listing<CarriedRun>, OperationFault>> {
    if (ids !== undefined) throw new TypeError("run directories are named, not chosen by ids");
    const { bundles } = this.#place;
    // Many small files are worth a pool that is up, though no group of them is worth its start.
    if (bundles.length >= LONG_CHAIN) this.#pool.start(HASH_JOB);
    return Promise.resolve(ok(makeListing(bundles.length, (index) => this.#read(index))));
  }

  isStored(run: number): boolean {
    const { bundles, from } = this.#place;
    if (from === "newest-root") return run < bundles.length - 1;
    return from === "store" || from === "store-first";
  }

  /** Searches as `beginFinding` does, for runs all of which are stored, or none. */
  begin(wanted: readonly WantedOutputs[], options: FindOptions): Search<FoundInEach> {
    const { from } = this.#place;
    const [first] = wanted;
    const isStored = first !== undefined && this.isStored(first.run);
    const place = from === "newest-root" ? (isStored ? "store-first" : "root") : from;
    return beginIn({ ...this.place, from: place }, wanted, options, (run) => {
      const reading = this.#trees.get(run);
      this.#trees.delete(run);
      return { bundle: itemAt(this.#place.bundles, run), reading };
    });
  }

  find(wanted: readonly WantedOutputs[], options: FindOptions): Promise<FoundInEach> {
    return this.begin(wanted, options).finish();
  }

  /** Nothing is held open. */
  [Symbol.asyncDispose](): Promise<void> {
    if (this.#place.pool === undefined) this.#pool.dismiss();
    return Promise.resolve();
  }

  #read(run: number): CarriedRun {
    const { bundles, limits, read = (path) => openBundle(path, limits) } = this.#place;
    const bundle = itemAt(bundles, run);
    const opened = read(bundle);
    if (!opened.ok) return { opened: emptyBundle(runIdOf(bundle)), fault: opened };
    const { artifacts, smallTree } = opened.value;
    if (smallTree !== undefined) this.#trees.set(run, smallTree);
    const manifest = artifacts["OUTPUT_HASHES.json"];
    if (manifest.kind === "bytes" && manifest.bytes.length >= LONG_MANIFEST) this.#pool.start(HASH_JOB);
    return { opened: opened.value };
  }
}

/** Runs that were carried here, and a folder with their outputs. Of the carrier only the artifacts are read. */
export class DeployedSource implements BundleReader {
  readonly #carrier: BundleReader;
  readonly #root: string;
  readonly #pool: WorkerPool;
  #runs: Listing<CarriedRun> = [];

  /** @param carrier stays the caller's. */
  constructor(carrier: BundleReader, { jobs, root }: Pick<FolderPlace, "jobs" | "root">) {
    this.#carrier = carrier;
    this.#root = root;
    this.#pool = new WorkerPool(jobs);
  }

  /** Fails as the carrier does. */
  async open(
    ids?: readonly string[],
    signal?: AbortSignal,
  ): Promise<Result<Listing<CarriedRun>, OperationFault>> {
    const opened = await this.#carrier.open(ids, signal);
    if (opened.ok) this.#runs = opened.value;
    return opened;
  }

  /** Searches below the root. */
  async find(wanted: readonly WantedOutputs[], options: FindOptions): Promise<FoundInEach> {
    const place = { pool: this.#pool, root: this.#root };
    const treeOf = (run: number): TreeArtifact => ({ reading: this.#runs.at(run)?.tree });
    const found = await beginIn(place, wanted, options, treeOf).finish();
    const fault = found.ok ? found.value.find((own) => "code" in own) : undefined;
    return fault ?? found;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#pool.dismiss();
    return Promise.resolve();
  }
}

function beginIn(
  place: OutputsRequest & Pick<FolderPlace, "limits">,
  wanted: readonly WantedOutputs[],
  { progress, signal, untilFailure }: FindOptions,
  treeOf: (run: number) => TreeArtifact,
): Search<FoundInEach> {
  const bundles = wanted.map(({ bundle }) => bundle);
  const declared = bundles.map(({ declaredBytes }) => declaredBytes);
  const watch = watchOutputs(progress, declared);
  const { abandon, finish } = beginFinding(bundles, { ...place, signal, untilFailure, watch });
  return {
    abandon,
    finish: async () => {
      const found = await finish();
      return ok(
        found.map((own, index) => {
          if (!own.ok) return own;
          const { findings, source } = own.value;
          const matchTree = lookBelow(place, treeOf(itemAt(wanted, index).run), own.value);
          return { carrier: source, findings, isTreeChecked: false, matchTree };
        }),
      );
    },
  };
}
