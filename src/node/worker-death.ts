/** A thread of our own that died. @module */

/** A helping thread ended before its work did, for want of memory perhaps. Nothing was decided or half done. */
export class WorkerDeath extends Error {
  override readonly name = "WorkerDeath";
}
