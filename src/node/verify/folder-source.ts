/**
 * A run directory as a source: its artifacts there, its outputs below a root or in the store of a project. And a carrier whose runs
 * have their outputs in a folder.
 *
 * @module
 */

import { type ArtifactReading, type Limits, ok, type Result } from "../../core/internal.ts";
import { openBundle } from "../bundle/open-bundle.ts";
import { HASH_JOB } from "../hashing/hash-files.ts";
import type { OperationFault } from "../runtime/operation-fault.ts";
import type {
  BundleReader,
  CarriedRun,
  FindOptions,
  FoundInSource,
  WantedOutputs,
} from "../source/bundle-source.ts";
import type { WorkerPool } from "../work/worker-pool.ts";
import { beginFinding, type OutputsRequest } from "./find-outputs.ts";
import { lookBelow } from "./look-at-tree.ts";
import { watchOutputs } from "./watch-outputs.ts";

/** Bytes of OUTPUT_HASHES.json from which on workers start while it is parsed: about 5,000 entries. */
const LONG_MANIFEST: number = 512 * 1024;

/** Where a bundle and its outputs are. */
export interface FolderPlace extends Pick<OutputsRequest, "from" | "home" | "root"> {
  /** The run directory. */
  readonly bundle: string;
  readonly limits?: Limits | undefined;
}

/** One run directory, and the folder or store with its outputs. */
export class FolderSource implements BundleReader {
  readonly #place: FolderPlace;
  readonly #pool: WorkerPool;

  /** @param pool hashes the outputs; it stays the caller's. */
  constructor(place: FolderPlace, pool: WorkerPool) {
    this.#place = place;
    this.#pool = pool;
  }

  /** Reads the one run. Fails as `openBundle` does. */
  open(): Promise<Result<readonly [CarriedRun], OperationFault>> {
    const { bundle, limits } = this.#place;
    const opened = openBundle(bundle, limits);
    if (!opened.ok) return Promise.resolve(opened);
    const manifest = opened.value.artifacts["OUTPUT_HASHES.json"];
    if (manifest.kind === "bytes" && manifest.bytes.length >= LONG_MANIFEST) this.#pool.start(HASH_JOB);
    return Promise.resolve(ok([{ opened: opened.value }]));
  }

  /** Searches as `beginFinding` does. */
  async find(
    wanted: readonly WantedOutputs[],
    options: FindOptions,
  ): Promise<Result<readonly FoundInSource[], OperationFault>> {
    return await findIn(this.#place, this.#pool, wanted, options, () => this.#place.bundle);
  }

  /** Nothing is held open. */
  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}

/** Runs that were carried here, and a folder with their outputs. Of the carrier only the artifacts are read. */
export class DeployedSource implements BundleReader {
  readonly #carrier: BundleReader;
  readonly #root: string;
  readonly #pool: WorkerPool;
  #runs: readonly CarriedRun[] = [];

  /** @param carrier stays the caller's, as the pool does. */
  constructor(carrier: BundleReader, root: string, pool: WorkerPool) {
    this.#carrier = carrier;
    this.#root = root;
    this.#pool = pool;
  }

  get origin(): BundleReader["origin"] {
    return this.#carrier.origin;
  }

  /** Fails as the carrier does. */
  async open(
    ids?: readonly string[],
    signal?: AbortSignal,
  ): Promise<Result<readonly CarriedRun[], OperationFault>> {
    const opened = await this.#carrier.open(ids, signal);
    if (opened.ok) this.#runs = opened.value;
    return opened;
  }

  /** Searches below the root. */
  async find(
    wanted: readonly WantedOutputs[],
    options: FindOptions,
  ): Promise<Result<readonly FoundInSource[], OperationFault>> {
    const place = { from: "root", root: this.#root } as const;
    const treeOf = (run: number): ArtifactReading => this.#runs[run]?.tree ?? { kind: "missing" };
    return await findIn(place, this.#pool, wanted, options, treeOf);
  }

  /** Nothing of its own is held open. */
  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}

async function findIn(
  place: Omit<FolderPlace, "bundle">,
  pool: WorkerPool,
  wanted: readonly WantedOutputs[],
  { progress, signal, untilFailure }: FindOptions,
  artifactOf: (run: number) => string | ArtifactReading,
): Promise<Result<readonly FoundInSource[], OperationFault>> {
  const bundles = wanted.map(({ bundle }) => bundle);
  const declared = bundles.map(({ declaredBytes }) => declaredBytes);
  const watch = watchOutputs(progress, declared);
  const request = { ...place, pool, signal, untilFailure, watch };
  const all: FoundInSource[] = [];
  for (const [index, found] of (await beginFinding(bundles, request).finish()).entries()) {
    if (!found.ok) return found;
    const { findings, source } = found.value;
    const lookAtTree = lookBelow(place, artifactOf(wanted[index]?.run ?? 0), found.value);
    all.push({ carrier: source, findings, isTreeChecked: false, lookAtTree });
  }
  return ok(all);
}
