/** The codes of a history that does not hold together. @module */

import { type HistoryCode, type HistoryFinding, type HistoryRun, quote } from "../../core/internal.ts";
import { countOf } from "../text/count-text.ts";
import { runsWords } from "../text/run-name.ts";
import { type ErrorRecord, messageOf } from "./record.ts";

/** The facts of each finding. */
type Findings = {
  readonly [Code in HistoryCode]: Extract<HistoryFinding<HistoryRun>, { readonly code: Code }>;
};

/** One record for each code. */
export const HISTORY_RECORDS: { readonly [Code in HistoryCode]: ErrorRecord<Findings[Code]> } = {
  HISTORY_TRUNCATED: {
    message: ({ remembered }) =>
      `run ${quote(remembered.runId)}, which this machine saw sealed here, is not in the line any more`,
    meaning:
      "The head that this machine remembers is not in the project's line any more: newer runs were taken away, and HEAD was set back.",
    remedy:
      "Get the missing bundles and HEAD from a backup. If they were taken away on purpose, runseal status --accept-history remembers the history that is left.",
  },
  HISTORY_ROLLED_BACK: {
    message: ({ following }) =>
      `HEAD was set back: ${runsWords(following)} ${following.length === 1 ? "follows" : "follow"} the run that it names`,
    meaning:
      "There are bundles that follow the one that HEAD names: HEAD was set back. The next seal would fork the history.",
    remedy: "Put back the HEAD that names the last of them, from a backup; docs/history.md shows its form.",
  },
  HISTORY_FORK: {
    message: ({ runs }) => `${runsWords(runs)} name the same run before them`,
    meaning:
      "Several runs name the same run before them: a run was sealed in a copy of the project, or after HEAD was set back.",
    remedy: "Find out which of them belong to the line, and move the others out of .runseal/runs.",
  },
  HISTORY_GAP: {
    message: ({ by, previous }) =>
      by === undefined
        ? `HEAD names the bundle ${shortRoot(previous)}, which is not here`
        : `run ${quote(by.runId)} names the bundle ${shortRoot(previous)} before it, which is not here`,
    meaning: "A bundle is named by the one after it, or by HEAD, and is not there: it was taken away.",
    remedy: "Get it from a backup; without it, nothing shows what else was taken away before it.",
  },
  HISTORY_PROOF_MISMATCH: {
    message: ({ run }) => `the proof of run ${quote(run.runId)} does not name the proof of the run before it`,
    meaning:
      "A run's PROOF.json does not name the proof of the run before it, so the line of proofs is broken; its signer wrote it so.",
    remedy: "Ask its signer. runseal never writes such a bundle.",
  },
  HISTORY_FAILED_RUN_MISSING: {
    message: ({ missing, run }) =>
      `run ${quote(run.runId)} lists failed ${runsWords(missing)}, ${missing.length === 1 ? "whose bundle is" : "whose bundles are"} not here`,
    meaning:
      "A run lists the failed runs before it, and the bundle of one of them is not here: it was taken away.",
    remedy: "Get it from a backup into .runseal/runs. Without it, nothing shows what the failed run did.",
  },
  HISTORY_GUARD_MISSING: {
    message: ({ missing, run }) =>
      `the guarded run ${quote(run.runId)} names ${countOf(missing.length, "snapshot")} that ${missing.length === 1 ? "is" : "are"} not in the line`,
    meaning:
      "A guarded run names the snapshots from before and after its command, and one of them is not in the line: it was taken away.",
    remedy: "Get the bundle of the snapshot from a backup. Without it, the run can't be undone.",
  },
  HISTORY_CUT_INVALID: {
    message: ({ reason }) => `CUT.json, which says where the line begins, ${CUT_WORDS[reason]}`,
    meaning:
      "CUT.json says at which bundle the line begins after runseal prune, and it is not what runseal writes, its signature does not hold, or no bundle of the line has its root.",
    remedy:
      "Get CUT.json from a backup. If runs were not forgotten here, remove it: verify --history then shows what is missing.",
  },
  HISTORY_FOREIGN: {
    message: ({ run }) => `run ${quote(run.runId)} has no place in this project's line`,
    meaning:
      "A bundle has no place in the project's line: nothing in the line names it, and it follows nothing there.",
    remedy: "Move it out of .runseal/runs; verify it where it belongs.",
  },
};

/** What is wrong with CUT.json. */
const CUT_WORDS: Readonly<Record<Findings["HISTORY_CUT_INVALID"]["reason"], string>> = {
  malformed: "is not what runseal writes there",
  signature: "has a signature that does not hold",
  "not-in-line": "names a bundle that is not in the line",
};

/** The beginning of a root, as key ids are shown. */
function shortRoot(root: string): string {
  return `${root.slice(0, 8)}…`;
}

/** One sentence for a finding. `code` is a parameter of its own, so that the compiler relates record and facts. */
export function historyMessage<Code extends HistoryCode>(code: Code, finding: Findings[Code]): string {
  const record: ErrorRecord<Findings[Code]> = HISTORY_RECORDS[code];
  return messageOf(record, finding);
}
