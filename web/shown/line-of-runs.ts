/** The line of runs as it is shown: which runs, where in the picture, and in what words. @module */

import {
  gapWords,
  type HexDigest,
  historyRows,
  quoteIfNeeded,
  type RunStanding,
  type WebCrypto,
} from "../../src/core/internal.ts";
import type { ProjectRun, ReadProject } from "../verify/read-project.ts";
import type { LineReport, RunOfLine } from "../verify/verify-line.ts";
import { findingWords, lineWords, PLACE_WORDS } from "../words/history-words.ts";
import {
  type AnswerFor,
  cutFaultOf,
  type LineVerdictWords,
  lineVerdictWords,
  runVerdictWords,
} from "../words/line-words.ts";
import { sentenceOf } from "../words/sentence.ts";
import type { LineFault } from "../words/verdict-words.ts";
import { type PlacedRow, placeInPicture } from "./line-layout.ts";

/** Runs that are shown at first, and that a button adds. */
const RUNS_AT_ONCE = 100;

/** Findings that are listed. */
const MOST_FINDINGS = 50;

/** One row. The page names a run by its place in the list. */
export interface ShownRun extends Pick<PlacedRow<ProjectRun>, "lane" | "before"> {
  /** A run, quoted, or what is missing. */
  readonly name: string;
  /** When it was sealed, and its place in words; empty for a gap. */
  readonly words: string;
  readonly standing: RunStanding | "gap";
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
  readonly #placed: readonly PlacedRow<ProjectRun>[];
  #count = RUNS_AT_ONCE;
  #report: LineReport | undefined;

  constructor(project: ReadProject, { port }: WebCrypto) {
    this.#project = project;
    this.#placed = placeInPicture(project.history, historyRows(project.history, port), port);
  }

  /** The place of the run that a verification takes if the user chose none: the newest of the line. Undefined if there is no run. */
  get newest(): number | undefined {
    if (this.#placed.length === 0) return undefined;
    const newest = this.#project.history.line.at(-1);
    return newest === undefined ? 0 : this.#placed.findIndex(({ run }) => run === newest);
  }

  /** The run at a place; undefined for a gap. */
  at(place: number): ProjectRun | undefined {
    return this.#placed[place]?.run;
  }

  /** The runs after the one at a place, newest first; none if it is not in the line of a project, or if that line is broken. */
  laterThan(place: number): readonly ProjectRun[] {
    const { carried, history } = this.#project;
    const run = this.at(place);
    const at = run === undefined ? -1 : history.line.indexOf(run);
    const isWhole = carried === undefined && history.findings.length === 0;
    return at < 0 || !isWhole ? [] : history.line.slice(at + 1).reverse();
  }

  /** Why the history is broken; undefined if it is whole, and for an archive. */
  fault(answer: AnswerFor): LineFault | undefined {
    return this.#project.carried === undefined ? this.#faults(answer)[0] : undefined;
  }

  #faults(answer: AnswerFor): readonly LineFault[] {
    const { history } = this.#project;
    const cutFault = cutFaultOf(history, answer);
    const findings = history.findings.map((finding) => ({
      code: finding.code,
      words: findingWords(finding),
    }));
    return cutFault === undefined ? findings : [...findings, cutFault];
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
    const faults = this.#faults(answer);
    const verdicts = new Map(report?.runs.map((one) => [one.run, runVerdictWords(one, answer)]));
    const isFinding = carried === undefined && history.findings.length > 0;
    return {
      canVerify: unread === 0 && this.chain.length > 1,
      verdict:
        report &&
        lineVerdictWords(report, isFinding ? faults[0] : undefined, cutFaultOf(history, answer), answer),
      words: lineWords(history, faults.length),
      findings: faults.slice(0, MOST_FINDINGS).map(({ code, words }) => ({
        code,
        words: sentenceOf(words),
      })),
      runs: this.#placed
        .slice(0, this.#count)
        .map((placed) => shownRow(placed, history, placed.run && verdicts.get(placed.run))),
      left: Math.max(0, this.#placed.length - this.#count),
      unread,
    };
  }
}

function shownRow(
  { before, gap, lane, run }: PlacedRow<ProjectRun>,
  { places }: ReadProject["history"],
  verdict: LineVerdictWords | undefined,
): ShownRun {
  if (gap !== undefined)
    return { before, lane, name: gapWords(gap), words: "", standing: "gap", verdict: undefined };
  const place = PLACE_WORDS[places.get(run) ?? "unknown"];
  const state = run.failure !== undefined && run.standing === "rejected" ? "rejected" : place;
  const words = [run.sealedAt, state, verdict?.words].filter((part) => part !== undefined).join(" · ");
  return { before, lane, name: quoteIfNeeded(run.runId), words, standing: run.standing, verdict };
}
