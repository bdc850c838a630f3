/**
 * What the other layers use of the core about histories: a part of `internal.ts`.
 *
 * @module
 */

export { readClaimedRun, unknownRun } from "./history/claimed-run.ts";
export {
  CUT_NAME,
  type CutFacts,
  type CutFault,
  encodeCut,
  encodeCutMessage,
  type HistoryCut,
  isCut,
  readCut,
  signedCut,
} from "./history/cut.ts";
export { HEAD_NAME, MAX_HEAD_BYTES, PROJECT_HEAD } from "./history/head.ts";
export type { HistoryHead, RunStanding } from "./history/history-model.ts";
export { type HistoryGap, type HistoryRow, historyRows, orderNewestFirst } from "./history/history-order.ts";
export {
  type AmberVerdict,
  brokenHistoryVerdict,
  brokenHistoryWords,
  gapWords,
  historyWords,
  movedOnVerdict,
  runsWords,
  storedWords,
} from "./history/history-words.ts";
export { type JudgedRun, judgeRun, type SealedRun } from "./history/judge-run.ts";
export {
  DIFFERENCE_CODES,
  type Differences,
  differencesOf,
  explains,
  MOST_LATER_RUNS,
  type MovedOn,
  mayExplain,
} from "./history/moved-on.ts";
export { type CutPlan, planCut } from "./history/plan-cut.ts";
