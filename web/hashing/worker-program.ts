/** The program of the workers as text. The build puts the bundle of hash-worker.ts in its place. @module */

/** The program. */
export const WORKER_PROGRAM: string = "";
