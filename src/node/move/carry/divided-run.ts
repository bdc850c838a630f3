/**
 * A run of a repository whose verification is divided among processes: one judges its artifacts, any of them hash some of its outputs,
 * and one concludes from what all of them found. Each opens the run by the digest of its manifest, and believes no other process
 * about an artifact.
 *
 * @module
 */

import {
  type BlobName,
  type BundleFacts,
  COUNTERSIGNATURES_NAME,
  judgeHere,
  OUTPUT_TREE_NAME,
  type OutputClaims,
  type OutputFindings,
  ok,
  type Rejection,
  type Result,
  TIMESTAMPS_NAME,
  type TrustDecision,
  type TrustPolicy,
  VERIFY,
} from "../../../core/internal.ts";
import type { BundleReader, CarrierOrigin, WantedOutputs } from "../../judge/source/bundle-source.ts";
import { readCarriedTree } from "../../judge/source/tree-look.ts";
import { boundOutputs } from "../../judge/verify/judge-source.ts";
import { type RunReport, reportOnRuns } from "../../judge/verify/verify-bundle-files.ts";
import type { AcceptedSigner, Decide } from "../../keys/trust/whom-to-trust.ts";
import { type VerifyFailure, verifyContext } from "../../records/bundle/verify-context.ts";
import type { OperationFault } from "../../system/runtime/operation-fault.ts";
import type { ManifestAddress, Repository } from "../registry/repository.ts";
import { holdMore, sumOf } from "./claimed-digests.ts";
import {
  carriedRunFault,
  FOREIGN_OBJECT,
  findRun,
  HOLDS_MORE,
  type OpenedRun,
  openRun,
} from "./open-carried.ts";
import { OutputPlaces } from "./output-places.ts";
import { readRows } from "./read-rows.ts";
import { RegistrySource } from "./registry-source.ts";

/** The outputs of a run whose artifacts passed, and about how much work each is. */
export interface DividedOutputs {
  readonly claims: OutputClaims;
  /** Bytes to read for each row: exact for an output in a blob of its own, else the mean of those in packs. */
  readonly weights: Float64Array;
}

interface JudgedOutputs extends DividedOutputs, Pick<WantedOutputs, "bundle" | "tree"> {
  readonly places: OutputPlaces;
}

/** The verdict on a run, whichever process hashed its outputs. */
export interface RunVerdict
  extends Pick<RunReport, "hasUnboundTree" | "judged" | "said" | "source" | "tree"> {
  /** The facts of an accepted bundle. They are not a VerifiedBundle: another process may have hashed its outputs. */
  readonly verdict: Result<BundleFacts, VerifyFailure>;
  /** What was asked about signers; undefined: nothing. */
  readonly policy: TrustPolicy | undefined;
  /** What was decided of the signer of an accepted bundle. */
  readonly trust: AcceptedSigner | Extract<TrustDecision, { readonly ok: false }> | undefined;
}

/** How to open a run: whose countersignatures and timestamps to take along, and who decides about its signer. */
export interface DivideOptions {
  readonly policy: TrustPolicy | undefined;
  readonly decide: Decide;
  readonly signal?: AbortSignal | undefined;
}

/** One run of a repository, with its artifacts in memory. Dispose of it: its connections are closed. */
export class DividedRun implements Disposable {
  readonly #repository: Repository;
  readonly #run: OpenedRun;
  readonly #policy: TrustPolicy | undefined;
  readonly #decide: Decide;
  #outputs: Result<JudgedOutputs, Rejection | OperationFault> | undefined;

  private constructor(repository: Repository, run: OpenedRun, { decide, policy }: DivideOptions) {
    this.#repository = repository;
    this.#run = run;
    this.#policy = policy;
    this.#decide = decide;
  }

  /** Reads the artifacts of a run. The run closes the repository. Fails as `findRun` and `openRun` do. Throws an Interruption. */
  static async open(
    repository: Repository,
    address: ManifestAddress,
    options: DivideOptions,
  ): Promise<Result<DividedRun, OperationFault>> {
    const { policy, signal } = options;
    const found = await findRun(repository, address, signal);
    if (!found.ok) return found;
    const run = await openRun(repository, found.value, { policy, signal });
    return run.ok ? ok(new DividedRun(repository, run.value, options)) : run;
  }

  /** The run id that the manifest names. It is not believed. */
  get runId(): string {
    return this.#run.layers.runId;
  }

  /** The manifest by its digest, and what was taken of its referrers. */
  get origin(): CarrierOrigin {
    const { origin } = this.#source();
    if (origin === undefined) throw new TypeError("the run is open");
    return origin;
  }

  /** The files of the bundle as they were read, by their names. A key of its verdict holds all of them. */
  get files(): ReadonlyMap<string, Uint8Array> {
    const { opened, tree } = this.#run;
    const readings = {
      ...opened.artifacts,
      [OUTPUT_TREE_NAME]: tree,
      [COUNTERSIGNATURES_NAME]: opened.countersignatures,
      [TIMESTAMPS_NAME]: opened.timestamps,
    };
    return new Map(
      Object.entries(readings).flatMap(([name, reading]) =>
        reading?.kind === "bytes" ? [[name, reading.bytes]] : [],
      ),
    );
  }

