/** Progress for a program: one JSON object a line. docs/json.md lists its members. @module */

import type { ProgressState } from "./progress-state.ts";

/** The moment of an event: its phase begins, continues or has ended. */
export type ProgressMoment = "begin" | "going-on" | "end";

/** The line of one event. It holds no text from outside. */
export function progressEvent(state: ProgressState, moment: ProgressMoment): string {
  const { bytesPerSecond, done, phase, seconds, secondsLeft, total } = state;
  const event = {
    event: "progress",
    phase,
    moment,
    files: done.files,
    total_files: total.files ?? null,
    bytes: done.bytes,
    total_bytes: total.bytes ?? null,
    ...(total.bundles === undefined
      ? {}
      : { bundles: Math.floor(done.bundles ?? 0), total_bundles: total.bundles }),
    seconds: rounded(seconds),
    bytes_per_second: bytesPerSecond === undefined ? null : Math.round(bytesPerSecond),
    seconds_left: secondsLeft === undefined ? null : rounded(secondsLeft),
  };
  return `${JSON.stringify(event)}\n`;
}

/** To milliseconds. */
function rounded(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
