/** The line of runs as it is shown: which runs, where in the picture, and in what words. @module */

import { type HexDigest, orderNewestFirst, quoteIfNeeded } from "../../src/core/internal.ts";
import type { PageCrypto } from "../crypto/page-crypto.ts";
import type { ProjectRun, ReadProject } from "../verify/read-project.ts";
import type { LineReport, RunOfLine } from "../verify/verify-line.ts";
import { findingWords, lineWords, PLACE_WORDS } from "../words/history-words.ts";
import {
  type AnswerFor,
  cutFaultOf,
  type LineFault,
  type LineVerdictWords,
  lineVerdictWords,
  runVerdictWords,
} from "../words/line-words.ts";
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
  /** Once all runs were verified. */
  readonly verdict: LineVerdictWords | undefined;
}

/** A line of runs, newest first. Each text is safe to show as text. */
export interface ShownLine {
  readonly words: string;
  readonly findings: readonly LineFault[];
  readonly runs: readonly ShownRun[];
  /** Whether the user may verify all runs. */
  readonly canVerify: boolean;
  /** Once all runs were verified. */
  readonly verdict: LineVerdictWords | undefined;
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
  #report: LineReport | undefined;

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

  /** The runs that make the chain, oldest first. */
  get chain(): readonly ProjectRun[] {
    return this.#project.carried ?? this.#project.history.line;
  }

  /** The root of the run at which the line was cut. */
  get cutRoot(): HexDigest | undefined {
    return this.#project.history.cut?.bundleRoot;
  }

  /** All runs with their verdicts; empty before they were verified. */
  get verified(): readonly RunOfLine[] {
    return this.#report?.runs ?? [];
  }

  /** Takes what came of all runs. */
  takeReport(report: LineReport): void {
    this.#report = report;
  }

  /** Shows more of the older runs. */
  extend(): void {
    this.#count += RUNS_AT_ONCE;
  }

  /** What is shown now, and what the user's trust says about verified runs. */
  shown(answer: AnswerFor): ShownLine {
    const { carried, history, unread } = this.#project;
    const report = this.#report;
    const cutFault = cutFaultOf(history, answer);
    const faults = history.findings.length + (cutFault === undefined ? 0 : 1);
    const verdicts = new Map(report?.runs.map((one) => [one.run, runVerdictWords(one, answer)]));
    return {
      canVerify: unread === 0 && this.chain.length > 1,
      verdict:
        report && lineVerdictWords(report, carried === undefined ? history.findings : [], cutFault, answer),
      words: lineWords(history, faults),
      findings: [
        ...history.findings
          .slice(0, MOST_FINDINGS)
          .map((finding) => ({ code: finding.code, words: findingWords(finding) })),
        ...(cutFault === undefined ? [] : [cutFault]),
      ],
      runs: this.#placed.slice(0, this.#count).map((placed) => shownRun(placed, verdicts.get(placed.run))),
      left: Math.max(0, this.#placed.length - this.#count),
      unread,
    };
  }
}

function shownRun(
  { before, isGap, lane, place, run }: PlacedRun<ProjectRun>,
  verdict: LineVerdictWords | undefined,
): ShownRun {
  const state = run.failure !== undefined && run.standing === "rejected" ? "rejected" : PLACE_WORDS[place];
  const words = [run.sealedAt, state, verdict?.words].filter((part) => part !== undefined).join(" · ");
  return { before, isGap, lane, name: quoteIfNeeded(run.runId), words, standing: run.standing, verdict };
}
