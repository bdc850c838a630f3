/**
 * `runseal snapshot`: looks at a folder, keeps what it holds in its guard, and seals that. The steps are in this order below.
 *
 * @module
 */

import { ok, type Result } from "../../../core/internal.ts";
import type { SignerChoice, SignerSurroundings } from "../../keys/open-signer.ts";
import type { Signer } from "../../keys/signer.ts";
import { type Released, type SealFault, whileHeld } from "../../make/seal/while-held.ts";
import { isNewRunId } from "../../records/bundle/run-names.ts";
import type { RecoveredSeal } from "../../records/project/finish-pending.ts";
import type { HeldProject, HoldRequest } from "../../records/project/held-project.ts";
import { ObjectMemory } from "../../records/store/object-memory.ts";
import { type AnchoredRoot, openRoot } from "../../system/files/anchored-root.ts";
import { refusalOf } from "../../system/runtime/machine-reason.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";
import type { WorkOptions } from "../../system/runtime/progress.ts";
import type { Environment } from "../../system/runtime/user-home.ts";
import { openGuardSigner } from "./guard-key.ts";
import { GuardRules, patternsOfTree } from "./guard-rules.ts";
import { KEEP_NAME, type SetRules, writeKeepRules } from "./keep-rules.ts";
import { isWholeHome, type OpenGuard, openGuard } from "./open-guard.ts";
import type { OwnPlace } from "./private-folders.ts";
import { type FolderLook, type LookRequest, scanFolder } from "./scan-folder.ts";
import { readLatest, type SealedSnapshot, type SnapshotRequest, sealSnapshot } from "./seal-snapshot.ts";
import { checkBytes } from "./snapshot-budget.ts";

/** Which guard, and what is guarded. */
export interface GuardOptions extends OwnPlace {
  /** Patterns of gitignore's syntax for what is not guarded, after those of `.runsealignore`. */
  readonly ignore: readonly string[];
  /** Bytes that a snapshot may add; default 10 GiB, but for the root of the system and the home folder, which have none. */
  readonly budget?: number | undefined;
}

/** What to take a snapshot of. */
export interface TakeSnapshotRequest extends GuardOptions, WorkOptions, Pick<HoldRequest, "onWaiting"> {
  /** The folder, and the same as the caller named it. */
  readonly folder: string;
  readonly shown: string;
  readonly runId: string;
  readonly message?: string | undefined;
  readonly environment: Environment;
  readonly signer: SignerChoice;
  readonly surroundings: SignerSurroundings;
  /** Seconds since 1970. */
  readonly now: number;
  readonly jobs?: number | undefined;
  /** Finishes what a killed revert left, as the holder of the guard: a snapshot must not hold half of it. */
  readonly recover?: RecoverGuarded | undefined;
  /** What `prune` keeps of this guard from now on. */
  readonly keep?: SetRules | undefined;
  /** Of the turn of an agent: it makes no guard, and leaves out what can't be read. */
  readonly turn?: TurnSnapshot | undefined;
}

/** Which snapshot of a turn is taken. */
export interface TurnSnapshot {
  readonly moment: "before" | "after";
  readonly turnId: string;
  /** The patterns of the snapshot from before the turn: what the agent does to `.runsealignore` has no effect. */
  readonly ignored: readonly string[] | undefined;
  /** Whether the guard's own key signs where the user's can't be opened: a hook has no terminal to ask on. */
  readonly isUnattended: boolean;
  /** Ends the wait for the lock of the guard, with an Interruption. */
  readonly lockSignal: AbortSignal;
}

/** Finishes what a killed revert left in a guarded folder, whose guard is held. */
export type RecoverGuarded = (
  held: HeldProject,
  place: { readonly guard: OpenGuard; readonly root: AnchoredRoot },
) => Promise<OperationFault | undefined>;

/** What to look at, and how to seal it. */
export interface ScanAndSealRequest
  extends Pick<
      SnapshotRequest,
      "environment" | "message" | "moment" | "now" | "ofRun" | "openSigner" | "runId"
    >,
    Pick<TakeSnapshotRequest, "budget" | "jobs">,
    Pick<LookRequest, "leavesOutUnreadable" | "onlyIndex" | "rules">,
    WorkOptions {}

/** What was seen of a folder, without the list of its files: a guarded run keeps two of them. */
export interface LookFacts extends Omit<FolderLook, "outputs" | "tree"> {
  readonly files: number;
  /** Bytes of all files. */
  readonly bytes: number;
  readonly counts: FolderLook["tree"]["counts"];
}

/** A snapshot, and what was seen of the folder. */
export interface SealedLook extends SealedSnapshot {
  readonly look: LookFacts;
}

/** A snapshot that was taken on request. */
export interface TakenSnapshot extends SealedLook {
  /** The guard's folder as it may be shown. */
  readonly guard: string;
  /** Whether the guard's own key signed. */
  readonly isGuardsOwnKey: boolean;
  /** Whether another folder is at the path than the one that was guarded before. */
  readonly isOtherFolder: boolean;
  readonly recovered: readonly RecoveredSeal[];
}

