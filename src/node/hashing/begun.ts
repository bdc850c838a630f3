/**
 * Work that goes on beside the thread, such as a system call, whose result stays unseen until it
 * is asked for.
 *
 * @module
 */

/** Work that was begun. Its failure is kept until the result is taken. */
export class Begun<Value> {
  /** Settles when the work has ended, well or not. Never rejects. */
  readonly ended: Promise<void>;
  #take: () => Value = () => {
    throw new TypeError("it is taken once it has ended");
  };

  constructor(work: Promise<Value>) {
    this.ended = work.then(
      (value) => {
        this.#take = () => value;
      },
      (thrown: unknown) => {
        this.#take = () => {
          throw thrown;
        };
      },
    );
  }

  /** What came of it. Throws what it failed with. */
  take(): Value {
    return this.#take();
  }
}

/** Settles when all of these have ended; undefined where there is none. */
export function endOf(...begun: readonly (Begun<unknown> | undefined)[]): Promise<void> | undefined {
  const ends = begun.flatMap((one) => (one === undefined ? [] : [one.ended]));
  return ends.length === 0 ? undefined : Promise.all(ends).then(() => undefined);
}
