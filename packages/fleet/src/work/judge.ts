/** The first task of a run: judge its artifacts, and cut its outputs into ranges. @module */

import type { DividedRun } from "runseal";
import { artifactsDigest } from "../audit/artifacts.ts";
import { encodeFindings } from "../audit/fact.ts";
import { cutRanges } from "../audit/ranges.ts";
import { concluded } from "./conclude.ts";
import type { Task } from "./task.ts";

/** What stands for the findings of a run whose artifacts do not pass: nothing is looked at. */
const NOTHING_FOUND: Parameters<DividedRun["conclude"]>[0] = [];

/**
 * Judges the artifacts, phases 1 to 8 and the tree. A run that is rejected by them gets its verdict here. So does one whose outputs are
 * one range: most runs are small, and three jobs for each would take longer than the work.
 */
export const judgeRun: Task = async (place, run, { key, task }) => {
  const { functions, rangeSize, version } = place;
  const outputs = run.outputs();
  if (!outputs.ok) {
    const verdict = await concluded(place, run, NOTHING_FOUND);
    if ("ok" in verdict) return verdict;
    await functions.conclude(key, verdict);
    return undefined;
  }
  const { claims, weights } = outputs.value;
  if (task.isIndexed) await functions.indexFiles(key, claims.columns.digests);
  if (task.trustsPrevious && (await functions.trustPrevious(key, artifactsDigest(run.files), version)))
    return undefined;
  const ranges = cutRanges(weights, rangeSize);
  if (ranges.length > 1 || (ranges.length === 1 && task.isDoubled)) {
    await functions.cut(key, ranges);
    return undefined;
  }
  const whole = { first: 0, end: claims.length };
  const found = await run.find(whole.first, whole.end);
  if (!found.ok) return found;
  const verdict = await concluded(place, run, found.value);
  if ("ok" in verdict) return verdict;
  if (claims.length === 0) await functions.conclude(key, verdict);
  else {
    const findings = encodeFindings(claims, found.value, whole);
    await functions.concludeAtOnce(key, { ...whole, findings }, verdict);
  }
  return undefined;
};
