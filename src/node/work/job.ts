/**
 * A job: a module that a worker of the pool imports, and what it is run with. The pool knows no job by name.
 *
 * @module
 */

/** What a job module exports as `run`. Input and output are sent between threads: plain data and shared memory. */
export type RunJob<Input, Output> = (input: Input) => Promise<Output>;

/** A job by the address of its module, with the types of its input and its output. */
export interface Job<Input, Output> {
  /** `file:` URL of the compiled module. */
  readonly module: string;
  /** Never set: it only carries the types. */
  readonly run?: RunJob<Input, Output>;
}

/** Registers the module that exports this `run`. `module` is `new URL("./name.js", import.meta.url)`, written so for the bundler. */
export function registerJob<Input, Output>(module: URL): Job<Input, Output> {
  return { module: module.href };
}
