/**
 * Shows the progress of a command on stderr, in one of three ways. A timer reads the counters of the work; if nothing is
 * to be shown, there is no timer.
 *
 * @module
 */

import type { JobsOptions, ProgressManner } from "../options/shared-options.ts";
import type { Io } from "../output/io.ts";
import { isSilent, type SpokenOptions } from "../output/report.ts";
import { progressEvent } from "./progress-event.ts";
import { type Manner, ProgressShow } from "./progress-show.ts";
import type { ProgressState } from "./progress-state.ts";
import { interruptedSentence, progressLine, progressSentence } from "./progress-text.ts";

/** The options as parsed. */
export interface ProgressOptions extends SpokenOptions {
  readonly progress: ProgressManner;
}

/** What long work gets from the command line; its progress is shown until it is disposed of. */
export class ShownWork implements Disposable {
  readonly environment: Io["environment"];
  readonly jobs: number | undefined;
  readonly signal: AbortSignal;
  readonly progress: ProgressShow | undefined;

  constructor(options: ProgressOptions & JobsOptions, io: Io, isPaged?: boolean) {
    this.environment = io.environment;
    this.jobs = options.jobs;
    this.signal = io.signal;
    this.progress = showProgress(options, io, isPaged);
  }

  [Symbol.dispose](): void {
    this.progress?.[Symbol.dispose]();
  }
}

/**
 * Begins to show progress; `undefined` if nothing is to be shown. With `--json` and `--quiet`, stderr stays empty unless a manner is named.
 * A pager is not drawn over: it has the terminal while it reads.
 */
export function showProgress(
  options: ProgressOptions,
  io: Io,
  isPaged: boolean = false,
): ProgressShow | undefined {
  const { progress } = options;
  const isQuiet = isSilent(options) || (isPaged && !io.isOutTerminal);
  const manner = mannerOf(progress, isQuiet, io);
  return manner === undefined ? undefined : new ProgressShow(manner, io);
}

function mannerOf(how: ProgressManner, isQuiet: boolean, io: Io): Manner | undefined {
  switch (how) {
    case "none":
      return undefined;
    case "auto":
      return isQuiet ? undefined : lineManner(io);
    case "plain":
      return {
        firstAfter: 10_000,
        every: 10_000,
        show: (state) => io.writeError(progressSentence(state)),
        interrupted: (state) => io.writeError(interruptedSentence(state)),
      };
    case "json":
      return {
        firstAfter: 1000,
        every: 1000,
        show: (state) => io.writeError(progressEvent(state, "going-on")),
        begun: (state) => io.writeError(progressEvent(state, "begin")),
        ended: (state) => io.writeError(progressEvent(state, "end")),
      };
  }
}

/** Nothing is shown in the first half second, then ten frames a second. */
function lineManner({ statusLine, writeError }: Io): Manner | undefined {
  if (statusLine === undefined) return undefined;
  const show = (state: ProgressState): void => statusLine.draw(progressLine(state, statusLine.columns));
  return {
    firstAfter: 500,
    every: 100,
    show,
    begunWhole: show,
    ended: () => statusLine.clear(),
    interrupted: (state) => writeError(interruptedSentence(state)),
  };
}
