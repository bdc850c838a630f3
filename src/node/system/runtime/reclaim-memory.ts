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
