/**
 * Verifying a chain on disk: each bundle in order, then what holds them together (PROTOCOL 9).
 *
 * @module
 */

import { setImmediate } from "node:timers/promises";
import {
  checkRunIds,
  concludeChain,
  concludeVerification,
  type JudgedBundle,
  type Limits,
  type Result,
  type SignatureQuestion,
  type VerifiedBundle,
  type VerifiedChain,
} from "../../core/index.ts";
import { ChainProgress } from "../chain-progress.ts";
import { availableCores } from "../files/available-cores.ts";
import { HashCrew } from "../files/hash-crew.ts";
import { runIdOf } from "../files/open-bundle.ts";
import { throwIfInterrupted } from "../interruption.ts";
import { nodeCrypto } from "../node-crypto.ts";
import type { Progress } from "../progress.ts";
import { answerSignatures } from "./answer-signatures.ts";
import { beginStretch, type Stretch } from "./begin-stretch.ts";
import { ChainHelper } from "./chain-helper.ts";
import { findStretchOutputs, type StretchOutputs } from "./find-stretch-outputs.ts";
import { inRun } from "./in-run.ts";
import { type ReadStretch, readStretch } from "./read-stretch.ts";
import type { SignatureMemory } from "./signature-memory.ts";
import { type OutputsFrom, type VerifyFailure, verifyContext, watchOutputs } from "./verify-bundle-files.ts";

/** Which bundles, in which order, against which folder. */
export interface VerifyChainRequest {
  /** Run directories in the order in which the runs happened. */
  readonly bundles: readonly string[];
  readonly root: string;
  /** Where to look for outputs, of each bundle by itself; default: the root. */
  readonly from?: OutputsFrom | undefined;
  /** The chain root that the caller expects, 64 lowercase hex. */
  readonly expectedRoot?: string;
  /** Threads that may hash at once; by default as many as there are cores. */
  readonly jobs?: number | undefined;
  readonly limits?: Limits;
  readonly signal?: AbortSignal;
  /** Who is told how far it is. */
  readonly progress?: Progress | undefined;
  /** Bundles whose signatures are known to hold, and need not be checked; the others are added as they are judged. */
  readonly memory?: SignatureMemory | undefined;
}

/** Verifies a chain, all or nothing: the first bundle that fails ends it, with its run id in the details. */
export async function verifyChain(
  request: VerifyChainRequest,
): Promise<Result<VerifiedChain, VerifyFailure>> {
  const { bundles, jobs, limits } = request;
  const refused = checkRunIds(bundles.map(runIdOf), limits?.runs);
  if (refused !== undefined) return refused;
  const crew = new HashCrew(jobs);
  const helper = ChainHelper.start({ bundles, limits }, jobs);
  try {
    return await new ChainWalk(request, crew, helper).run();
  } finally {
    crew.dismiss();
    await helper?.dismiss();
  }
}

/** A stretch whose artifacts passed, and what there is to know of its outputs. */
interface SettledStretch {
  readonly judged: readonly JudgedBundle[];
  readonly found: StretchOutputs;
  /** Why the bundle after these is rejected, or could not be read. */
  readonly failure: VerifyFailure | undefined;
}

/**
 * A walk along a chain, a stretch after the other. While one is judged, the signatures of the one before and the outputs
 * of the one before that are looked at elsewhere. What comes of it is taken in the order of the chain.
 */
class ChainWalk {
  readonly #request: VerifyChainRequest;
  readonly #crew: HashCrew;
  readonly #helper: ChainHelper | undefined;
  readonly #chain: ChainProgress | undefined;
  readonly #verified: VerifiedBundle[] = [];
  #begun: Stretch | undefined;
  #settled: SettledStretch | undefined;

  constructor(request: VerifyChainRequest, crew: HashCrew, helper: ChainHelper | undefined) {
    this.#request = request;
    this.#crew = crew;
    this.#helper = helper;
    this.#chain = ChainProgress.begin(request.progress, request.bundles.length);
  }

