/** The verdict on a whole history in words. @module */

import {
  brokenHistoryWords,
  chainRootWords,
  countOf,
  type History,
  type HistoryFault,
  quote,
  sentenceOf,
  signedAt,
  type Tone,
} from "../../src/core/internal.ts";
import type { TrustAnswer, TrustedFacts } from "../trust/trust-choice.ts";
import type { ProjectRun } from "../verify/read-project.ts";
import type { HistoryReport, RunOfHistory } from "../verify/verify-all-runs.ts";
import { archiveWords, isArchiveFault } from "./archive-words.ts";
import { failureWords, type VerdictWords, verdictWords } from "./verdict-words.ts";

/** A verdict on a history, or on one run of it. */
export interface HistoryVerdictWords {
  readonly tone: Tone;
  /** A sentence, or of a run its verdict in a word or two. */
  readonly words: string;
  readonly code: string;
}

/** Decides about the signer of an accepted run, or of a cut. */
export type AnswerFor = (signed: TrustedFacts) => TrustAnswer;

/** Why the signer of the cut is not trusted; undefined where there is no cut, or it is. */
export function cutFaultOf({ cut }: History<ProjectRun>, answer: AnswerFor): HistoryFault | undefined {
  const trust = cut && answer(signedAt(cut.signer, cut.cutAt));
  return trust === undefined || trust.ok ? undefined : { code: trust.code, words: trust.reason };
}

/** The verdict on one run. */
export function runVerdictWords(run: RunOfHistory, answer: AnswerFor): HistoryVerdictWords {
  const { code, title, tone } = verdictOf(run, answer);
  return { tone, words: title, code };
}

/** The verdict on the history: as `runseal verify --history` says it. A finding of a project's history comes first, an untrusted cut last. */
export function historyVerdictWords(
  { chain, runs }: HistoryReport,
  finding: HistoryFault | undefined,
  cutFault: HistoryFault | undefined,
  answer: AnswerFor,
): HistoryVerdictWords {
  if (finding !== undefined)
    return { tone: "bad", words: sentenceOf(brokenHistoryWords(finding.words)), code: finding.code };
  const failed = runs.find(({ verdict }) => !verdict.ok);
  if (failed !== undefined) return ofRun(failed, answer);
  if (chain === undefined) throw new TypeError("a line without failed runs has a verdict on its chain");
  if (!chain.ok) {
    const words = isArchiveFault(chain) ? archiveWords(chain) : failureWords(chain);
    return { tone: "bad", words: `The chain is rejected: ${words}.`, code: chain.code };
  }
  const untrusted = runs.find((run) => runVerdictWords(run, answer).tone !== "good");
  const whole = `All ${countOf(runs.length, "run")} are as they were sealed. ${chainRootWords(chain.value.chainRoot)}`;
  if (untrusted === undefined && cutFault !== undefined)
    return { tone: "amber", words: `${whole} ${sentenceOf(cutFault.words)}`, code: cutFault.code };
  if (untrusted === undefined)
    return { tone: "good", words: `${whole} Your trust names the signer of each.`, code: "OK" };
  const { words, ...verdict } = ofRun(untrusted, answer);
  return { ...verdict, words: `${whole} ${words}` };
}

function verdictOf(run: RunOfHistory, answer: AnswerFor): VerdictWords {
  const { verdict } = run;
  return verdictWords(run, verdict.ok ? answer(verdict.value) : undefined);
}

function ofRun(run: RunOfHistory, answer: AnswerFor): HistoryVerdictWords {
  const { code, sentence, title, tone } = verdictOf(run, answer);
  return { tone, words: `Run ${quote(run.run.runId)}: ${title}: ${sentence}.`, code };
}
