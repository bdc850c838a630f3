/** What restore, recover and undo have in common, in JSON and in words. @module */

import { resolve } from "node:path";
import { quote } from "../../../core/internal.ts";
import type { Recovery, RestoreFailure } from "../../../node/back/transaction/restore-failure.ts";
import type { Protection } from "../../../node/system/files/shared-above.ts";
import type { ExitCode } from "../../codes/exit-code.ts";
import type { RestoreVerb } from "../../codes/restore-codes.ts";
import { describeRefused, failureReport } from "../../output/failure-report.ts";
import type { Io } from "../../output/io.ts";
import { note, type Remark, type Report, warning } from "../../output/report.ts";
import type { RecoveryFacts } from "../../results/recovery.ts";
import { boundedList } from "../../text/bounded-list.ts";
import { shellWord } from "../../text/shell-word.ts";
import { astrayWords, recoveredRemarks } from "./recovery-text.ts";
import { restoreExitCode } from "./restore-exit-code.ts";
import type { RecoveriesFacts, SingleRestoreResult } from "./restore-results.ts";
import { changedWords, restoreHints, restoreMessage } from "./restore-text.ts";

/** The library needs an absolute path; the command line accepts a relative one. */
export function absoluteTarget(folder: string, io: Io): string {
  return folder === "" ? "" : resolve(io.cwd, folder);
}

/** Names the target, as the caller did, in a failure that is about the target itself. */
export function atFolder(failure: RestoreFailure, path: string): RestoreFailure {
  switch (failure.code) {
    case "RESTORE_TARGET_NOT_EXIST":
    case "RESTORE_TARGET_NOT_DIRECTORY":
    case "RESTORE_TARGET_NOT_WRITABLE":
      return { ...failure, details: { ...failure.details, path } };
    default:
      return failure;
  }
}

/** Restores and undos that were killed, for a program. */
export function recoveryFacts(recovered: readonly Recovery[]): readonly RecoveryFacts[] {
  return recovered.map(({ act, astray, edited, end, files, moved, occupied, origin, placed, staging }) => ({
    staging,
    act: act ?? null,
    started: origin?.started ?? null,
    run_ids: origin?.runIds ?? [],
    bundle_roots: origin?.bundleRoots ?? [],
    signers: origin?.signers ?? [],
    placed,
    files,
    end,
    astray,
    edited,
    moved,
    occupied,
  }));
}

/** What was recovered, and what kept other processes out. */
export function recoveriesFacts({ protection, recovered }: Recovered): RecoveriesFacts {
  return {
    recovered: recoveryFacts(recovered),
    ...(protection === "descriptors" ? {} : { protection }),
  };
}

interface Recovered {
  readonly recovered: readonly Recovery[];
  readonly protection: Protection;
}

/** What the remarks of a restore or undo need. */
interface Done extends Recovered {
  readonly isClean: boolean;
  readonly left?: readonly string[];
}

function leftRemark(name: string, folder: string): Remark {
  return warning(
    `${quote(name)} is beside the folder: an earlier restore left it, or is about to begin; nothing tells which`,
    `where no restore is at work there, runseal recover ${shellWord(folder)} removes it`,
  );
}

/** Notes and warnings of a restore or undo that succeeded. `folder` is as the caller named it. */
export function doneRemarks(
  { isClean, left = [], protection, recovered }: Done,
  folder: string,
): readonly Remark[] {
  const notes = [
    ...protectionRemarks(protection),
    ...recoveredRemarks(recovered),
    ...left.map((name) => leftRemark(name, folder)),
  ];
  if (isClean) return notes;
  const message =
    "a folder of working files could not be removed and is left there, .spectrum06_staging_*, or beside a new folder, .spectrum06_new_*";
  return [...notes, warning(message, `runseal recover ${shellWord(folder)} removes it`)];
}

/** What is not promised where folders can't be held by descriptor. */
function protectionRemarks(protection: Protection): readonly Remark[] {
  switch (protection) {
    case "descriptors":
      return [];
    case "permissions":
      return [BY_PERMISSIONS];
    case "unchecked":
      return [UNCHECKED];
  }
}

const BY_PERMISSIONS = note(
  "on this system only permissions keep other processes from exchanging folders meanwhile; those of the folder and of the folders above it keep other users out",
);

const UNCHECKED = warning(
  "this system does not show runseal who may write to the folder and to those above it; a process that may could lead it to another folder meanwhile",
);

/** The end of a restore, a recovery or an undo that failed. */
export function failedRestoreReport(
  failure: RestoreFailure,
  verb: RestoreVerb,
  over: {
    readonly exitCode?: ExitCode;
    readonly hints?: readonly string[] | undefined;
    readonly mkdir?: boolean;
  } = {},
): Report {
  const { cause_code, code, details, phase, recovered = [], source, trust } = failure;
  const { changed = [], refused = [] } = details;
  const named = [...changed.map(changedWords), ...refused.map(describeRefused)];
  return failureReport<Pick<SingleRestoreResult, "trust" | "source" | "recovered">>({
    code,
    where: { phase, cause_code },
    message: restoreMessage(failure, verb),
    details,
    known: {
      ...(trust === undefined || trust.ok ? {} : { trust }),
      ...(source === undefined ? {} : { source }),
      recovered: recoveryFacts(recovered),
    },
    exitCode: over.exitCode ?? restoreExitCode(failure),
    remarks: recoveredRemarks(recovered),
    list: boundedList([...named, ...astrayWords(details)]),
    hints: over.hints ?? restoreHints(failure, verb, over.mkdir),
  });
}
