/** The codes of a history that does not hold together. Their sentences are the core's: the page has them too. @module */

import type { HistoryCode } from "../../core/internal.ts";
import type { MeaningRecord } from "./code-record.ts";

/** One record for each code. */
export const HISTORY_RECORDS: { readonly [Code in HistoryCode]: MeaningRecord } = {
  HISTORY_TRUNCATED: {
    meaning: "The remembered head is not in the project's history any more: newer runs were taken away.",
    remedy:
      "Get the missing bundles and HEAD from a backup. If they were taken away on purpose, runseal status --accept-history remembers the history that is left.",
  },
  HISTORY_ROLLED_BACK: {
    meaning:
      "Bundles follow the one that HEAD names: HEAD was set back. The next seal would fork the history.",
    remedy: "Put back the HEAD that names the last of them, from a backup; docs/history.md shows its form.",
  },
  HISTORY_FORK: {
    meaning:
      "Several runs name the same run before them: one was sealed in a copy, or after HEAD was set back.",
    remedy: "Find out which of them belong to the history, and move the others out of .runseal/runs.",
  },
  HISTORY_GAP: {
    meaning: "A bundle is named by the one after it, or by HEAD, and is not there: it was taken away.",
    remedy: "Get it from a backup; without it, nothing shows what else was taken away beside it.",
  },
  HISTORY_PROOF_MISMATCH: {
    meaning: "A run's PROOF.json does not name the proof of the run before it; its signer wrote it so.",
    remedy: "Ask its signer. runseal never writes such a bundle.",
  },
  HISTORY_FAILED_RUN_MISSING: {
    meaning: "A run lists the failed runs before it, and the bundle of one of them was taken away.",
    remedy: "Get it from a backup into .runseal/runs. Without it, nothing shows what the failed run did.",
  },
  HISTORY_GUARD_MISSING: {
    meaning: "A guarded run names the snapshots before and after it, and one of them was taken away.",
    remedy: "Get the bundle of the snapshot from a backup. Without it, the run can't be undone.",
  },
  HISTORY_CUT_INVALID: {
    meaning: "CUT.json is not what runseal writes, its signature does not hold, or no bundle has its root.",
    remedy:
      "Get CUT.json from a backup. If runs were not forgotten here, remove it: verify --history then shows what is missing.",
  },
  HISTORY_FOREIGN: {
    meaning:
      "A bundle has no place in the project's history: nothing there names it, and it follows nothing.",
    remedy: "Move it out of .runseal/runs; verify it where it belongs.",
  },
};
