/** The task of a range: hash its outputs, and give the fact. @module */

import { encodeFindings } from "../audit/fact.ts";
import type { Task } from "./task.ts";

/** Hashes the outputs of a range. */
export const hashRange: Task = async ({ functions }, run, { key, range }) => {
  if (range === undefined) throw new TypeError("a job of a range names its rows");
  const outputs = run.outputs();
  if (!outputs.ok) throw new TypeError("a run is cut after its artifacts passed, and a digest pins them");
  const found = await run.find(range.first, range.end);
  if (!found.ok) return found;
  const findings = encodeFindings(outputs.value.claims, found.value, range);
  await functions.found(key, { ...range, findings });
  return undefined;
};
