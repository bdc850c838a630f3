/** The program of the session's worker as text. The build puts the bundle of session-worker.ts in its place. @module */

/** The program. */
export const SESSION_PROGRAM: string = "";
