/**
 * The last stage of a chain: bundles whose artifacts passed are searched for their outputs in groups, and concluded in the
 * order of the chain. While workers hash the outputs of one group, the caller judges the bundles of the next.
 *
 * @module
 */

import type { Fault, Result } from "../../core/internal.ts";
import { HASH_JOB } from "../hashing/hash-files.ts";
import { ChainProgress } from "../runtime/chain-progress.ts";
import type { OperationFault } from "../runtime/operation-fault.ts";
import type { Progress } from "../runtime/progress.ts";
import { reclaimMemory } from "../runtime/reclaim-memory.ts";
import type { ClaimingBundle } from "../source/bundle-source.ts";
import { LONG_CHAIN } from "./chain-signatures.ts";
import {
  beginFinding,
  type ChainOutputsFrom,
  type FoundOutputs,
  type OutputsFrom,
  type OutputsRequest,
  type Search,
} from "./find-outputs.ts";
import type { OutputsRecord } from "./outputs-record.ts";
import { watchOutputs } from "./watch-outputs.ts";

/** A bundle whose artifacts passed. */
export interface AwaitingBundle<Concluded, Failure extends Fault> extends ClaimingBundle {
  readonly runId: string;
  /** Bytes of the artifacts that it keeps in memory until it is concluded. */
  readonly artifactBytes: number;
  /** Concludes from what was found of its outputs, or from why the search failed. */
  readonly conclude: (found: Result<FoundOutputs, OperationFault>) => Promise<Result<Concluded, Failure>>;
}

/** Where to search, and what to report. */
export interface ChainOutputsRequest extends Omit<OutputsRequest, "from" | "untilFailure" | "watch"> {
  /** Where to look for the outputs of each run; default: the root. */
  readonly from?: ChainOutputsFrom | undefined;
  readonly progress?: Progress | undefined;
  /** Keeps where the outputs of each run were found. */
  readonly record?: OutputsRecord | undefined;
}

/** A group ends once it has so many bundles, or so many claims: enough for all workers. */
const MOST_BUNDLES = 512;
const MOST_CLAIMS: number = 16 * 1024;

/** A group that keeps so many bytes of artifacts is concluded before another bundle is read. */
const MOST_ARTIFACT_BYTES: number = 4 * 1024 * 1024;

/** The engine lets documents of bundles that were judged lie until its heap has doubled: after so many they are collected. */
export const BUNDLES_A_COLLECTION = 1024;

/** A group from the store ends once it declares so many bytes: where one bundle fails, hashing the others was in vain. */
const MOST_STORED_BYTES: number = 256 * 1024 * 1024;

type Awaiting<Concluded, Failure extends Fault> = AwaitingBundle<Concluded, Failure>;

/** Bundles that are searched for together. */
class Group<Concluded, Failure extends Fault> {
  readonly bundles: Awaiting<Concluded, Failure>[] = [];
  readonly from: OutputsFrom;
  #claims = 0;
  #outputBytes = 0;
  #artifactBytes = 0;

  constructor(from: OutputsFrom) {
    this.from = from;
  }

  add(bundle: Awaiting<Concluded, Failure>): void {
    this.bundles.push(bundle);
    this.#claims += bundle.claims.length;
    this.#outputBytes += bundle.declaredBytes ?? Number.POSITIVE_INFINITY;
    this.#artifactBytes += bundle.artifactBytes;
  }

  get isFull(): boolean {
    const isStored = this.from === "store" || this.from === "store-first";
    if (isStored && this.#outputBytes >= MOST_STORED_BYTES) return true;
    return this.bundles.length >= MOST_BUNDLES || this.#claims >= MOST_CLAIMS;
  }

  get isHeavy(): boolean {
    return this.#artifactBytes >= MOST_ARTIFACT_BYTES;
  }
}

/** Takes the bundles of a chain one by one, up to the first that fails. */
export class ChainOutputs<Concluded, Failure extends Fault> {
  readonly #request: ChainOutputsRequest;
  readonly #length: number;
  readonly #progress: ChainProgress | undefined;
  readonly #concluded: Concluded[] = [];
  #added = 0;
  #uncollected = 0;
  #waiting: Group<Concluded, Failure> | undefined;
  #begun:
    | {
        readonly bundles: readonly Awaiting<Concluded, Failure>[];
        readonly search: Search<Result<FoundOutputs, OperationFault>>;
      }
    | undefined;

  /** @param length how many bundles there will be. */
  constructor(length: number, request: ChainOutputsRequest) {
    this.#request = request;
    this.#length = length;
    this.#progress = ChainProgress.begin(request.progress, length);
    // Many small files are worth a pool that is up, though no group of them is worth its start.
    if (length >= LONG_CHAIN) request.pool?.start(HASH_JOB);
  }

  /** What was concluded so far, in the order of the chain. */
  get concluded(): readonly Concluded[] {
    return this.#concluded;
  }

  /** Adds the next bundle. Gives the first failure of those before it. Throws as `hashFiles` does. */
  async add(bundle: Awaiting<Concluded, Failure>): Promise<Failure | undefined> {
    const from = this.#placeOf(this.#added++);
    let failure: Failure | undefined;
    if (this.#waiting !== undefined && this.#waiting.from !== from) failure = await this.#next();
    if (failure !== undefined) return failure;
    this.#waiting ??= new Group(from);
    this.#waiting.add(bundle);
    if (this.#waiting.isHeavy) return await this.#concludeAll();
    return this.#waiting.isFull ? await this.#next() : undefined;
  }

  /** Concludes all bundles that were added, and gives the first failure. */
  async finish(): Promise<Failure | undefined> {
    return await this.#concludeAll();
  }

  /** Stops the workers where the caller ends before the chain does. */
  async abandon(): Promise<void> {
    const begun = this.#begun;
    this.#begun = undefined;
    await begun?.search.abandon();
  }

  async #concludeAll(): Promise<Failure | undefined> {
    return (await this.#next()) ?? (await this.#conclude());
  }

  #placeOf(index: number): OutputsFrom {
    const { from } = this.#request;
    if (from !== "newest-root") return from ?? "root";
    return index === this.#length - 1 ? "root" : "store-first";
  }

  /** Concludes the group that was begun, and begins the one that waits. */
  async #next(): Promise<Failure | undefined> {
    const failure = await this.#conclude();
    const group = this.#waiting;
    this.#waiting = undefined;
    if (failure !== undefined || group === undefined) return failure;
    const { bundles, from } = group;
    this.#progress?.beginPart(bundles.length);
    const declared = bundles.map(({ declaredBytes }) => declaredBytes);
    const watch = watchOutputs(this.#progress ?? this.#request.progress, declared);
    const search = beginFinding(bundles, { ...this.#request, from, untilFailure: true, watch });
    this.#begun = { bundles, search };
    return undefined;
  }

  async #conclude(): Promise<Failure | undefined> {
    const begun = this.#begun;
    this.#begun = undefined;
    if (begun === undefined) return undefined;
    const found = await begun.search.finish();
    for (const [index, bundle] of begun.bundles.entries()) {
      const own = found[index];
      if (own === undefined) throw new TypeError("a search gives something of each bundle");
      const concluded = await bundle.conclude(own);
      if (own.ok) this.#request.record?.add(bundle, own.value, concluded.ok);
      if (!concluded.ok) return concluded;
      this.#concluded.push(concluded.value);
      this.#progress?.endBundle();
    }
    this.#uncollected += begun.bundles.length;
    if (this.#uncollected < BUNDLES_A_COLLECTION) return undefined;
    this.#uncollected = 0;
    reclaimMemory();
    return undefined;
  }
}
