/**
 * `runseal run --guard`: a run whose folder is guarded. Its bundle and the two snapshots go into the guard of the folder.
 *
 * @module
 */

import { join } from "node:path";
import { ok, type Result } from "../../core/internal.ts";
import { openGuardSigner } from "../back/guard/guard-key.ts";
import {
  type ForgetFault,
  type ForgottenAndCollected,
  forgetOncePerDay,
  type HistoryJudge,
} from "../back/guard/prune/forget.ts";
import { type GuardOptions, openGuardOf, type RecoverGuarded } from "../back/guard/take-snapshot.ts";
import type { SignerChoice, SignerSurroundings } from "../keys/open-signer.ts";
import { runsFolderOf } from "../records/project/project-names.ts";
import { openRoot } from "../system/files/anchored-root.ts";
import { pathOfComponents } from "../system/files/path-components.ts";
import type { RunGuard } from "./command-guard.ts";
import { runAndSeal } from "./run-and-seal.ts";
import type { RunRequest, SealedRun, UnsealedRun } from "./run-request.ts";
import { unsealed } from "./seal-run.ts";

/** What to run, in which folder, and how the folder is guarded. */
export interface GuardedRunRequest
  extends Omit<RunRequest, "guard" | "ignore" | "openSigner" | "project">,
    GuardOptions,
    Pick<RunGuard, "jobs" | "leavesOutUnreadable"> {
  /** Finishes what a killed revert left, as the holder of the guard. Runs before the first snapshot. */
  readonly recover: RecoverGuarded;
  /** The guarded folder as an absolute path; `root` is the same as the caller named it. */
  readonly folder: string;
  /** Confines the command to the folder, and to these files and folders, relative to `cwd`. */
  readonly confined: RunGuard["confined"];
  readonly signer: SignerChoice;
  readonly surroundings: SignerSurroundings;
  /** Nothing is forgotten of a history that is not whole. */
  readonly judgeRuns: HistoryJudge<unknown>;
}

/** A guarded run, and what else was done. */
export interface GuardedRun {
  readonly run: SealedRun | UnsealedRun;
  /** The folder of the run's bundle, by its address on this machine; undefined if nothing was sealed. */
  readonly bundle: string | undefined;
  /** Whether the guard's own key signed. */
  readonly isGuardsOwnKey: boolean;
  /** What was forgotten of older runs; undefined if that was not due. */
  readonly forgotten: Result<ForgottenAndCollected, ForgetFault<unknown>> | undefined;
}

/**
 * Runs a command in a guarded folder and seals the run. Fails as `runAndSeal` does, with SNAPSHOT_REFUSED, and as `openGuard` and the
 * first snapshot do: then nothing was run. Throws an InterruptedRun.
 */
export async function runGuarded(request: GuardedRunRequest): Promise<GuardedRun> {
  const { budget, confined, folder, jobs, leavesOutUnreadable, recover } = request;
  const nothing = { bundle: undefined, isGuardsOwnKey: false, forgotten: undefined };
  const opened = openRoot(folder, undefined, request.root);
  if (!opened.ok) return { run: unsealed(opened), ...nothing };
  using root = opened.value;
  const guarded = openGuardOf(root, request);
  if (!guarded.ok) return { run: unsealed(guarded), ...nothing };
  using guard = guarded.value;
  const home = pathOfComponents(guard.home.real);
  let isGuardsOwnKey = false;
  let forgotten: GuardedRun["forgotten"];
  const run = await runAndSeal({
    ...request,
    project: guard,
    guard: {
      guard,
      budget,
      jobs,
      leavesOutUnreadable,
      confined: confined && { ...confined, kept: [home, ...confined.kept] },
      recover,
      forget: async (signer) => {
        const { clock, environment, judgeRuns, progress, signal } = request;
        const { home: held, homePath } = guard;
        forgotten = await forgetOncePerDay({
          home: held,
          homePath,
          environment,
          progress,
          signal,
          judge: judgeRuns,
          now: clock(),
          openSigner: async () => ok(signer),
        });
      },
    },
    openSigner: async () => {
      const signing = await openGuardSigner(guard, request.signer, request.surroundings);
      if (!signing.ok) return signing;
      isGuardsOwnKey = signing.value.isGuardsOwn;
      return ok(signing.value.signer);
    },
  });
  // A guard that was made for nothing.
  if (!run.ok && run.facts === undefined) guard.withdraw();
  const bundle = run.ok ? join(runsFolderOf(home), run.bundle.runId) : undefined;
  return { run, bundle, isGuardsOwnKey, forgotten };
}
