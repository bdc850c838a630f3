/**
 * Looking at the outputs of a chain, those of a few bundles after those of the others: they are looked for while something else is
 * done. What comes of it is taken in the order of the chain.
 *
 * @module
 */

import type { Fault, Result } from "../../core/internal.ts";
import { ChainProgress } from "../runtime/chain-progress.ts";
import type { OperationFault } from "../runtime/operation-fault.ts";
import type { Progress } from "../runtime/progress.ts";
import { type ChainOutputsFrom, sourceOfRun } from "./chain-sources.ts";
import {
  type ClaimingBundle,
  findStretchOutputs,
  type PlacedBundle,
  type StretchOutputs,
  type StretchOutputsRequest,
} from "./find-stretch-outputs.ts";
import type { OutputsRecord } from "./outputs-record.ts";
import { type FoundOutputs, watchOutputs } from "./verify-bundle-files.ts";

/** A bundle whose outputs are to be looked at. */
export interface AwaitingBundle<Concluded, Failure extends Fault> extends ClaimingBundle {
  readonly runId: string;
  /** Takes it to its end with what was found of its outputs, or with why nothing could be. */
  readonly conclude: (found: Result<FoundOutputs, OperationFault>) => Result<Concluded, Failure>;
}

/** Where to look, and who is told. */
export interface OutputsWalkRequest extends Omit<StretchOutputsRequest, "watch"> {
  /** Where to look for outputs, of each run by itself; default: the root. */
  readonly from?: ChainOutputsFrom | undefined;
  readonly progress?: Progress | undefined;
  /** Where it is noted what was looked for. */
  readonly record?: OutputsRecord | undefined;
}

/** Bundles whose outputs are looked for together, at most, and the claims with which that ends. */
const MOST_BUNDLES = 64;
const MANY_CLAIMS = 16 * 1024;

type Placed<Concluded, Failure extends Fault> = AwaitingBundle<Concluded, Failure> & PlacedBundle;

/** A walk along bundles that are handed to it, up to the first that fails. */
export class OutputsWalk<Concluded, Failure extends Fault> {
  readonly #request: OutputsWalkRequest;
  readonly #length: number;
  readonly #chain: ChainProgress | undefined;
  readonly #concluded: Concluded[] = [];
  #waiting: AwaitingBundle<Concluded, Failure>[] = [];
  #claims = 0;
  #added = 0;
  #begun:
    | { readonly bundles: readonly Placed<Concluded, Failure>[]; readonly found: StretchOutputs }
    | undefined;

  /** @param length how many bundles there will be. */
  constructor(length: number, request: OutputsWalkRequest) {
    this.#request = request;
    this.#length = length;
    this.#chain = ChainProgress.begin(request.progress, length);
  }

  /** What has become of the bundles so far. */
  get concluded(): readonly Concluded[] {
    return this.#concluded;
  }

  /** Adds one bundle: as soon as there are enough of them to be worth being looked for together, that is begun. */
  async addOne(bundle: AwaitingBundle<Concluded, Failure>): Promise<Failure | undefined> {
    this.#waiting.push(bundle);
    this.#claims += bundle.claims.length;
    if (this.#waiting.length < MOST_BUNDLES && this.#claims < MANY_CLAIMS) return undefined;
    return await this.#addWaiting();
  }

  /** Concludes what was begun before, and begins to look for the outputs of the next bundles. Gives the first failure. */
  async add(bundles: readonly AwaitingBundle<Concluded, Failure>[]): Promise<Failure | undefined> {
    const failure = await this.#conclude();
    if (failure !== undefined) return failure;
    this.#chain?.beginPart(bundles.length);
    const watch = watchOutputs(
      this.#chain ?? this.#request.progress,
      bundles.map(({ declaredBytes }) => declaredBytes),
    );
    const start = this.#added;
    this.#added += bundles.length;
    const placed = bundles.map((bundle, index) => ({
      ...bundle,
      from: sourceOfRun(this.#request.from, start + index, this.#length),
    }));
    this.#begun = { bundles: placed, found: await findStretchOutputs(placed, { ...this.#request, watch }) };
    return undefined;
  }

  /** Takes all that was added to its end, and gives the first failure in it. */
  async finish(): Promise<Failure | undefined> {
    const failure = this.#waiting.length > 0 ? await this.#addWaiting() : undefined;
    return failure ?? (await this.#conclude());
  }

  async #addWaiting(): Promise<Failure | undefined> {
    const bundles = this.#waiting;
    this.#waiting = [];
    this.#claims = 0;
    return await this.add(bundles);
  }

  /** Concludes what was begun. */
  async #conclude(): Promise<Failure | undefined> {
    const begun = this.#begun;
    this.#begun = undefined;
    if (begun === undefined) return undefined;
    for (const [index, bundle] of begun.bundles.entries()) {
      // In the store each is looked for by itself.
      if (bundle.from === "store" || bundle.from === "store-first") this.#chain?.beginPart(1);
      const found = await begun.found(index);
      const concluded = bundle.conclude(found);
      if (found.ok) this.#request.record?.add(bundle, found.value, concluded.ok);
      if (!concluded.ok) return concluded;
      this.#concluded.push(concluded.value);
      this.#chain?.endBundle();
    }
    return undefined;
  }
}
