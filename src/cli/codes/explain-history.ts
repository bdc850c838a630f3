/** What does not fit into a history explained: [what it means, what to do]. @module */

import type { HistoryCode } from "../../core/internal.ts";

/** One entry for each code. */
export const HISTORY_EXPLANATIONS: Readonly<Record<HistoryCode, readonly [string, string]>> = {
  HISTORY_TRUNCATED: [
    "The head that this machine remembers is not in the project's line any more: newer runs were taken away, and HEAD was set back.",
    "Get the missing bundles and HEAD from a backup; docs/history.md says what to do where they were taken away on purpose.",
  ],
  HISTORY_ROLLED_BACK: [
    "There are bundles that follow the one that HEAD names: HEAD was set back. The next seal would fork the history.",
    "Put back the HEAD that names the last of them, from a backup; docs/history.md shows its form.",
  ],
  HISTORY_FORK: [
    "Several runs name the same run before them: somebody sealed in a copy of the project, or set HEAD back and sealed.",
    "Find out which of them belong to the line, and move the others out of .runseal/runs.",
  ],
  HISTORY_GAP: [
    "A bundle is named by the one after it, or by HEAD, and is not there: it was taken away.",
    "Get it from a backup; without it nobody can tell what else was taken away before it.",
  ],
  HISTORY_PROOF_MISMATCH: [
    "A run's PROOF.json does not name the proof of the run before it, so the line of proofs is broken; its signer wrote it so.",
    "Ask whoever sealed it. runseal never writes such a bundle.",
  ],
  HISTORY_FAILED_RUN_MISSING: [
    "A run lists the failed runs before it, and the bundle of one of them is not here: it was taken away.",
    "Get it from a backup into .runseal/runs. Without it, nothing shows what the failed run did.",
  ],
  HISTORY_FOREIGN: [
    "A bundle has no place in the project's line: nothing in the line names it, and it follows nothing there.",
    "Move it out of .runseal/runs; verify it where it belongs.",
  ],
};