  async run(): Promise<Result<VerifiedChain, VerifyFailure>> {
    const { bundles, expectedRoot } = this.#request;
    for (let start = 0, ahead: Promise<ReadStretch> | undefined; start < bundles.length; ) {
      const read: ReadStretch = await (ahead ?? this.#read(start));
      // Of large artifacts there is one stretch at a time in memory.
      const isLast = read.end === bundles.length || read.failure !== undefined;
      ahead = isLast || read.isHeavy ? undefined : this.#read(read.end);
      // Where the chain ends before, nobody asks for it any more.
      ahead?.catch(() => undefined);
      const begun = beginStretch(read, this.#request, (questions) => this.#answer(questions));
      const failure = (await this.#advance(begun)) ?? (read.isHeavy ? await this.#finish() : undefined);
      if (failure !== undefined) return failure;
      if (begun.failure !== undefined) break;
      start = read.end;
    }
    const failure = await this.#finish();
    return failure ?? concludeChain(this.#verified, expectedRoot, nodeCrypto);
  }

  /** Takes the stretches under way one step on, and one more among them. */
  async #advance(begun: Stretch | undefined): Promise<VerifyFailure | undefined> {
    const failure = await this.#conclude();
    if (failure !== undefined) return failure;
    if (this.#begun !== undefined) this.#settled = await this.#settle(this.#begun);
    this.#begun = begun;
    return this.#settled?.failure === undefined ? undefined : this.#conclude();
  }

  /** Takes the stretches under way to their end. */
  async #finish(): Promise<VerifyFailure | undefined> {
    return (await this.#advance(undefined)) ?? (await this.#advance(undefined));
  }

  /** Reads a stretch in the other thread, or in this one when it is waited for. */
  async #read(start: number): Promise<ReadStretch> {
    if (this.#helper?.isUp === true) return await this.#helper.read(start);
    // Signals and the words of other threads are heard of only between the turns of the event loop.
    await setImmediate();
    return readStretch(this.#request, start);
  }

  #answer(questions: readonly SignatureQuestion[]): Promise<readonly boolean[]> {
    if (this.#helper?.isUp === true) return this.#helper.answer(questions);
    return answerSignatures(questions, this.#request.jobs ?? availableCores());
  }

  /** Settles the signatures of a stretch, and begins to look at its outputs. */
  async #settle({ answers, bundles, failure }: Stretch): Promise<SettledStretch> {
    const request = this.#request;
    const given = await answers;
    throwIfInterrupted(request.signal);
    const judged: JudgedBundle[] = [];
    let rejection: VerifyFailure | undefined;
    for (const { answer, key, runId, settle } of bundles) {
      const settled = settle(answer === undefined || given[answer] === true);
      if (!settled.ok) {
        rejection = inRun(settled, runId);
        break;
      }
      if (answer !== undefined) request.memory?.note(key);
      judged.push(settled.value);
    }
    this.#chain?.beginPart(judged.length);
    const watch = watchOutputs(this.#chain ?? request.progress, judged);
    const found = await findStretchOutputs(judged, {
      ...request,
      crew: this.#crew,
      helper: this.#helper,
      watch,
    });
    return { judged, found, failure: rejection ?? failure };
  }

  /** Concludes a stretch, and gives the first failure in it. */
  async #conclude(): Promise<VerifyFailure | undefined> {
    const settled = this.#settled;
    this.#settled = undefined;
    if (settled === undefined) return undefined;
    const context = verifyContext(this.#request.limits);
    for (const [index, bundle] of settled.judged.entries()) {
      // In the store each is looked for by itself.
      if (this.#request.from === "store") this.#chain?.beginPart(1);
      const outputs = await settled.found(index);
      if (!outputs.ok) return outputs;
      const verdict = concludeVerification(bundle, outputs.value.findings, context);
      if (!verdict.ok) return inRun(verdict, bundle.opened.runId);
      this.#verified.push(verdict.value);
      this.#chain?.endBundle();
    }
    return settled.failure;
  }
}
