/** The words of progress: a line for a terminal, a sentence for a log. Pure, so that each can be tested as it stands. @module */

import { countOf, numberOf } from "../../core/system/bytes/count-text.ts";
import { sizeOf, sizeOfTotal } from "../../core/system/bytes/size-text.ts";
import type { ProgressPhase } from "../../node/system/runtime/progress.ts";
import type { ProgressState } from "./progress-state.ts";

const PHASES: Readonly<Record<ProgressPhase, string>> = {
  list: "listing",
  open: "reading the bundle",
  read: "reading",
  verify: "verifying",
  scratch: "hashing scratch folders",
  hash: "hashing",
  keep: "keeping",
  sign: "signing",
  write: "writing the bundle",
  prove: "proving",
  plan: "planning",
  stage: "copying",
  report: "writing the report",
  sync: "syncing",
  prepare: "preparing",
  move: "moving aside",
  place: "placing",
  check: "checking",
  commit: "finishing",
  clean: "cleaning up",
  remove: "removing",
  collect: "collecting",
  pack: "writing the archive",
  send: "sending",
  fetch: "fetching",
};

/** What is left out if there is no room, in this order. */
const DISPENSABLE = ["rate", "bytes", "counts", "left"] as const;

/** Seconds in four days. A longer estimate is useless and is not shown. */
const FAR = 4 * 24 * 3600;

type Parts = Readonly<Record<"head" | (typeof DISPENSABLE)[number], string>>;

/** A line of fewer characters than there are columns: in the last one, some terminals begin the next row. */
export function progressLine(state: ProgressState, columns: number): string {
  const room = Math.max(0, columns - 1);
  const parts = partsOf(state);
  for (let dropped = 0; dropped <= DISPENSABLE.length; dropped++) {
    const line = joined(parts, DISPENSABLE.slice(dropped));
    if (line.length <= room) return line;
  }
  return parts.head.slice(0, room);
}

/** Phases in which nothing was begun that would have to be taken back. */
const HARMLESS: ReadonlySet<ProgressPhase> = new Set<ProgressPhase>([
  "list",
  "open",
  "read",
  "verify",
  "prove",
  "plan",
  "check",
]);

/** What is said once a signal came. The report at the end says what became of it. */
export function interruptedSentence({ phase }: ProgressState): string {
  const then = HARMLESS.has(phase) ? "ending" : "taking back what was begun";
  return `interrupted while ${PHASES[phase]}: ${then}\n`;
}

/** A line of a log. */
export function progressSentence(state: ProgressState): string {
  return `progress: ${joined(partsOf(state), DISPENSABLE)}\n`;
}

function joined(parts: Parts, kept: readonly (typeof DISPENSABLE)[number][]): string {
  const { bytes, counts, head, left, rate } = parts;
  const shown = [
    head,
    kept.includes("counts") ? counts : "",
    kept.includes("bytes") ? bytes : "",
    kept.includes("rate") ? rate : "",
    kept.includes("left") ? left : "",
  ];
  return shown.filter((part) => part !== "").join(", ");
}

function partsOf(state: ProgressState): Parts {
  const { fraction, isWhole, phase, secondsLeft } = state;
  const percent = fraction === undefined || isWhole ? "" : ` ${Math.floor(fraction * 100)}%`;
  return {
    head: PHASES[phase] + percent,
    counts: countsOf(state),
    bytes: bytesOf(state),
    rate: rateOf(state),
    left: secondsLeft === undefined || secondsLeft > FAR ? "" : `${durationOf(secondsLeft)} left`,
  };
}

function countsOf({ done, isWhole, total }: ProgressState): string {
  if (isWhole) return total.files === undefined ? "" : countOf(total.files, "file");
  if (total.bundles !== undefined) {
    const bundles = `${numberOf(Math.floor(done.bundles ?? 0))} of ${countOf(total.bundles, "bundle")}`;
    return done.files === 0 ? bundles : `${bundles}, ${countOf(done.files, "file")}`;
  }
  if (total.files === undefined) return done.files === 0 ? "" : countOf(done.files, "file");
  return `${numberOf(done.files)} of ${countOf(total.files, "file")}`;
}

function bytesOf({ done, total }: ProgressState): string {
  if (total.bytes === undefined) return done.bytes === 0 ? "" : sizeOf(done.bytes);
  return total.bytes === 0 ? "" : sizeOfTotal(done.bytes, total.bytes);
}

function rateOf({ bytesPerSecond, done, filesPerSecond }: ProgressState): string {
  if (bytesPerSecond === undefined || filesPerSecond === undefined) return "";
  if (done.bytes > 0) return `${sizeOf(bytesPerSecond)}/s`;
  return done.files > 0 ? `${countOf(Math.round(filesPerSecond), "file")}/s` : "";
}

/** Two units at most, rounded up. */
function durationOf(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${whole % 60} s`;
  return `${numberOf(Math.floor(minutes / 60))} h ${minutes % 60} min`;
}
