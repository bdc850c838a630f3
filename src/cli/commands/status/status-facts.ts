/** A status for a program. @module */

import { codeOfFinding, findingWords } from "../../verdict/finding-text.ts";
import type { ComparedFolder } from "../diff/compare-folder.ts";
import { changesFacts } from "../diff/entry-changes.ts";
import { runFacts } from "../history/run-facts.ts";
import type { LastRun, Status } from "./status.ts";
import type { StatusResult } from "./status-results.ts";

/** Findings that one JSON object lists. */
const MAX_FINDINGS = 1000;

/** The members of `status --json`. */
export function statusFacts({
  faults,
  guard,
  key,
  last,
  read,
  signers,
  unlisted,
  waiting,
}: Status): StatusResult {
  const { heads, history } = read;
  const { head } = heads;
  const compared = last?.compared;
  return {
    head: typeof head === "string" ? null : { run_id: head.runId, bundle_root: head.bundleRoot },
    last_run: last === undefined ? null : runFacts(last.seen, last.trust),
    state: stateOf(last),
    ...changesFacts(compared?.changes ?? []),
    ...(compared === undefined ? { counts: null } : {}),
    guard:
      guard === undefined
        ? null
        : {
            snapshot: guard.last?.seen.run.runId ?? null,
            state: stateOf(guard.last),
            runs: guard.listed.runs.filter(({ isPart }) => !isPart).map(({ seen }) => seen.run.runId),
            more: guard.listed.more,
          },
    unsealed_files: compared?.unsealed?.files ?? null,
    whole: faults.length === 0,
    line_runs: history.line.length,
    findings: faults
      .slice(0, MAX_FINDINGS)
      .map((finding) => ({ code: codeOfFinding(finding), message: findingWords(finding) })),
    unlisted_runs: unlisted.map(({ command, runId, state, time }) => ({
      run_id: runId,
      time,
      command,
      state,
    })),
    waiting_runs: waiting,
    key: key.kind === "usable" ? { name: key.name, key_id: key.keyId, public_key: key.publicKeyHex } : null,
    trusted:
      typeof signers === "string" ? null : signers.map(({ keyId, names }) => ({ names, key_id: keyId })),
  };
}

/** Whether nothing that was sealed changed, and nothing new is beside it. */
export function isAsSealed({ changes, unsealed }: ComparedFolder): boolean {
  return changes.length === 0 && (unsealed?.files ?? 0) === 0;
}

function stateOf(last: LastRun | undefined): "as-sealed" | "changed" | "unknown" {
  if (last?.compared === undefined) return "unknown";
  return isAsSealed(last.compared) ? "as-sealed" : "changed";
}
