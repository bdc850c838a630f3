/** What a status says, for a program. @module */

import type { ListedSnapshots } from "../../../node/back/guard/list-snapshots.ts";
import type { SeenRun } from "../../../node/judge/history/inspect-run.ts";
import type { ReadHistory } from "../../../node/judge/history/read-history.ts";
import type { UnlistedRun } from "../../../node/judge/history/runs-without-bundles.ts";
import type { JudgedHistoryRun } from "../../../node/judge/history/verify-history.ts";
import type { TrustAnswer } from "../../options/trust-options.ts";
import type { FaultOfHistory } from "../../verdict/finding-text.ts";
import { headFacts } from "../../verdict/verdict-facts.ts";
import type { ComparedFolder } from "../diff/compare-folder.ts";
import { changesFacts } from "../diff/entry-changes.ts";
import { runFacts, unlistedFacts } from "../history/run-facts.ts";
import type { OwnKey, trustedSigners } from "./status-keys.ts";
import type { StatusResult } from "./status-results.ts";

/** The last run of the history, and how the folder differs from it. */
export interface LastRun {
  readonly seen: SeenRun;
  readonly trust: TrustAnswer | undefined;
  /** Undefined where the bundle does not hold: then nothing says what was sealed. */
  readonly compared: ComparedFolder | undefined;
}

/** A guard, and how its folder differs from its newest snapshot. */
export interface GuardState {
  readonly last: LastRun | undefined;
  readonly listed: ListedSnapshots;
}

/** What a status says. */
export interface Status {
  readonly read: ReadHistory<JudgedHistoryRun>;
  /** Why the history is not whole. */
  readonly faults: readonly FaultOfHistory[];
  /** Undefined if nothing was sealed, or if HEAD names no bundle that is here. */
  readonly last: LastRun | undefined;
  /** What the guard at hand has; of a folder that is guarded, and has a project of its own too, beside that. */
  readonly guard: GuardState | undefined;
  /** Whether the guard is what the status is about. */
  readonly isGuard: boolean;
  readonly unlisted: readonly UnlistedRun[];
  /** The runs that wait for a signer. */
  readonly waiting: readonly string[];
  readonly key: OwnKey;
  readonly signers: ReturnType<typeof trustedSigners>;
}

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
  const { heads, history, unread } = read;
  const compared = last?.compared;
  return {
    head: headFacts(heads.head),
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
            failed_turns: guard.listed.failedTurns,
          },
    unsealed_files: compared?.unsealed?.files ?? null,
    whole: faults.length === 0 && unread > 0 ? null : faults.length === 0,
    line_runs: history.line.length,
    unread_runs: unread,
    findings: faults
      .slice(0, MAX_FINDINGS)
      .map((finding) => ({ code: finding.code, message: finding.words })),
    unlisted_runs: unlistedFacts(unlisted),
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
