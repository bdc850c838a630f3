/**
 * What is said of a project's history, and of a folder that a later run explains: one sentence for text, report and page alike. They begin in
 * lower case and end without a full stop.
 *
 * @module
 */

import { countOf, numberOf } from "../../system/bytes/count-text.ts";
import { quote, quoteIfNeeded } from "../../system/paths/quote.ts";
import type { HistoryFinding, HistoryRun } from "./history-model.ts";
import type { MovedOn } from "./moved-on.ts";

/** A finding that the history's own words explain. The words of a rejected run are those of its verdict. */
export type WordedFinding = Exclude<HistoryFinding<HistoryRun>, { readonly code: "RUN_REJECTED" }>;

/** A verdict between acceptance and rejection. The run does not pass, and nothing shows that it was tampered with. */
export interface AmberVerdict {
  readonly title: string;
  readonly sentence: string;
}

/** The verdict on a run whose differing files a later run explains. */
export function movedOnVerdict({ differing, files, runId }: MovedOn): AmberVerdict {
  const what =
    differing === 0
      ? "no file differs, but modes, links or folders do"
      : `${numberOf(differing)} of ${countOf(files, "file")} ${differing === 1 ? "differs" : "differ"}`;
  const sentence = `the folder has moved on with ${quoteIfNeeded(runId)}; ${what}`;
  return { title: "The folder has moved on", sentence };
}

/** Says what the store holds of a run that the folder has moved on from. `whole`: its bytes were hashed. */
export function storedWords(isWhole: boolean): string {
  return isWhole
    ? "the store holds each file as it was sealed"
    : "the store does not keep this run, so nothing is left of its files";
}

/** Says that a history is broken. `fault` is the sentence of the first fault. */
export function brokenHistoryWords(fault: string): string {
  return `the history is broken: ${fault}`;
}

/** The verdict on an accepted run of a broken history. */
export function brokenHistoryVerdict(fault: string): AmberVerdict {
  const sentence = `this run is accepted; ${brokenHistoryWords(fault)}`;
  return { title: "Accepted, but the history is broken", sentence };
}

/** Names a missing bundle and its place in the history. */
export function gapWords({ by, older, previous }: FindingOf<"HISTORY_GAP">): string {
  const missing = `missing: ${previous.slice(0, 8)}…`;
  const [before, after] = [older && quoteIfNeeded(older.runId), by && quoteIfNeeded(by.runId)];
  if (after === undefined)
    return `${missing}, which HEAD names${before === undefined ? "" : `, after ${before}`}`;
  return before === undefined ? `${missing}, before ${after}` : `${missing}, between ${before} and ${after}`;
}

type FindingOf<Code> = Extract<WordedFinding, { readonly code: Code }>;

/** One sentence for a finding. */
export function historyWords(finding: WordedFinding): string {
  switch (finding.code) {
    case "HEAD_MISSING":
      return "runs were sealed here, but .runseal/HEAD, which names the last of them, is not there";
    case "HEAD_MALFORMED":
      return finding.field === undefined
        ? ".runseal/HEAD is not what runseal writes there"
        : `.runseal/HEAD does not name its run rightly: "${finding.field}" is not the bundle's`;
    case "HISTORY_TRUNCATED":
      return `run ${quote(finding.remembered.runId)}, which this machine saw sealed here, is not in the history any more`;
    case "HISTORY_ROLLED_BACK":
      return `HEAD was set back: ${runsWords(finding.following)} ${finding.following.length === 1 ? "follows" : "follow"} the run that it names`;
    case "HISTORY_FORK":
      return `${runsWords(finding.runs)} name the same run before them`;
    case "HISTORY_GAP":
      return gapWords(finding);
    case "HISTORY_PROOF_MISMATCH":
      return `the proof of run ${quote(finding.run.runId)} does not name the proof of the run before it`;
    case "HISTORY_FAILED_RUN_MISSING":
      return `run ${quote(finding.run.runId)} lists failed ${runsWords(finding.missing)}, ${finding.missing.length === 1 ? "whose bundle is" : "whose bundles are"} not here`;
    case "HISTORY_GUARD_MISSING":
      return `the guarded run ${quote(finding.run.runId)} names ${countOf(finding.missing.length, "snapshot")} that ${finding.missing.length === 1 ? "is" : "are"} not in the history`;
    case "HISTORY_CUT_INVALID":
      return `CUT.json, which says where the history begins, ${CUT_WORDS[finding.reason]}`;
    case "HISTORY_FOREIGN":
      return `run ${quote(finding.run.runId)} has no place in this project's history`;
  }
}

/** What is wrong with CUT.json. */
const CUT_WORDS: Readonly<Record<FindingOf<"HISTORY_CUT_INVALID">["reason"], string>> = {
  malformed: "is not what runseal writes there",
  signature: "has a signature that does not hold",
  "not-in-line": "names a bundle that is not in the history",
};

/** Runs that one sentence names. */
const MAX_NAMED = 5;

/** Names runs in a sentence: `run "a"`, `runs "a", "b" and "c"`. */
export function runsWords(runs: readonly { readonly runId: string }[]): string {
  const shown = runs.slice(0, MAX_NAMED).map(({ runId }) => quote(runId));
  const more = runs.length - shown.length;
  const list = more > 0 ? [...shown, `${numberOf(more)} more`] : shown;
  const last = list.pop() ?? countOf(0, "run");
  const words = list.length === 0 ? last : `${list.join(", ")} and ${last}`;
  return `${runs.length === 1 ? "run" : "runs"} ${words}`;
}
