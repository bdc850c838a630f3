/**
 * fast-check with a fixed seed: a property that holds today holds tomorrow, and a failure is repeatable.
 *
 * @module
 */

import fc from "fast-check";

/** Printed at the start of a test run (seeds.ts). */
export const PROPERTY_SEED: number = Number(process.env["RUNSEAL_PROPERTY_SEED"] ?? 16);

fc.configureGlobal({ seed: PROPERTY_SEED });

export { fc };