/**
 * Takes a snapshot. Fails with ARGUMENT_MALFORMED, PATH_NOT_FOUND or SNAPSHOT_REFUSED; as `openGuard`, `holdProject`, `scanFolder`,
 * `openGuardSigner`, `recover` and `sealSnapshot` do. Throws an InterruptedSeal.
 */
export async function takeSnapshot(
  request: TakeSnapshotRequest,
): Promise<Result<Released<TakenSnapshot>, SealFault>> {
  const { folder, runId, shown, turn } = request;
  if (!isNewRunId(runId)) return operationFault("ARGUMENT_MALFORMED", { reason: "run", path: runId });
  const opened = openRoot(folder, undefined, shown);
  if (!opened.ok) return opened;
  using root = opened.value;
  // A turn's guard must be there: an agent's folder is not guarded unasked.
  const guarded =
    turn === undefined ? openGuardOf(root, request) : openGuard({ ...request, root, makes: false });
  if (!guarded.ok) return guarded;
  using guard = guarded.value;
  const { home, homePath } = guard;
  let isTaken = false;
  try {
    const taken = await whileHeld(
      { ...request, home, homePath, signal: turn?.lockSignal ?? request.signal },
      async (held) => await takeHeld(held, { guard, root }, request),
    );
    isTaken = taken.ok;
    return taken;
  } finally {
    if (!isTaken) guard.withdraw();
  }
}

/**
 * Opens the guard of a folder, and makes it if it is missing. Fails as `openGuard` does, and with SNAPSHOT_REFUSED for the root of the
 * system and a home folder without a budget: to guard these is mostly a mistake.
 */
export function openGuardOf(
  root: AnchoredRoot,
  { budget, environment, shownStore, store }: GuardOptions & Pick<TakeSnapshotRequest, "environment">,
): Result<OpenGuard, OperationFault> {
  if (budget === undefined && isWholeHome(root, environment))
    return operationFault("SNAPSHOT_REFUSED", { reason: "too-large" });
  return openGuard({ root, environment, store, shownStore, makes: true });
}

async function takeHeld(
  held: HeldProject,
  place: { readonly guard: OpenGuard; readonly root: AnchoredRoot },
  request: TakeSnapshotRequest,
): Promise<Result<TakenSnapshot, OperationFault>> {
  const { guard, root } = place;
  const unrecovered = await request.recover?.(held, place);
  if (unrecovered !== undefined) return unrecovered;
  // A killed revert may have moved the file of patterns away.
  const { turn } = request;
  const rules =
    turn?.ignored === undefined
      ? GuardRules.read(root, request.ignore)
      : GuardRules.of(patternsOfTree(turn.ignored));
  if (!rules.ok) return rules;
  let isGuardsOwnKey = false;
  const openSigner = async (): Promise<Result<Signer, OperationFault>> => {
    const opened = await openGuardSigner(guard, request.signer, request.surroundings, turn?.isUnattended);
    if (opened.ok) isGuardsOwnKey = opened.value.isGuardsOwn;
    return opened.ok ? ok(opened.value.signer) : opened;
  };
  const moment = turn?.moment ?? "manual";
  const rest = {
    moment,
    ofRun: turn?.turnId,
    rules: rules.value,
    leavesOutUnreadable: turn !== undefined,
    openSigner,
  } as const;
  // Before the snapshot: a failure behind it would say nothing of it.
  const { keep } = request;
  const unset = keep && refusalOf(() => writeKeepRules(guard.home.dir, keep));
  if (unset !== undefined)
    return operationFault("WRITE_FAILED", { path: `${guard.homePath}/${KEEP_NAME}`, reason: unset });
  const taken = await scanAndSeal(held, place, { ...request, ...rest });
  if (!taken.ok) return taken;
  return ok({
    ...taken.value,
    guard: guard.homePath,
    isGuardsOwnKey,
    isOtherFolder: !guard.isSameFolder,
    recovered: held.recovered,
  });
}

/** Looks at a folder as the holder of its guard, keeps what it holds, and seals that. Fails as `scanFolder` and `sealSnapshot` do. */
export async function scanAndSeal(
  held: HeldProject,
  { guard, root }: { readonly guard: OpenGuard; readonly root: AnchoredRoot },
  request: ScanAndSealRequest,
): Promise<Result<SealedLook, OperationFault>> {
  const { budget, environment } = request;
  const { home } = guard;
  const memory = ObjectMemory.of(environment, home);
  // After a command, which could have written what is remembered, nothing is believed but what this process has seen.
  const latest = readLatest(held, request.onlyIndex === undefined ? memory : undefined);
  if (!latest.ok) return latest;
  const look = await scanFolder({
    ...request,
    root,
    home,
    memory,
    // Of a later snapshot, only hashes say what is new.
    onListed: (walked, unread) =>
      latest.value === undefined ? checkBytes(walked, unread, { home, budget }) : undefined,
  });
  if (!look.ok) return look;
  const recorded = guard.recordRoot();
  if (!recorded.ok) return recorded;
  const sealed = await sealSnapshot(held, look.value, { ...request, guard, latest: latest.value });
  if (!sealed.ok) return sealed;
  const { outputs, tree, ...facts } = look.value;
  return ok({
    ...sealed.value,
    look: { ...facts, files: outputs.length, bytes: outputs.bytes, counts: tree.counts },
  });
}
