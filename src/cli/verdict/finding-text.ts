/** Words for what does not fit into a history. @module */

import {
  type ChainBundle,
  type DroppedBytes,
  type FailedRun,
  type History,
  type HistoryFault,
  type HistoryFinding,
  type HistoryHeads,
  type HistoryPlace,
  type HistoryRun,
  historyFaults,
  historyStatements,
  runsWords,
  signedAt,
} from "../../core/internal.ts";
import { countOf } from "../../core/system/bytes/count-text.ts";
import type { JudgedHistoryRun } from "../../node/judge/history/verify-history.ts";
import type { AnyCode } from "../codes/all-codes.ts";
import { answerTrust, type TrustChoice } from "../options/trust-options.ts";
import { boundedList } from "../text/bounded-list.ts";
import { failureMessage } from "./verify-text.ts";

/** A run, judged or of which only the claims were read. */
type MaybeJudged = HistoryRun & Partial<Pick<JudgedHistoryRun, "failure">>;

/** Why a history is not whole. */
export type FaultOfHistory = HistoryFault<AnyCode, MaybeJudged>;

/**
 * Judges the history of a project: `status`, `log` and a report call it whole, and `verify --history` accepts it, only without faults. The key
 * of a guard may cut its own history. With `dropped`, the signer of the record of dropped bytes is judged too.
 */
export function faultsOfHistory(
  { cut, dropped, findings }: Pick<History<MaybeJudged>, "cut" | "findings"> & DroppedFromHistory,
  choice: TrustChoice,
  now: number,
): readonly FaultOfHistory[] {
  const refused = historyStatements(cut, dropped).flatMap(
    ({ name, signedAt: at, signer }): FaultOfHistory[] => {
      const trust = answerTrust(choice, signedAt(signer, at), now);
      if (trust.ok || trust.guards_own_key === true) return [];
      return [{ code: trust.code, words: `${name}: ${trust.reason}` }];
    },
  );
  return [...findingFaults(findings), ...refused];
}

interface DroppedFromHistory {
  readonly dropped?: DroppedBytes | undefined;
}

/** The faults of findings. */
export function findingFaults(findings: readonly HistoryFinding<MaybeJudged>[]): readonly FaultOfHistory[] {
  const rejectionOf = ({ failure }: MaybeJudged): Pick<FaultOfHistory, "code" | "words"> => {
    if (failure === undefined) throw new TypeError("a run is rejected for a reason");
    return { code: failure.code, words: failureMessage(failure) };
  };
  return historyFaults<MaybeJudged, AnyCode>(findings, rejectionOf);
}

/** Lists faults below the sentence of the first: all of them, or of one alone the whole root of a bundle that is not there, to look for it in a backup. */
export function faultLines(faults: readonly FaultOfHistory[]): readonly string[] {
  if (faults.length > 1) return boundedList(faults.map(({ code, words }) => `${code}: ${words}`));
  const finding = faults[0]?.finding;
  return finding?.code === "HISTORY_GAP" ? [`missing: the bundle with the hash ${finding.previous}`] : [];
}

/** Notes on a sound history: runs that are not in it. */
export function historyLines(history: History<HistoryRun>, { remembered }: HistoryHeads): string {
  const named = (wanted: HistoryPlace): readonly HistoryRun[] =>
    [...history.places].flatMap(([run, place]) => (place === wanted ? [run] : []));
  const failed = named("beside");
  const unfinished = named("unfinished");
  const killed = killedRuns(history);
  const { cut } = history;
  return [
    cut === undefined
      ? ""
      : `note: HISTORY_CUT: the history begins here: ${countOf(cut.forgotten, "older bundle")} ${cut.forgotten === 1 ? "was" : "were"} forgotten, the last ones at ${cut.cutAt}\n`,
    failed.length === 0 ? "" : `failed      ${runsWords(failed)}, not in the history\n`,
    killed.length === 0 ? "" : `killed      ${runsWords(killed)}, before there was a bundle\n`,
    unfinished.length === 0
      ? ""
      : `note: a seal was cut off: ${runsWords(unfinished)} is sealed, and the next seal takes it into the history\n`,
    remembered === undefined
      ? "note: this machine remembers no head of this project: so it can't see whether newer runs were removed\n"
      : "",
  ].join("");
}

/** The notes that bytes of runs were dropped, in one line. */
export function droppedLine(dropped: DroppedBytes | undefined, runs: readonly ChainBundle[]): string {
  if (dropped === undefined) return "";
  return `note: HISTORY_BYTES_DROPPED: bytes of ${runsWords(runs)} were dropped, the last ones at ${dropped.droppedAt}\n`;
}

/** Runs that the history lists and that were killed before they had a bundle. */
export function killedRuns({ line }: History<HistoryRun>): readonly FailedRun[] {
  return line.flatMap(({ failedRuns }) =>
    failedRuns.listed.filter(({ bundleRoot }) => bundleRoot === undefined),
  );
}
