/** What `forget` says of what it took from the line. @module */

import type { Forgotten, ForgottenAndCollected } from "../../../node/guard/forget.ts";
import { countOf, numberOf } from "../../text/count-text.ts";
import { runName } from "../../text/run-name.ts";
import { failedRunFacts } from "../../verdict/verdict-facts.ts";
import { removalFacts } from "../store/removal-facts.ts";
import { removedLine } from "../store/store-text.ts";

/** Runs that one line names. */
const MAX_NAMED = 5;

/** What was forgotten, or would be, and what stays. */
export function forgottenLines(done: ForgottenAndCollected, dryRun: boolean): string {
  const { collected, cut, kept } = done;
  return (
    `${dryRun ? "plan    " : "forgot  "} ${forgottenWords(done)}\n` +
    `kept     ${countOf(kept, "run")}\n` +
    (cut === undefined
      ? ""
      : `cut      the line ${dryRun ? "would begin" : "begins"} at ${runName(cut.runId)}\n`) +
    (collected?.ok === true ? removedLine(collected.value) : "") +
    (dryRun ? "nothing was forgotten\n" : "")
  );
}

function forgottenWords({ forgotten }: Forgotten): string {
  const runs = forgotten.filter(({ counts }) => counts).map(({ runId }) => runName(runId));
  const bundles = forgotten.length === runs.length ? "" : ` (${countOf(forgotten.length, "bundle")})`;
  if (runs.length === 0) return `${countOf(0, "run")}${bundles}`;
  const more = runs.length - MAX_NAMED;
  const named = runs.slice(0, MAX_NAMED).join(", ");
  return `${countOf(runs.length, "run")}${bundles}: ${named}${more > 0 ? ` and ${numberOf(more)} more` : ""}`;
}

/** The same for a program. */
export function forgetFacts({ collected, cut, forgotten, kept, unreleased }: ForgottenAndCollected): object {
  return {
    forgotten: forgotten.map(({ counts, runId }) => ({ run_id: runId, counts })),
    kept,
    cut:
      cut === undefined
        ? null
        : {
            run_id: cut.runId,
            bundle_root: cut.bundleRoot,
            cut_at: cut.cutAt,
            forgotten: cut.forgotten,
            failed_runs: cut.failedRuns.map(failedRunFacts),
          },
    collected: collected?.ok === true ? removalFacts(collected.value) : null,
    unreleased: unreleased?.details ?? null,
  };
}
