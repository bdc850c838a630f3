/** The program of the hash workers as text. The build puts the bundle of hash-worker.ts in its place. @module */

/** The program. */
export const HASH_PROGRAM: string = "";
