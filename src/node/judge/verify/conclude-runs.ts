/**
 * The last stage of judging runs: those whose artifacts passed are searched for their outputs in groups, and concluded in order.
 * While workers hash the outputs of one group of run directories, the caller judges the next. Of any other source, all runs are one
 * group, which is searched for once all of them have passed.
 *
 * @module
 */

import type { Fault, Result, SignedBundle, VerifyContext } from "../../../core/internal.ts";
import { artifactBytes } from "../../records/bundle/verify-context.ts";
import type { Search } from "../../system/hashing/hash-files.ts";
import { ChainProgress } from "../../system/runtime/chain-progress.ts";
import {
  type FoundInEach,
  type FoundInSource,
  isGradual,
  type WantedOutputs,
} from "../source/bundle-source.ts";
import { carriedTree } from "../source/tree-look.ts";
import type { AdmittedOutputs, RunJudge, SourceRequest } from "./judge-source.ts";

/** A run whose artifacts passed. */
interface PassedRun<Judged> extends Omit<WantedOutputs, "rows"> {
  readonly judged: Judged;
}

/** A group ends once it has so many bundles, or so many claims: enough for all workers. */
const MOST_BUNDLES = 512;
const MOST_CLAIMS: number = 16 * 1024;

/** A group that keeps so many bytes of artifacts is concluded before another bundle is read. */
const MOST_ARTIFACT_BYTES: number = 4 * 1024 * 1024;

/** A group from the store ends once it declares so many bytes: where one bundle fails, hashing the others was in vain. */
const MOST_STORED_BYTES: number = 256 * 1024 * 1024;

/** Runs that are searched for together. */
class Group<Judged extends SignedBundle> {
  readonly runs: PassedRun<Judged>[] = [];
  readonly isStored: boolean;
  #claims = 0;
  #outputBytes = 0;
  #artifactBytes = 0;

  constructor(isStored: boolean) {
    this.isStored = isStored;
  }

  add(run: PassedRun<Judged>): void {
    this.runs.push(run);
    this.#claims += run.bundle.claims.length;
    this.#outputBytes += run.bundle.declaredBytes ?? Number.POSITIVE_INFINITY;
    this.#artifactBytes += artifactBytes(run.judged.opened);
  }

  get isFull(): boolean {
    if (this.isStored && this.#outputBytes >= MOST_STORED_BYTES) return true;
    return this.runs.length >= MOST_BUNDLES || this.#claims >= MOST_CLAIMS;
  }

  get isHeavy(): boolean {
    return this.#artifactBytes >= MOST_ARTIFACT_BYTES;
  }
}

/** Takes runs one by one, up to the first that fails. */
export class ConcludedRuns<Judged extends SignedBundle, Concluded, Failure extends Fault> {
  readonly #context: VerifyContext;
  readonly #request: SourceRequest;
  readonly #judge: RunJudge<Judged, Concluded, Failure>;
  readonly #progress: ChainProgress | undefined;
  readonly #all: Concluded[] = [];
  #waiting: Group<Judged> | undefined;
  #begun: { readonly runs: readonly PassedRun<Judged>[]; readonly search: Search<FoundInEach> } | undefined;

  /** @param length how many runs there will be. */
  constructor(
    length: number,
    context: VerifyContext,
    request: SourceRequest,
    judge: RunJudge<Judged, Concluded, Failure>,
  ) {
    this.#context = context;
    this.#request = request;
    this.#judge = judge;
    this.#progress = isGradual(request.source) ? ChainProgress.begin(request.progress, length) : undefined;
  }

  /** What was concluded so far, in the order of the runs. */
  get all(): readonly Concluded[] {
    return this.#all;
  }

