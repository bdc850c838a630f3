/**
 * How a restore fails (PROTOCOL 13.1 and 13.2).
 *
 * @module
 */

import type { Fault } from "../bytes/result.ts";
import type { RestoreCode } from "./codes.ts";
import type { UnmetExpectation } from "./expectation.ts";
import type { Case } from "./facts.ts";
import { faultWords } from "./fault-words.ts";
import type { RejectionDetails } from "./rejection-message.ts";

/** The phases of a restore, in order; the earliest that fails decides. */
export type RestorePhase = "PREFLIGHT" | "PLAN" | "EXECUTE" | "VERIFY";

/** What the machine said, in a word of our own; never its own text. */
export type MachineReason =
  | "no-space"
  | "read-only"
  | "no-permission"
  | "no-hard-links"
  | "no-links"
  | "no-modes"
  | "no-reader"
  | "no-such-name"
  | "no-case"
  | "too-many-open-files"
  | "already-there"
  | "not-a-folder"
  | "folder-exchanged"
  | "folder-shared"
  | "input-output"
  | "not-private"
  | "other";

/** Where a rollback or a recovery left files, and why. */
export interface Astray {
  /** All such places. Those without a reason of their own below have no folder any more. */
  readonly astray: readonly string[];
  /** Files that were edited in their places: they stay there. */
  readonly edited: readonly string[];
  /** Files that were moved or linked elsewhere before they could be taken back. */
  readonly moved: readonly MovedFile[];
  /** Places that something else has by now. */
  readonly occupied: readonly string[];
}

/** A file that has another name than its own. */
export interface MovedFile {
  /** Where it was put. */
  readonly path: string;
  /** Its name in the staging folder. */
  readonly staged: string;
}

/** The protocol's facts about a failed restore. */
export interface RestoreDetails extends Omit<RejectionDetails, "reason">, Partial<Astray> {
  /** The verifier's or the trust policy's code behind RESTORE_VERIFY_STRICT_FAILED. */
  readonly verifier_code?: string;
  /**
   * What the machine said, a MachineReason; what is wrong with a tree, a TreeReason; which case of UNDO_LIST_INVALID or UNDO_TARGET_CHANGED it is; `link-on-the-way`; or the reason
   * of `verifier_code`.
   */
  readonly reason?: string;
  /** The target of a link that leads outside. */
  readonly target?: string;
  /** Of `no-case`: each path that the file system takes for another one, up to the component spelled differently. */
  readonly refused?: readonly Readonly<{ path: string; reason: "collision"; other: string }>[];
  /** What is not as the caller expects: `expected` and `actual` say how. */
  readonly what?: UnmetExpectation["what"];
  /** What of a restore is no longer as it was put there, where it is to be undone. Of a revert, what was changed after the run. */
  readonly changed?: readonly ChangedPath[];
  /** What stands against a revert. */
  readonly blocked?: readonly BlockedPath[];
  /** Files that processes write to, and that a revert would move aside. */
  readonly open?: readonly OpenFile[];
  /** The snapshot before a run that has none after it. */
  readonly before?: string;
}

/** One restored file or link that is not as it was restored: missing, of another kind, or with other bytes or another target. */
export interface ChangedTarget {
  readonly path: string;
  readonly change: "missing" | "other-type" | "other-bytes" | "other-target" | "other-mode";
}

/** A path that was changed after the run that is to be reverted. */
export interface ChangedPath {
  readonly path: string;
  /** How the path differs from what the run left. `added`: the run left nothing there. */
  readonly change: ChangedTarget["change"] | "added";
  /** The later run that left the path as it is; absent where no run did. */
  readonly by?: string;
}

/**
 * Why a path cannot be reverted. `holds-others`: what is not guarded, or not of the run, is in its place or in the folder that must
 * go. `parent`: what is above it is not a folder. `unreadable`: what is there cannot be read. `closed`: the folder belongs to another
 * user, and this one may not write in it. `owner`: the entry belongs to another user. `object-missing`: its bytes are not in the
 * store. `other-file-system`: something is mounted there.
 */
export type BlockReason =
  | "holds-others"
  | "parent"
  | "unreadable"
  | "closed"
  | "owner"
  | "object-missing"
  | "other-file-system";

/** A path that cannot be reverted. */
export interface BlockedPath {
  /** Empty for the guarded folder itself. */
  readonly path: string;
  readonly reason: BlockReason;
}

/** A file that a process has open for writing, or mapped shared and writable. */
export interface OpenFile {
  readonly path: string;
  readonly pid: number;
  /** The name of its program, as the process gives it: quote it before showing it. */
  readonly command: string;
}

/** A failed restore, before any rollback. */
export interface RestoreFault extends Fault<RestoreCode> {
  readonly phase: RestorePhase;
  /** What failed, and on what, in printable characters on one line. */
  readonly message: string;
  readonly details: RestoreDetails;
}

/** The same fault with the code of what it led to: its message says both. */
export function withOutcome<Failed extends RestoreFault>(fault: Failed, code: RestoreCode): Failed {
  return { ...fault, code, message: `${faultWords(code)}: ${fault.message}` };
}

function messageOf(code: RestoreCode, details: RestoreDetails): string {
  const { astray = [], blocked = [], changed = [], open = [], path, reason, verifier_code } = details;
  const all = [...astray, ...[...changed, ...blocked, ...open].map((one) => one.path)];
  return faultWords(code, path === undefined ? all : [path], verifier_code, reason);
}

/**
 * What some codes can't do without. The others say where it failed, if they know. A fault carries them as a flat view: its outcome may have
 * another code (`withOutcome`).
 */
interface NeededFacts {
  readonly RESTORE_VERIFY_STRICT_FAILED: RestoreDetails & { readonly verifier_code: string };
  readonly RESTORE_LINK_LEAVES_ROOT: OnPath & { readonly target: string };
  readonly RESTORE_TARGET_PATH_EXISTS: OnPath;
  readonly RESTORE_CHAIN_TARGET_DIR_EXISTS: { readonly run_id: string };
  readonly RESTORE_STAGING_HASH_MISMATCH: OnPath;
  readonly RESTORE_OUTPUT_MISSING_AFTER_RESTORE: OnPath;
  readonly RESTORE_PARENT_SHARED: OnPath;
  readonly RESTORE_STATE_UNAVAILABLE: OnPath & { readonly reason: MachineReason };
  readonly UNDO_LIST_INVALID: Case<"missing" | "several" | "form", { readonly path?: string }>;
  readonly UNDO_TARGET_CHANGED: Case<"run" | "restored", ChangedFacts>;
  readonly UNDO_BLOCKED: { readonly blocked: readonly BlockedPath[] };
  readonly UNDO_FILES_OPEN: { readonly open: readonly OpenFile[] };
}

type OnPath = { readonly path: string; readonly run_id?: string };
type ChangedFacts = {
  readonly changed: readonly ChangedPath[];
  /** What stands against the undo besides. */
  readonly blocked?: readonly BlockedPath[];
};

/** What a maker of a fault gives: what its code needs, or where it failed. */
type FactsOf<Code extends RestoreCode> = Code extends keyof NeededFacts
  ? [NeededFacts[Code]]
  : [RestoreDetails?];

/** Makes a fault. */
export function restoreFault<Code extends RestoreCode>(
  phase: RestorePhase,
  code: Code,
  ...[details = {}]: FactsOf<Code>
): RestoreFault {
  return { ok: false, code, phase, message: messageOf(code, details), details };
}
