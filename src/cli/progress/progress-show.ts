/** Shows progress at intervals, from the counters of the work. @module */

import {
  fractionDone,
  NOTHING_DONE,
  type Progress,
  type ProgressCount,
  type ProgressPhase,
  type ProgressTotal,
} from "../../node/system/runtime/progress.ts";
import type { Io } from "../output/io.ts";
import { Pace, type Sample } from "./pace.ts";
import type { ProgressState } from "./progress-state.ts";

/** How progress is shown. */
export interface Manner {
  /** Milliseconds from the beginning of the command until something is shown for the first time. */
  readonly firstAfter: number;
  /** Milliseconds between two times, at least. */
  readonly every: number;
  readonly show: (state: ProgressState) => void;
  /** Called at the begin of each phase. */
  readonly begun?: (state: ProgressState) => void;
  /** Called for a phase that blocks the event loop, so that timers can't fire. */
  readonly begunWhole?: (state: ProgressState) => void;
  /** Called at the end of each phase. */
  readonly ended?: (state: ProgressState) => void;
  /** Called once a signal interrupts a phase; nothing is shown at intervals from then on. */
  readonly interrupted?: (state: ProgressState) => void;
}

/** A timer that fires slightly early must not skip a turn. */
const LATE_MS = 5;

/** A phase that is going on. */
interface Going {
  readonly phase: ProgressPhase;
  readonly total: ProgressTotal;
  readonly done: () => ProgressCount;
  readonly isWhole: boolean;
  readonly began: number;
  readonly pace: Pace;
}

/** Shows progress until it is disposed of. */
export class ProgressShow implements Progress, Disposable {
  readonly #manner: Manner;
  readonly #ticks: Io["ticks"];
  readonly #stop: () => void;
  readonly #signal: AbortSignal;
  #due: number;
  /** Since when nothing goes on; undefined before there was anything. */
  #pausedAt: number | undefined;
  #going: Going | undefined;

  constructor(manner: Manner, { every, signal, ticks }: Pick<Io, "every" | "signal" | "ticks">) {
    this.#manner = manner;
    this.#ticks = ticks;
    this.#due = ticks() + manner.firstAfter;
    this.#stop = every(Math.min(manner.every, manner.firstAfter) + LATE_MS, () => this.#strike());
    this.#signal = signal;
    signal.addEventListener("abort", this.#interrupt, { once: true });
  }

  begin(phase: ProgressPhase, total: ProgressTotal, done: () => ProgressCount): void {
    this.#start(phase, total, done, false);
  }

  beginWhole(phase: ProgressPhase, total: ProgressTotal): void {
    const begun = this.#start(phase, total, () => NOTHING_DONE, true);
    this.#manner.begunWhole?.(begun);
  }

  end(): void {
    if (this.#going !== undefined) this.#pausedAt = this.#ticks();
    this.#conclude();
  }

  [Symbol.dispose](): void {
    this.end();
    this.#stop();
    this.#signal.removeEventListener("abort", this.#interrupt);
  }

  readonly #interrupt = (): void => {
    const going = this.#going;
    this.#stop();
    this.end();
    if (going !== undefined) this.#manner.interrupted?.(this.#stateOf(going, this.#ticks()));
  };

  #start(
    phase: ProgressPhase,
    total: ProgressTotal,
    done: () => ProgressCount,
    isWhole: boolean,
  ): ProgressState {
    this.#conclude();
    const began = this.#ticks();
    this.#resume(began);
    const pace = new Pace(sampleAt(began, done(), total));
    this.#going = { phase, total, done, isWhole, began, pace };
    const state = this.#stateOf(this.#going, began);
    this.#manner.begun?.(state);
    return state;
  }

  #conclude(): void {
    const going = this.#going;
    this.#going = undefined;
    if (going !== undefined) this.#manner.ended?.(this.#stateOf(going, this.#ticks()));
  }

  /** After a long pause, such as a command that was run, the first delay applies again. */
  #resume(now: number): void {
    const { firstAfter } = this.#manner;
    if (this.#pausedAt !== undefined && now - this.#pausedAt > firstAfter) this.#due = now + firstAfter;
    this.#pausedAt = undefined;
  }

  #strike(): void {
    const now = this.#ticks();
    if (this.#going === undefined || now < this.#due) return;
    this.#due = now + this.#manner.every;
    this.#manner.show(this.#stateOf(this.#going, now));
  }

  #stateOf({ began, done, isWhole, pace, phase, total }: Going, now: number): ProgressState {
    const count = done();
    const sample = sampleAt(now, count, total);
    const seconds = (now - began) / 1000;
    const { fraction } = sample;
    return { phase, total, done: count, isWhole, fraction, seconds, ...pace.ratesAt(sample) };
  }
}

function sampleAt(at: number, done: ProgressCount, total: ProgressTotal): Sample {
  return { at, files: done.files, bytes: done.bytes, fraction: fractionDone(done, total) };
}
