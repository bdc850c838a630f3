/**
 * The engine's garbage collector for the command's own process, where node/system/runtime/reclaim-memory.ts calls it.
 *
 * @module
 */

/** Defines `globalThis.gc`. The engine is asked for it when it is first read: few commands call it. */
export function provideCollector(): void {
  Object.defineProperty(globalThis, "gc", { configurable: true, get: collectorOf });
}

/** The collector of a new context: only a context that is made while the flag is set has it. */
function collectorOf(): unknown {
  const { setFlagsFromString } = process.getBuiltinModule("node:v8");
  setFlagsFromString("--expose-gc");
  try {
    return process.getBuiltinModule("node:vm").runInNewContext("globalThis.gc");
  } finally {
    setFlagsFromString("--no-expose-gc");
  }
}
