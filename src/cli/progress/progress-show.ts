/** The clock of progress: when it is time, the work's counters are read, and shown. @module */

import {
  fractionDone,
  type Progress,
  type ProgressCount,
  type ProgressPhase,
  type ProgressTotal,
} from "../../node/progress.ts";
import type { Io } from "../io.ts";
import { Pace, type Sample } from "./pace.ts";
import type { ProgressState } from "./progress-state.ts";

/** How progress is shown. */
export interface Manner {
  /** Milliseconds from the beginning of the command until something is shown for the first time. */
  readonly firstAfter: number;
  /** Milliseconds between two times, at least. */
  readonly every: number;
  readonly show: (state: ProgressState) => void;
  /** Of each phase, at once. */
  readonly begun?: (state: ProgressState) => void;
  /** Nothing is going on any more, or something else is. */
  readonly ended?: (state: ProgressState) => void;
}

/** A clock that strikes a moment early must not cost a whole turn. */
const LATE_MS = 5;

/** A phase that is going on. */
interface Going {
  readonly phase: ProgressPhase;
  readonly total: ProgressTotal;
  readonly done: () => ProgressCount;
  readonly began: number;
  readonly pace: Pace;
}

/** Shows, until it is disposed of, what it is told. */
export class ProgressShow implements Progress, Disposable {
  readonly port: Progress = this;
  readonly #manner: Manner;
  readonly #ticks: Io["ticks"];
  readonly #stop: () => void;
  #due: number;
  #going: Going | undefined;

  constructor(manner: Manner, { every, ticks }: Pick<Io, "every" | "ticks">) {
    this.#manner = manner;
    this.#ticks = ticks;
    this.#due = ticks() + manner.firstAfter;
    this.#stop = every(Math.min(manner.every, manner.firstAfter) + LATE_MS, () => this.#strike());
  }

  begin(phase: ProgressPhase, total: ProgressTotal, done: () => ProgressCount): void {
    this.end();
    const began = this.#ticks();
    const pace = new Pace(sampleAt(began, done(), total));
    this.#going = { phase, total, done, began, pace };
    this.#manner.begun?.(this.#stateOf(this.#going, began));
  }

  end(): void {
    const going = this.#going;
    this.#going = undefined;
    if (going !== undefined) this.#manner.ended?.(this.#stateOf(going, this.#ticks()));
  }

  [Symbol.dispose](): void {
    this.end();
    this.#stop();
  }

  #strike(): void {
    const now = this.#ticks();
    if (this.#going === undefined || now < this.#due) return;
    this.#due = now + this.#manner.every;
    this.#manner.show(this.#stateOf(this.#going, now));
  }

  #stateOf({ began, done, pace, phase, total }: Going, now: number): ProgressState {
    const count = done();
    const sample = sampleAt(now, count, total);
    const seconds = (now - began) / 1000;
    return { phase, total, done: count, fraction: sample.fraction, seconds, ...pace.ratesAt(sample) };
  }
}

function sampleAt(at: number, done: ProgressCount, total: ProgressTotal): Sample {
  return { at, files: done.files, bytes: done.bytes, fraction: fractionDone(done, total) };
}
