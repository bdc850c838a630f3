/** What is said of a history and of its runs: one set of sentences for text, report and page. @module */

import { computeChainRoot } from "../../records/artifacts/chain-root.ts";
import { countOf } from "../../system/bytes/count-text.ts";
import type { Crypto } from "../../system/bytes/crypto.ts";
import type { HexDigest } from "../../system/bytes/hex.ts";
import { quote } from "../../system/paths/quote.ts";
import type {
  History,
  HistoryFinding,
  HistoryPlace,
  HistoryRun,
  RunStanding,
} from "../history/history-model.ts";
import { historyWords } from "../history/history-words.ts";

/** Why a history is not whole. */
export interface HistoryFault<Code extends string = string, Run = HistoryRun> {
  /** The code of a finding; of a rejected run that of its verdict, of an untrusted cut that of the decision about its signer. */
  readonly code: Code;
  /** One sentence, in lower case and without a full stop. */
  readonly words: string;
  /** Undefined for a cut. */
  readonly finding?: HistoryFinding<Run>;
}

/** A failure of one run, or a decision about a signer. */
interface Said<Code extends string> {
  readonly code: Code;
  readonly words: string;
}

type FindingCode = Exclude<HistoryFinding<HistoryRun>["code"], "RUN_REJECTED">;

/** All that does not fit. `refusedCut` is why the signer of the cut is not trusted: any key can sign one, and hide removed runs. */
export function historyFaults<Run extends HistoryRun, Code extends string>(
  findings: readonly HistoryFinding<Run>[],
  rejectionOf: (run: Run) => Said<Code>,
  refusedCut?: Said<Code>,
): readonly HistoryFault<Code | FindingCode, Run>[] {
  const faults = findings.map((finding) => {
    if (finding.code !== "RUN_REJECTED") return { code: finding.code, words: historyWords(finding), finding };
    const { code, words } = rejectionOf(finding.run);
    return { code, words: `run ${quote(finding.run.runId)}: ${words}`, finding };
  });
  if (refusedCut === undefined) return faults;
  return [...faults, { code: refusedCut.code, words: `the cut at its beginning: ${refusedCut.words}` }];
}

/** Says how many runs a history has, and whether they fit. */
export function historySentence(
  { cut, line }: Pick<History<HistoryRun>, "cut" | "line">,
  faults: number,
): string {
  const from = cut === undefined ? "" : `; ${countOf(cut.forgotten, "older run")} forgotten`;
  const end =
    faults > 0 ? `${countOf(faults, "finding")}.` : "Each names the one before it, and each signature holds.";
  return `${countOf(line.length, "run")} in the history${from}. ${end}`;
}

/** The chain root of runs, oldest first. Only a reader who got a root elsewhere can see that the newest runs were removed. */
export function chainRootSentence(runs: readonly HistoryRun[], crypto: Crypto): string | undefined {
  const links = runs.flatMap(({ bundleRoot, runId }) =>
    bundleRoot === undefined ? [] : [{ bundleRoot, runId }],
  );
  return links.length === 0 || links.length < runs.length
    ? undefined
    : chainRootWords(computeChainRoot(links, crypto));
}

/** Names a chain root, and what to do with it. */
export function chainRootWords(root: HexDigest): string {
  return `Chain root ${root}: compare it with the one that the signer gave you.`;
}

/** What is known of a run in a list. */
export interface ListedRun {
  readonly place: HistoryPlace;
  readonly standing: RunStanding;
  readonly isHead: boolean;
  /** Why it is rejected, if it is. */
  readonly code: string | undefined;
}

/** What is said beside the name of a run. */
export function runNotes({ code, isHead, place, standing }: ListedRun): readonly string[] {
  const isFailed = standing === "failed";
  const where = isFailed && place === "beside" ? undefined : PLACES[place];
  return [isHead ? "HEAD" : undefined, isFailed ? "the run failed" : code, where].filter(
    (note) => note !== undefined,
  );
}

const PLACES: Readonly<Partial<Record<HistoryPlace, string>>> = {
  beside: "not in the history",
  unfinished: "HEAD does not name it yet",
  following: "behind HEAD",
  branch: "on another branch",
  forgotten: "before the cut",
  beyond: "beyond a gap",
  foreign: "not of this history",
};

/** Whether HEAD names the newest run of a history. */
export function endsAtHead({ findings }: Pick<History<HistoryRun>, "findings">): boolean {
  return findings.every(
    (finding) =>
      finding.code !== "HEAD_MISSING" &&
      finding.code !== "HEAD_MALFORMED" &&
      (finding.code !== "HISTORY_GAP" || finding.by !== undefined),
  );
}
