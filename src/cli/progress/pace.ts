/**
 * The speed of work over the last seconds, not from the beginning: a disk that got slower, or a process that was stopped
 * for a while, must not distort the estimate for the rest.
 *
 * @module
 */

/** What is measured, at one moment. */
export interface Sample {
  /** Milliseconds. */
  readonly at: number;
  readonly files: number;
  readonly bytes: number;
  /** The done part of the whole, 0 to 1; undefined where that is not known. */
  readonly fraction: number | undefined;
}

/** Rates; undefined if there is too little to compute them. */
export interface Rates {
  readonly filesPerSecond: number | undefined;
  readonly bytesPerSecond: number | undefined;
  readonly secondsLeft: number | undefined;
}

/** Milliseconds between two samples that are kept, and how far back they go. */
const SPACING = 500;
const MEMORY = 10_000;

/** Rates over a shorter time are not computed. */
const SHORTEST = 400;

/** The pace of one phase. */
export class Pace {
  readonly #samples: Sample[] = [];

  /** `first` is of the moment when the phase began. */
  constructor(first: Sample) {
    this.#samples.push(first);
  }

  /** The rates as of a moment, which is remembered for later ones. */
  ratesAt(now: Sample): Rates {
    const rates = ratesBetween(this.#samples[0], now);
    const last = this.#samples.at(-1);
    if (last === undefined || now.at - last.at >= SPACING) this.#samples.push(now);
    // The one before the bound stays: there is always something to compare with.
    while ((this.#samples[1]?.at ?? now.at) < now.at - MEMORY) this.#samples.shift();
    return rates;
  }
}

function ratesBetween(then: Sample | undefined, now: Sample): Rates {
  const seconds = then === undefined ? 0 : (now.at - then.at) / 1000;
  if (then === undefined || seconds * 1000 < SHORTEST) {
    return { filesPerSecond: undefined, bytesPerSecond: undefined, secondsLeft: undefined };
  }
  const fraction = now.fraction ?? 0;
  const gain = fraction - (then.fraction ?? 0);
  return {
    filesPerSecond: (now.files - then.files) / seconds,
    bytesPerSecond: (now.bytes - then.bytes) / seconds,
    secondsLeft: gain > 0 ? ((1 - fraction) / gain) * seconds : undefined,
  };
}
