/**
 * fast-check with a fixed seed: a property that holds today holds tomorrow, and a failure is repeatable.
 *
 * @module
 */

import fc from "fast-check";

/** Printed at the start of a test run (seeds.ts). */
export const PROPERTY_SEED: number = Number(process.env["RUNSEAL_PROPERTY_SEED"] ?? 16);

fc.configureGlobal({ seed: PROPERTY_SEED });

/** How often a property is tried: so many times in CI, and a quarter of that in `npm test`. */
export function runs(all: number): number {
  // Not by way of ring.ts, which imports vitest: seeds.ts imports this file outside of any test.
  return process.env["RUNSEAL_RING"] === "full" ? all : Math.ceil(all / 4);
}

export { fc };
