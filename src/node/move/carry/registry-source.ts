/**
 * A run in a registry as a source of bundles and bytes. Of its outputs, only what is wanted is fetched.
 *
 * @module
 */

import { ociDigest, ok, type Result, type TrustPolicy } from "../../../core/internal.ts";
import { type BlobKeeper, NO_KEEPER } from "../../judge/source/blob-keeper.ts";
import {
  type BundleSource,
  type CarriedRun,
  type CarrierOrigin,
  type FindOptions,
  type FoundInSource,
  runMissing,
  type WantedOutputs,
} from "../../judge/source/bundle-source.ts";
import { type HeldRanges, makeHeldRanges } from "../../judge/source/held-ranges.ts";
import type { Spool } from "../../judge/source/spool.ts";
import type { OperationFault } from "../../system/runtime/operation-fault.ts";
import type { ManifestAddress, Repository } from "../registry/repository.ts";
import { OutputFetch } from "./fetch-outputs.ts";
import { findRun, type OpenedRun, openRun } from "./open-carried.ts";

/** Which run of a repository, and whose countersignatures and timestamps to take along. */
export interface RegistrySourceOptions {
  readonly repository: Repository;
  /** Closes the repository, once the source is closed. */
  readonly close?: (() => void) | undefined;
  readonly address: ManifestAddress;
  /** The run, if it was opened before. */
  readonly run?: OpenedRun | undefined;
  /** Undefined: nothing that refers to the run is taken. */
  readonly policy?: TrustPolicy | undefined;
}

/** One run of a repository. */
export class RegistrySource implements BundleSource {
  readonly isEndless = true;
  readonly canChoose = true;
  readonly #repository: Repository;
  readonly #address: ManifestAddress;
  readonly #policy: TrustPolicy | undefined;
  readonly #close: () => void;
  #run: OpenedRun | undefined;
  #ranges: HeldRanges | undefined;

  constructor({ address, close, policy, repository, run }: RegistrySourceOptions) {
    this.#run = run;
    this.#close = close ?? (() => undefined);
    this.#repository = repository;
    this.#address = address;
    this.#policy = policy;
  }

  get origin(): CarrierOrigin | undefined {
    if (this.#run === undefined) return undefined;
    const { digest, referrers } = this.#run;
    const { left, more, taken, unreadable } = referrers;
    const reference = `${this.#repository.shown}@${ociDigest(digest)}`;
    return { reference, referrers: { taken, left, more, unreadable } };
  }

  async open(
    ids?: readonly string[],
    signal?: AbortSignal,
  ): Promise<Result<readonly CarriedRun[], OperationFault>> {
    if (this.#run !== undefined) return ok([this.#run]);
    const found = await findRun(this.#repository, this.#address, signal);
    if (!found.ok) return found;
    const { runId } = found.value.layers;
    if (ids !== undefined && !ids.includes(runId))
      return runMissing(this.#repository.shown, ids[0] ?? "", [runId]);
    const run = await openRun(this.#repository, found.value, { policy: this.#policy, signal });
    if (!run.ok) return run;
    this.#run = run.value;
    return ok([run.value]);
  }

  async find(
    wanted: readonly WantedOutputs[],
    { keeper, keeps = false, progress, signal, spool }: FindOptions,
  ): Promise<Result<readonly FoundInSource[], OperationFault>> {
    const found: FoundInSource[] = [];
    for (const one of wanted) {
      const { layers } = this.#opened();
      if (keeps) this.#ranges = makeHeldRanges(spoolOf(spool).fd, one.bundle.claims.length);
      const fetch = new OutputFetch(this.#repository, layers, one, this.#ranges);
      const own = keeps ? spoolKeeper(spoolOf(spool)) : NO_KEEPER;
      const kept = keeper === undefined ? ok(own) : await keeper(layers.objects);
      const fault = kept.ok ? await fetch.fetch(kept.value, { progress, signal }) : kept;
      if (fault !== undefined) return fault;
      const { fetchedBytes } = fetch;
      found.push({ carrier: "registry", findings: fetch.found.table(), fetchedBytes, isTreeChecked: false });
    }
    return ok(found);
  }

  outputs(_run: number): HeldRanges {
    if (this.#ranges === undefined)
      throw new TypeError("outputs are found with `keeps` before they are used");
    return this.#ranges;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#close();
  }

  #opened(): OpenedRun {
    if (this.#run === undefined) throw new TypeError("a source is opened before its outputs are found");
    return this.#run;
  }
}

function spoolOf(spool: Spool | undefined): Spool {
  if (spool === undefined) throw new TypeError("bytes are kept in a spool");
  return spool;
}

function spoolKeeper(spool: Spool): BlobKeeper {
  return {
    begin: async ({ size }) => {
      const start = spool.reserve(size);
      let end = start;
      return {
        start,
        add: async (chunk) => {
          await spool.writeBeside(chunk, end);
          end += chunk.length;
        },
        end: () => undefined,
        abandon: () => undefined,
      };
    },
  };
}
