/** `runseal snapshot [DIR]`: keeps everything in a folder. @module */

import { resolve } from "node:path";
import { countOf, numberOf } from "../../../core/system/bytes/count-text.ts";
import { findGuard } from "../../../node/back/guard/guard-place.ts";
import { SECONDS_OF_DAY, type SetRules } from "../../../node/back/guard/keep-rules.ts";
import { locateGuard } from "../../../node/back/guard/locate-guard.ts";
import { leftOutOf } from "../../../node/back/guard/not-guarded.ts";
import { type TakenSnapshot, takeSnapshot } from "../../../node/back/guard/take-snapshot.ts";
import { type Turn, turnIdOf } from "../../../node/back/guard/turns/turn-record.ts";
import { recoverGuarded } from "../../../node/back/revert/recover-guarded.ts";
import { beginTurn } from "../../../node/back/turns/take-turn.ts";
import { makeRunId } from "../../../node/records/bundle/run-names.ts";
import type { GuardOptions } from "../../options/guard-options.ts";
import { signerSurroundings } from "../../options/passphrases.ts";
import { sealingTime } from "../../options/sealing-options.ts";
import type { JobsOptions } from "../../options/shared-options.ts";
import { chooseSigner } from "../../options/signer-options.ts";
import { operationReport, withLateFault } from "../../output/failure-report.ts";
import type { Io } from "../../output/io.ts";
import { doneReport, note, type Remark, type Report } from "../../output/report.ts";
import { type ProgressOptions, ShownWork } from "../../progress/show-progress.ts";
import {
  lookFacts,
  lookRemarks,
  notGuardedLine,
  OTHER_FOLDER,
  SIGNED_BY_GUARD,
} from "../seal/guarded-text.ts";
import { recoveredSealFacts, treeFacts } from "../seal/seal-facts.ts";
import { sealRemarks, tellOfWaiting } from "../seal/seal-remarks.ts";
import type { SnapshotResult } from "./guard-results.ts";

/** The options as parsed. */
export interface SnapshotOptions extends GuardOptions, JobsOptions, ProgressOptions {
  readonly message?: string | undefined;
  readonly id?: string | undefined;
  readonly turn?: true | undefined;
  readonly session?: string | undefined;
  readonly keepLast?: number | undefined;
  readonly keepDays?: number | undefined;
}

/** Takes a snapshot. */
export async function runSnapshot(
  named: string | undefined,
  options: SnapshotOptions,
  io: Io,
): Promise<Report> {
  const now = sealingTime(io);
  const { budget, ignore, store } = options;
  const dir = named ?? usualFolder(options, io);
  const signer = chooseSigner({}, io);
  const folder = resolve(io.cwd, dir);
  const surroundings = signerSurroundings(io);
  using work = new ShownWork(options, io);
  const common = {
    ...work,
    shown: dir,
    signer,
    surroundings,
    now,
    onWaiting: tellOfWaiting(options, io),
    recover: recoverGuarded(folder, dir, { ...work, now, signer, surroundings }),
  };
  if (options.session !== undefined) {
    const guard = locateGuard(folder, { shown: dir, environment: io.environment });
    if (!guard.ok) return operationReport(guard);
    const begun = await beginTurn({ ...common, guard: guard.value, session: options.session }, false);
    if (!begun.ok) return operationReport(begun);
    const { taken, turn } = begun.value;
    return withLateFault(snapshotReport(taken, undefined, turn), taken.unreleased);
  }
  const taken = await takeSnapshot({
    ...common,
    budget,
    ignore,
    folder,
    store: store === undefined ? undefined : resolve(io.cwd, store),
    shownStore: store,
    runId: options.id ?? makeRunId(now, io.random(2)),
    message: options.message,
    keep: keepRules(options),
  });
  if (!taken.ok) return operationReport(taken);
  return withLateFault(snapshotReport(taken.value, options.message, undefined), taken.value.unreleased);
}

/** What is to be kept from now on; undefined where the options say nothing. */
function keepRules({ keepDays, keepLast }: SnapshotOptions): SetRules | undefined {
  if (keepDays === undefined && keepLast === undefined) return undefined;
  return { keepLast, keepWithin: keepDays && keepDays * SECONDS_OF_DAY };
}

/** In a guarded folder, the guarded one: a subfolder gets a guard of its own only if it is named. */
function usualFolder({ store }: GuardOptions, { cwd, environment }: Io): string {
  if (store !== undefined) return ".";
  return findGuard(cwd, environment)?.root ?? ".";
}

const UNKEPT_MESSAGE = note(
  "the message was not kept: no snapshot was made, because the latest one is equal",
);

function snapshotReport(taken: TakenSnapshot, message: string | undefined, turn: Turn | undefined): Report {
  const { bundleRoot, guard, look, runId, sealed, sealedAt } = taken;
  const leftOut = leftOutOf(look, look);
  const { bytes, files, objectBytes, objects } = look;
  const isNew = sealed !== undefined;
  const facts: SnapshotResult = {
    run_id: runId,
    bundle_root: bundleRoot,
    sealed_at: sealedAt,
    sealed: isNew,
    guard,
    files,
    bytes,
    tree: treeFacts(look.counts),
    ...lookFacts(look, leftOut),
    object_bytes: objectBytes,
    turn: turn === undefined ? null : { turn_id: turnIdOf(turn), number: turn.number },
    guards_own_key: taken.isGuardsOwnKey,
    recovered: recoveredSealFacts(taken.recovered),
  };
  const what = `${countOf(files, "file")}, ${countOf(bytes, "byte")}`;
  const added =
    objects === 0 ? "" : `; ${countOf(objects, "object")} with ${numberOf(objectBytes)} bytes new`;
  const begun = turn === undefined ? "" : `turn     ${turnIdOf(turn)}\n`;
  const text = isNew
    ? `snapshot ${runId}\nholds    ${what}${added}\n${notGuardedLine(leftOut)}`
    : `snapshot ${runId} is equal: nothing has changed since ${sealedAt}\n${notGuardedLine(leftOut)}`;
  return doneReport<SnapshotResult>(isNew ? "snapshot taken" : "nothing has changed", facts, begun + text, {
    remarks: [...remarksOf(taken), ...(isNew || message === undefined ? [] : [UNKEPT_MESSAGE])],
  });
}

function remarksOf(taken: TakenSnapshot): readonly Remark[] {
  return [
    ...sealRemarks({ memory: taken.sealed?.memory, recovered: taken.recovered }),
    ...lookRemarks(taken.look, taken.look, leftOutOf(taken.look, taken.look), true),
    ...(taken.isGuardsOwnKey ? [SIGNED_BY_GUARD] : []),
    ...(taken.isOtherFolder ? [OTHER_FOLDER] : []),
  ];
}
