/**
 * Having the engine take memory back now. By itself it looks for what nobody refers to any more when its heap has grown by
 * as much again: what was read of a million files would stay for as long as they are copied.
 *
 * @module
 */

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/**
 * Collects garbage, all of it at once: some milliseconds for what a million files leave, and longer where the program that
 * runseal is part of holds much itself. An engine that can't be asked for it does it when it will.
 */
export function reclaimMemory(): void {
  const collect: unknown = globalThis.gc ?? lendCollector();
  if (typeof collect === "function") collect();
}

/** The engine's own function, which only contexts have that are made while this flag is set: no other one sees it. */
function lendCollector(): unknown {
  setFlagsFromString("--expose-gc");
  try {
    return runInNewContext("globalThis.gc");
  } finally {
    setFlagsFromString("--no-expose-gc");
  }
}
