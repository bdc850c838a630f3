/** The line of runs as it is shown: which runs, where in the picture, and in what words. @module */

import { orderNewestFirst, quoteIfNeeded } from "../../src/core/internal.ts";
import type { PageCrypto } from "../crypto/page-crypto.ts";
import type { ProjectRun, ReadProject } from "../verify/read-project.ts";
import { findingWords, lineWords, PLACE_WORDS } from "../words/history-words.ts";
import { type PlacedRun, placeInPicture } from "./line-layout.ts";

/** Runs that are shown at first, and that a button adds. */
const RUNS_AT_ONCE = 100;

/** Findings that are listed. */
const MOST_FINDINGS = 50;

/** One run. The page names it by its place in the list. */
export interface ShownRun extends Pick<PlacedRun<ProjectRun>, "lane" | "before" | "isGap"> {
  /** Quoted. */
  readonly name: string;
  /** When it was sealed, and its place in words. */
  readonly words: string;
  readonly standing: string;
}

/** A line of runs, newest first. Each text is safe to show as text. */
export interface ShownLine {
  readonly words: string;
  readonly findings: readonly { readonly code: string; readonly words: string }[];
  readonly runs: readonly ShownRun[];
  /** Runs that a button adds. */
  readonly left: number;
  /** Runs that were not judged because there are too many. */
  readonly unread: number;
}

/** The runs of a project in the order in which they are shown. */
export class LineOfRuns {
  readonly #project: ReadProject;
  readonly #placed: readonly PlacedRun<ProjectRun>[];
  #count = RUNS_AT_ONCE;

  constructor(project: ReadProject, { port }: PageCrypto) {
    this.#project = project;
    this.#placed = placeInPicture(project.history, orderNewestFirst(project.history, port), port);
  }

  /** The place of the run that a verification takes if the user chose none: the newest of the line. Undefined if there is no run. */
  get newest(): number | undefined {
    if (this.#placed.length === 0) return undefined;
    const newest = this.#project.history.line.at(-1);
    return newest === undefined ? 0 : this.#placed.findIndex(({ run }) => run === newest);
  }

  /** The run at a place. */
  at(place: number): ProjectRun | undefined {
    return this.#placed[place]?.run;
  }

  /** The id of the newest run, if it follows the one at a place in the line. */
  laterThan(place: number): string | undefined {
    const { history } = this.#project;
    const run = this.at(place);
    const newest = history.line.at(-1);
    return run !== undefined && run !== newest && history.line.includes(run) ? newest?.runId : undefined;
  }

  /** Shows more of the older runs. */
  extend(): void {
    this.#count += RUNS_AT_ONCE;
  }

  /** What is shown now. */
  shown(): ShownLine {
    const { history, unread } = this.#project;
    return {
      words: lineWords(history),
      findings: history.findings
        .slice(0, MOST_FINDINGS)
        .map((finding) => ({ code: finding.code, words: findingWords(finding) })),
      runs: this.#placed.slice(0, this.#count).map(shownRun),
      left: Math.max(0, this.#placed.length - this.#count),
      unread,
    };
  }
}

function shownRun({ before, isGap, lane, place, run }: PlacedRun<ProjectRun>): ShownRun {
  const state = run.failure !== undefined && run.standing === "rejected" ? "rejected" : PLACE_WORDS[place];
  const words = [run.sealedAt, state].filter((part) => part !== undefined).join(" · ");
  return { before, isGap, lane, name: quoteIfNeeded(run.runId), words, standing: run.standing };
}
