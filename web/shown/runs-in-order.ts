/** The history as it is shown: which runs, where in the picture, and in what words. @module */

import {
  chainRootSentence,
  endsAtHead,
  type HexDigest,
  type HistoryFault,
  type HistoryRow,
  historyFaults,
  historyRows,
  historySentence,
  type PlacedRow,
  placeRows,
  runNotes,
  sentenceOf,
  type Tone,
  type WebCrypto,
} from "../../src/core/internal.ts";
import type { ProjectRun, ReadProject } from "../verify/read-project.ts";
import type { HistoryReport, RunOfHistory } from "../verify/verify-all-runs.ts";
import {
  type AnswerFor,
  cutFaultOf,
  type HistoryVerdictWords,
  historyVerdictWords,
  runVerdictWords,
} from "../words/history-verdict-words.ts";
import { failureWords } from "../words/verdict-words.ts";

/** Runs that are shown at first, and that a button adds. */
const RUNS_AT_ONCE = 100;

/** Findings that are listed. */
const MOST_FINDINGS = 50;

/** One row. The page names a run by its place in the list. */
export interface ShownRun extends Pick<PlacedRow<ProjectRun>, "kind" | "name" | "lane" | "before"> {
  /** When it was sealed, its place and its verdict; empty for a gap and for other rows. */
  readonly words: string;
  /** Undefined before all runs were verified, if it is not known to be bad. */
  readonly tone: Tone | undefined;
}

/** A history, newest first. Each text is safe to show as text. */
export interface ShownHistory {
  readonly words: string;
  readonly findings: readonly Pick<HistoryFault, "code" | "words">[];
  readonly runs: readonly ShownRun[];
  /** Whether the user may verify all runs. */
  readonly canVerify: boolean;
  /** Once all runs were verified. */
  readonly verdict: HistoryVerdictWords | undefined;
  /** Runs that were not judged because there are too many. */
  readonly unread: number;
}

/** The runs of a project in the order in which they are shown. */
export class RunsInOrder {
  readonly #project: ReadProject;
  readonly #rows: readonly HistoryRow<ProjectRun>[];
  readonly #crypto: WebCrypto;
  #count = RUNS_AT_ONCE;
  #report: HistoryReport | undefined;

  constructor(project: ReadProject, crypto: WebCrypto) {
    this.#project = project;
    this.#crypto = crypto;
    this.#rows = historyRows(project.history, crypto.port);
  }

  /** The place of the run that a verification takes if the user chose none: the newest of the history. Undefined if there is no run. */
  get newest(): number | undefined {
    if (this.#rows.length === 0) return undefined;
    const newest = this.#project.history.line.at(-1);
    return newest === undefined ? 0 : this.#rows.findIndex(({ run }) => run === newest);
  }

  /** The run at a place; undefined for a gap. */
  at(place: number): ProjectRun | undefined {
    return this.#rows[place]?.run;
  }

  /** The runs after the one at a place, newest first; none if it is not in the history of a project, or if that history is broken. */
  laterThan(place: number): readonly ProjectRun[] {
    const { carried, history } = this.#project;
    const run = this.at(place);
    const at = run === undefined ? -1 : history.line.indexOf(run);
    const isWhole = carried === undefined && history.findings.length === 0;
    return at < 0 || !isWhole ? [] : history.line.slice(at + 1).reverse();
  }

  /** Why the history is broken; undefined if it is whole, and for an archive. */
  fault(answer: AnswerFor): HistoryFault | undefined {
    return this.#project.carried === undefined ? this.#faults(answer)[0] : undefined;
  }

  #faults(answer: AnswerFor): readonly HistoryFault[] {
    const { history } = this.#project;
    const rejectionOf = ({ failure }: ProjectRun): Pick<HistoryFault, "code" | "words"> =>
      failure === undefined
        ? { code: "RUN_REJECTED", words: "rejected" }
        : { code: failure.code, words: failureWords(failure) };
    return historyFaults(history.findings, rejectionOf, cutFaultOf(history, answer));
  }

  /** The runs that make the chain, oldest first. */
  get chain(): readonly ProjectRun[] {
    return this.#project.carried ?? this.#project.history.line;
  }

  /** The root of the run at which the history was cut. */
  get cutRoot(): HexDigest | undefined {
    return this.#project.history.cut?.bundleRoot;
  }

  /** All runs with their verdicts; empty before they were verified. */
  get verified(): readonly RunOfHistory[] {
    return this.#report?.runs ?? [];
  }

  /** Takes what came of all runs. */
  takeReport(report: HistoryReport): void {
    this.#report = report;
  }

  /** Shows more of the older runs. */
  extend(): void {
    this.#count += RUNS_AT_ONCE;
  }

  /** What is shown now, and what the user's trust says about verified runs. */
  shown(answer: AnswerFor): ShownHistory {
    const { carried, history, unread } = this.#project;
    const report = this.#report;
    const faults = this.#faults(answer);
    const verdicts = new Map(report?.runs.map((one) => [one.run, runVerdictWords(one, answer)]));
    const isBroken = carried === undefined && history.findings.length > 0;
    const isNew = report === undefined && faults.length === 0;
    const root = isNew ? chainRootSentence(this.chain, this.#crypto.port) : undefined;
    const cutFault = faults.find(({ finding }) => finding === undefined);
    return {
      canVerify: unread === 0 && this.chain.length > 1,
      verdict: report && historyVerdictWords(report, isBroken ? faults[0] : undefined, cutFault, answer),
      words: [historySentence(history, faults.length), root ?? []].flat().join(" "),
      findings: faults.slice(0, MOST_FINDINGS).map(({ code, words }) => ({ code, words: sentenceOf(words) })),
      runs: placeRows(this.#rows, 0, this.#count).map((row) =>
        shownRow(row, this.#project, row.run && verdicts.get(row.run)),
      ),
      unread,
    };
  }
}

function shownRow(
  { before, kind, lane, name, run }: PlacedRow<ProjectRun>,
  { carried, history }: ReadProject,
  verdict: HistoryVerdictWords | undefined,
): ShownRun {
  const row = { before, kind, lane, name };
  if (run === undefined) return { ...row, words: "", tone: kind === "gap" ? "bad" : "plain" };
  const { failure, sealedAt, standing } = run;
  const isHead = carried === undefined && endsAtHead(history) && run === history.line.at(-1);
  const place = history.places.get(run) ?? "unknown";
  const notes = runNotes({ place, standing, isHead, code: failure?.code });
  const words = [sealedAt, ...notes, verdict?.words].filter((part) => part !== undefined).join(" · ");
  const tone = standing === "rejected" && failure !== undefined ? "bad" : undefined;
  return { ...row, words, tone: verdict?.tone ?? tone };
}
