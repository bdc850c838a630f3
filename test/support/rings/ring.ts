/**
 * How much of the tests runs. `npm test` takes minutes: it leaves out the matrices and the long tests, and draws from others.
 * CI runs everything (RUNSEAL_RING=full).
 *
 * @module
 */

import { it } from "vitest";

/** Whether everything runs. */
export const IS_FULL_RING: boolean = process.env["RUNSEAL_RING"] === "full";

/** Decides what is drawn (seeds.ts). Changes with each commit, so that many runs cover what one run leaves out. */
export const SEED: number = Number(process.env["RUNSEAL_SEED"]);

/** A test that takes many seconds of a core, and that CI alone runs. Files of such tests are named `….long.test.ts`. */
export const longIt: typeof it.skip = it.runIf(IS_FULL_RING);

/** The few in `npm test`, all of them in CI. */
export function ofRing<Item>(few: Item, all: Item): Item {
  return IS_FULL_RING ? all : few;
}

/** Tests that take long by nature have this limit: a busy machine takes five times as long as an idle one. */
export const LONG_TEST_MS = 300_000;

/** Numbers below `below`, always the same ones for a seed. `stream` separates draws from each other. */
export function drawing(stream: number): (below: number) => number {
  let state = (SEED * 1000 + stream) >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** All of the items in CI. In `npm test`, as many as wanted, drawn by the seed. */
export function drawn<Item>(items: readonly Item[], wanted: number): readonly Item[] {
  return IS_FULL_RING ? items : sampleOf(items, wanted);
}

/** As many of the items as wanted, drawn by the seed. */
export function sampleOf<Item>(items: readonly Item[], wanted: number, stream = 0): readonly Item[] {
  const left = [...items];
  const draw = drawing(stream);
  const count = Math.min(wanted, left.length);
  return Array.from({ length: count }, () => left.splice(draw(left.length), 1)).flat();
}
