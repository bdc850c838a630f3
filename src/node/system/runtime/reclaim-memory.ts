/**
 * Freeing memory now. The engine collects garbage once its heap has grown by about as much again: what was read of a million
 * files would stay in memory while the files are copied.
 *
 * @module
 */

/**
 * Collects all garbage, which takes some milliseconds after a million files. Only in a process that has the engine's collector:
 * `node --expose-gc`, or the command, which provides it for its own process. The library changes no flags of a caller's engine.
 */
export function reclaimMemory(): void {
  globalThis.gc?.();
}

/** So many bundles leave no garbage that matters: collecting it would take a third of the time. */
const FEW_BUNDLES: number = 10 * 1024;
const BUNDLES_A_COLLECTION = 1024;

/**
 * Collects garbage now and then while many bundles are judged, by the number of this one. The engine lets their documents lie until its
 * heap, which holds something of each bundle, has doubled.
 */
export function reclaimAmongMany(bundle: number, bundles: number): void {
  if (bundles > FEW_BUNDLES && bundle % BUNDLES_A_COLLECTION === 0) reclaimMemory();
}