  /** Judges the artifacts: phases 1 to 8, the tree, and that the binding bounds the outputs. */
  outputs(): Result<DividedOutputs, Rejection | OperationFault> {
    this.#outputs ??= this.#judge();
    return this.#outputs;
  }

  /**
   * Hashes the outputs of the rows from `from` up to `to`. The findings of other rows say nothing. Of part of the
   * rows, the indexes of the packs are read where a row needs them, and with the first row: once while the run is open. They must name
   * outputs alone. Fails as the repository does, and
   * with CARRIED_RUN_MALFORMED. Throws a TypeError for rows that are not there, and an Interruption.
   */
  async find(
    from: number,
    to: number,
    signal?: AbortSignal,
  ): Promise<Result<OutputFindings, OperationFault>> {
    const outputs = this.#outputs ?? this.#judge();
    if (!outputs.ok) throw new TypeError("outputs are hashed after the artifacts passed");
    const { bundle, places, tree } = outputs.value;
    const { length } = bundle.claims;
    if (!(Number.isInteger(from) && Number.isInteger(to) && from >= 0 && from <= to && to <= length))
      throw new TypeError(`rows are whole numbers from 0 to ${length}`);
    if (from > 0 || to < length) {
      const rows = Uint32Array.from({ length: to - from }, (_, index) => from + index);
      return await readRows(this.#repository, { bundle, places, rows }, signal);
    }
    const found = await this.#source().find([{ run: 0, bundle, tree }], { signal });
    if (!found.ok) return found;
    const [own] = found.value;
    if (own === undefined) throw new TypeError("a search gives something of each run");
    return ok(own.findings);
  }

  /** The verdict by what was found at all rows. Where the artifacts do not pass, no finding is looked at. Throws an Interruption. */
  async conclude(
    findings: OutputFindings,
    signal?: AbortSignal,
  ): Promise<Result<RunVerdict, OperationFault>> {
    const request = { untilFailure: true, signal };
    const reports = await reportOnRuns(foundElsewhere(this.#run, findings), request);
    if (!reports.ok) return reports;
    const [report] = reports.value;
    if (report === undefined) throw new TypeError("a run has a report");
    const { hasUnboundTree, judged, said, source, tree, verdict } = report;
    const trust = verdict.ok ? this.#decide(verdict.value) : undefined;
    return ok({ hasUnboundTree, judged, said, source, tree, verdict, trust, policy: this.#policy });
  }

  [Symbol.dispose](): void {
    this.#repository[Symbol.dispose]();
  }

  #source(): RegistrySource {
    const address = { digest: this.#run.digest };
    return new RegistrySource({ repository: this.#repository, address, run: this.#run });
  }

  #judge(): Result<JudgedOutputs, Rejection | OperationFault> {
    const context = verifyContext();
    const judged = judgeHere(this.#run.opened, context, VERIFY);
    if (!judged.ok) return judged;
    const bundle = boundOutputs(judged.value, { isEndless: true });
    if (!bundle.ok) return bundle;
    const tree = readCarriedTree(this.#run, judged.value, context);
    if (tree?.ok === false) return tree;
    const { claims } = judged.value;
    const places = new OutputPlaces(claims, this.#run.layers);
    const weights = this.#weights(bundle.value, places);
    return weights.ok
      ? ok({ claims, weights: weights.value, bundle: bundle.value, places, tree: tree?.value })
      : weights;
  }

  /** Fails with CARRIED_RUN_MALFORMED for blobs that are not outputs, or hold more than is declared: no range would read them. */
  #weights(
    { claims, declaredBytes }: WantedOutputs["bundle"],
    places: OutputPlaces,
  ): Result<Float64Array, OperationFault> {
    const { objects, packs } = this.#run.layers;
    if (holdMore(this.#run.layers, declaredBytes, places.digestCount))
      return carriedRunFault(this.#repository.shown, HOLDS_MORE);
    const packed = sumOf(packs.map(({ pack }) => pack));
    const mean = packed / Math.max(1, claims.length - objects.length);
    const weights = new Float64Array(claims.length).fill(mean);
    if (objects.length === 0) return ok(weights);
    const named = new Set<BlobName>();
    for (const [from, to] of claims.lawfulRanges()) {
      for (let row = from; row < to; row++) {
        const object = places.objectOf(row);
        if (object === undefined) continue;
        weights[row] = object.size;
        named.add(object);
      }
    }
    return named.size === objects.length
      ? ok(weights)
      : carriedRunFault(this.#repository.shown, FOREIGN_OBJECT);
  }
}

/** An open run whose outputs were found before, here or by other processes. */
function foundElsewhere(run: OpenedRun, findings: OutputFindings): BundleReader {
  return {
    isEndless: true,
    open: async () => ok([run]),
    find: async () => ok([{ carrier: "registry", findings, isTreeChecked: false }]),
    [Symbol.asyncDispose]: async () => undefined,
  };
}
