/**
 * Sets and prints the seeds of a test run, before the first test file. RUNSEAL_SEED repeats the samples of another day.
 *
 * @module
 */

import { PROPERTY_SEED } from "./properties.ts";

/** Called once by vitest. */
export function setup(): void {
  const today = new Date().toISOString().slice(0, 10).replaceAll("-", "");
  process.env["RUNSEAL_SEED"] ??= today;
  console.log(`seeds: RUNSEAL_SEED=${process.env["RUNSEAL_SEED"]}, properties ${PROPERTY_SEED}`);
}
