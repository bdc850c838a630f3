/** A status for a program. @module */

import { codeOfFinding, findingWords } from "../../verdict/finding-text.ts";
import { runFacts } from "../history/run-facts.ts";
import type { ChangeKind, ComparedFolder } from "./compare-folder.ts";
import type { Status } from "./status.ts";

/** Changes that one JSON object lists. */
const MAX_CHANGES = 100_000;

/** Findings that one JSON object lists. */
const MAX_FINDINGS = 1000;

/** The members of `status --json`. */
export function statusFacts({ faults, key, last, read, signers, unlisted, waiting }: Status): object {
  const { heads, history } = read;
  const { head } = heads;
  const compared = last?.compared;
  return {
    head: typeof head === "string" ? null : { run_id: head.runId, bundle_root: head.bundleRoot },
    last_run: last === undefined ? null : runFacts(last.seen, last.trust),
    state: compared === undefined ? "unknown" : isAsSealed(compared) ? "as-sealed" : "changed",
    counts: compared === undefined ? null : countChanges(compared),
    changes: (compared?.changes ?? [])
      .slice(0, MAX_CHANGES)
      .map(({ change, isFolder, path }) => ({ path, change, folder: isFolder })),
    changes_left_out: Math.max(0, (compared?.changes.length ?? 0) - MAX_CHANGES),
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

/** How many changes there are of each kind. */
export function countChanges({ changes }: ComparedFolder): Readonly<Record<ChangeKind, number>> {
  const counts = { modified: 0, missing: 0, new: 0, kind: 0, mode: 0, unreadable: 0 };
  for (const { change } of changes) counts[change]++;
  return counts;
}
