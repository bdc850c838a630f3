/** Compares the measurements with the targets. */
import { REFERENCE, TARGETS } from "./targets.mjs";

/** A row as the targets name it. */
export function nameOf({ workload, operation, who }) {
  return `${workload} / ${operation} / ${who}`;
}

/**
 * Judges every target: `{ text, workload, wanted, reached?, verdict }`, where the verdict is `met`, `MISSED` or `not available`;
 * a target is only met or missed where what it speaks of was measured.
 */
export function judge(rows) {
  const all = [...rows, ...referenceRows(rows)];
  return TARGETS.map((target) => {
    const reached = reachedOf(target, all);
    const name = target.of ?? target.secondsOf ?? target.peakOf ?? target.sizeOf ?? target.growthOf;
    const [workload] = name.split(" / ");
    return {
      text: target.text,
      workload,
      wanted: wantedOf(target),
      ...reached,
      verdict: verdictOn(target, reached),
    };
  });
}

/** The rows of the Python reference, which isn't run: see REFERENCE. */
function referenceRows(rows) {
  return Object.entries(REFERENCE).flatMap(([workload, { seconds, sha256sum, bundles }]) => {
    const [operation, who] = bundles === undefined ? ["verify", "sha256sum -c"] : ["chain verify", "runseal"];
    const here = timeOf(rows, `${workload} / ${operation} / ${who}`, bundles);
    if (here === undefined) return [];
    const estimated = bundles === undefined ? (seconds / sha256sum) * here : seconds;
    return [{ workload, operation, who: "reference", median: estimated }];
  });
}

function reachedOf(target, rows) {
  if ("of" in target) return ratioOf(target, rows);
  if ("secondsOf" in target) return { reached: timeOf(rows, target.secondsOf, target.size) };
  if ("sizeOf" in target) return { reached: sizeOf(target, rows) };
  if ("peakOf" in target) return { reached: peakOf(target, rows) };
  return { reached: growthOf(target, rows) };
}

function ratioOf({ of, to }, rows) {
  const time = timeOf(rows, of);
  const others = to.flatMap((name) => {
    const seconds = timeOf(rows, name);
    return seconds === undefined ? [] : [{ name, seconds }];
  });
  if (time === undefined || others.length === 0) return {};
  const fastest = others.reduce((best, other) => (other.seconds < best.seconds ? other : best));
  const against = to.length > 1 ? { against: fastest.name } : {};
  return { reached: time / fastest.seconds, ...against };
}

function peakOf({ peakOf: name, over, size }, rows) {
  if (over === undefined) return rows.find((row) => nameOf(row) === name)?.peakBytes;
  return grown(rows, name, over).find((row) => row.growth.size === size)?.peakBytes;
}

function sizeOf({ field, sizeOf: name }, rows) {
  return rows.find((row) => nameOf(row) === name)?.[field];
}

function growthOf({ growthOf: name, over, field, isRatio = false }, rows) {
  const [less, most] = grown(rows, name, over).slice(-2);
  if (most?.[field] === undefined || less?.[field] === undefined) return undefined;
  const ratio = most[field] / less[field];
  return isRatio ? ratio : ratio / (most.growth.size / less.growth.size);
}

/** The rows of one growth, from small to big. */
export function grown(rows, name, over) {
  const found = rows.filter((row) => nameOf(row) === name && row.growth?.over === over);
  return found.sort((a, b) => a.growth.size - b.growth.size);
}

/** The time of a measurement; where several sizes were measured, of the biggest, or of the size that is asked for. */
function timeOf(rows, name, size) {
  const found = rows.filter((row) => nameOf(row) === name && row.median !== undefined);
  const row = size === undefined ? found.at(-1) : found.find((each) => each.growth?.size === size);
  return row?.median;
}

function wantedOf({ atMost, atLeast, below }) {
  if (atMost !== undefined) return { sign: "≤", value: atMost };
  return atLeast !== undefined ? { sign: "≥", value: atLeast } : { sign: "<", value: below };
}

function verdictOn(target, { reached }) {
  if (reached === undefined) return "not available";
  const { sign, value } = wantedOf(target);
  const met = sign === "≤" ? reached <= value : sign === "≥" ? reached >= value : reached < value;
  return met ? "met" : "MISSED";
}
