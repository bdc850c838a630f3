/**
 * A run directory as a source: its artifacts there, its outputs below a root or in the store of a project.
 *
 * @module
 */

import { type Limits, ok, type Result } from "../../core/internal.ts";
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
    { progress, signal, untilFailure }: FindOptions,
  ): Promise<Result<readonly FoundInSource[], OperationFault>> {
    const bundles = wanted.map(({ bundle }) => bundle);
    const declared = bundles.map(({ declaredBytes }) => declaredBytes);
    const watch = watchOutputs(progress, declared);
    const request = { ...this.#place, pool: this.#pool, signal, untilFailure, watch };
    const all: FoundInSource[] = [];
    for (const found of await beginFinding(bundles, request).finish()) {
      if (!found.ok) return found;
      const { findings, source } = found.value;
      all.push({
        carrier: source,
        findings,
        isTreeChecked: false,
        lookAtTree: lookBelow(this.#place, this.#place.bundle, found.value),
      });
    }
    return ok(all);
  }

  /** Nothing is held open. */
  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}