  /** Adds the next run. Gives the first failure of those before it. Throws as `hashFiles` does. */
  async add(run: PassedRun<Judged>): Promise<Failure | undefined> {
    const { source } = this.#request;
    const isStored = isGradual(source) && source.isStored(run.run);
    let failure: Failure | undefined;
    if (this.#waiting !== undefined && this.#waiting.isStored !== isStored) failure = await this.#next();
    if (failure !== undefined) return failure;
    this.#waiting ??= new Group(isStored);
    this.#waiting.add(run);
    if (!isGradual(source)) return undefined;
    if (this.#waiting.isHeavy) return await this.endEarly();
    return this.#waiting.isFull ? await this.#next() : undefined;
  }

  /** Takes what comes of a run that can't be concluded. */
  report(run: number, concluded: Concluded): void {
    this.#all[run] = concluded;
  }

  /** Concludes the run directories that were added, and gives the first failure. Of any other source, no output may be read yet. */
  async endEarly(): Promise<Failure | undefined> {
    return isGradual(this.#request.source) ? ((await this.#next()) ?? (await this.#conclude())) : undefined;
  }

  /** Concludes all runs that were added, and gives the first failure. */
  async finish(): Promise<Failure | undefined> {
    if (isGradual(this.#request.source)) return await this.endEarly();
    const { admit, checkIds } = this.#judge;
    const judged = this.#waiting?.runs.map((run) => run.judged) ?? [];
    const refused = checkIds?.(judged.map(({ opened }) => opened.runId));
    if (refused !== undefined) return refused;
    const admitted = admit?.(judged, this.#context);
    if (admitted?.ok === false) return admitted;
    return (await this.#next(admitted?.value)) ?? (await this.#conclude());
  }

  /** Stops the workers where the caller ends before the runs do. */
  async abandon(): Promise<void> {
    const begun = this.#begun;
    this.#begun = undefined;
    await begun?.search.abandon();
  }

  /** Concludes the group that was begun, and begins the one that waits. */
  async #next({ keeps, rowsOf, spool }: AdmittedOutputs<Judged> = {}): Promise<Failure | undefined> {
    const failure = await this.#conclude();
    const runs = this.#waiting?.runs;
    this.#waiting = undefined;
    if (failure !== undefined || runs === undefined) return failure;
    const { signal, source, untilFailure = true } = this.#request;
    this.#progress?.beginPart(runs.length);
    const progress = this.#progress ?? this.#request.progress;
    const wanted = runs.map(({ judged, ...run }) => ({ ...run, rows: rowsOf?.(judged) }));
    const options = { keeps, progress, signal, spool, untilFailure };
    const search = isGradual(source)
      ? source.begin(wanted, options)
      : { finish: () => source.find(wanted, options), abandon: () => Promise.resolve() };
    this.#begun = { runs, search };
    return undefined;
  }

  async #conclude(): Promise<Failure | undefined> {
    const begun = this.#begun;
    this.#begun = undefined;
    if (begun === undefined) return undefined;
    const found = await begun.search.finish();
    const { refuse, report } = this.#judge;
    if (!found.ok && report === undefined) return refuse(found, "");
    for (const [index, run] of begun.runs.entries()) {
      const own = found.ok ? found.value[index] : found;
      if (own === undefined) throw new TypeError("a search gives something of each run");
      const { opened } = run.judged;
      if (!("code" in own)) {
        const concluded = await this.#concludeOne(run, own);
        if (!concluded.ok) return concluded;
        this.#all[run.run] = concluded.value;
      } else if (report === undefined) return refuse(own, opened.runId);
      else this.#all[run.run] = report(own, opened, run.judged);
      this.#progress?.endBundle();
    }
    return undefined;
  }

  async #concludeOne(
    { bundle, judged, tree }: PassedRun<Judged>,
    { carrier, findings, isTreeChecked, matchTree = carriedTree(tree, isTreeChecked) }: FoundInSource,
  ): Promise<Result<Concluded, Failure>> {
    const found = { source: carrier, findings };
    const concluded = await this.#judge.conclude(judged, found, this.#context, matchTree);
    this.#request.record?.add({ runId: judged.opened.runId, ...bundle }, found, concluded.ok);
    return concluded;
  }
}
