/** The codes of restores, recoveries and undos. @module */

import { dirname } from "node:path";
import { quote, READING_CODES, type RestoreCode } from "../../core/internal.ts";
import type { RestoreFailure } from "../../node/back/transaction/restore-failure.ts";
import { type UnmetFacts, unmetMessage } from "../text/expectation-text.ts";
import { shellWord } from "../text/shell-word.ts";
import type { ErrorRecord } from "./code-record.ts";
import { REVERT_RECORDS } from "./revert-codes.ts";

/** The command. */
export type RestoreVerb = "restore" | "recovery" | "undo" | "revert";

type RestoreDetails = RestoreFailure["details"];

/** What the messages need. */
export interface RestoreFacts extends RestoreDetails {
  readonly cause_code: RestoreFailure["cause_code"];
  readonly trust: RestoreFailure["trust"] | undefined;
  readonly verb: RestoreVerb;
  /** Whether `--mkdir` was given. */
  readonly mkdir?: boolean | undefined;
}

const VERIFY_FIRST =
  "Run runseal verify on the bundle to see what is wrong, and get it again from its signer.";
const VERIFY_AGAIN =
  "Run runseal verify, of a history runseal verify --history, with the same options; it shows the phase and the reason.";
const NO_TARGET = "Check the path; restore makes the folder itself if you say --mkdir.";
const QUIET = "Keep other programs from writing there, and restore again.";

/** What is in its place, where the disk may lose it; without a path it is all of a restore or undo. */
export const IN_DOUBT_RECORD: ErrorRecord<{ readonly path?: string }> = {
  exit: 9,
  message: ({ path, shown }) =>
    path === undefined
      ? "everything is in place, but it may not survive a power cut"
      : `${shown} is written, but the disk does not confirm that it would survive a power cut`,
  hints: ({ path }) => [
    path === undefined
      ? "Run runseal recover on the folder: it asks the disk again."
      : "Look at the disk; then run the command again, or look at the file.",
  ],
  meaning: "Everything is in place, but the disk did not confirm that it would survive a power cut.",
  remedy:
    "Look at the disk. After a restore or undo, runseal recover on the folder asks the disk again; else run the command again.",
};

/** A bundle or chain that is not the expected one, whatever the command. */
export const EXPECTATION_RECORD: ErrorRecord<UnmetFacts> = {
  exit: 1,
  message: unmetMessage,
  meaning: "The run or history is not the one that --expect or --expect-id names.",
  remedy: "Get the expected one. Take another root or id only from a source that you trust.",
};

const RECOVER_IT = "Run runseal recover on the folder: it finishes or undoes it, or says what is in the way.";

/** One record for each code. */
export const RESTORE_RECORDS: Readonly<Record<RestoreCode, ErrorRecord<RestoreFacts>>> = {
  EXPECTATION_FAILED: EXPECTATION_RECORD,
  RESTORE_VERIFY_STRICT_FAILED: {
    message: strictMessage,
    hints: ({ verifier_code }) =>
      verifier_code === "CHAIN_ROOT_MISMATCH"
        ? [
            "name the runs in their order, none left out and the first one first; runseal log shows the order",
            "runs that are not one history are restored one by one",
          ]
        : [VERIFY_AGAIN],
    meaning: "The bundle is not accepted, or its signer is not trusted; details.verifier_code says why.",
    remedy: VERIFY_AGAIN,
  },
  RESTORE_CHAIN_RUN_ID_DUPLICATE: {
    message: ({ duplicates = [] }) =>
      `several runs of the history have the same id: ${duplicates.map(quote).join(", ")}`,
    meaning: "Several runs of the history have the same id.",
    remedy: "Name each bundle once.",
  },
  RESTORE_PROOF_MISSING: {
    message: "PROOF.json is not in the run directory",
    remedy: VERIFY_FIRST,
  },
  RESTORE_PROOF_MALFORMED: {
    message: "PROOF.json is not a strict JSON object",
    remedy: VERIFY_FIRST,
  },
  RESTORE_PROOF_RESTORATION_RESULT_MISSING: {
    message: "PROOF.json has no restoration_result",
    remedy: VERIFY_FIRST,
  },
  RESTORE_PROOF_NOT_VERIFIED: {
    message: "the proof says that the run did not leave its scratch folders as it found them",
    remedy: "Don't use the outputs; run the task again.",
  },
  RESTORE_OUTPUT_HASHES_MISSING: {
    message: "OUTPUT_HASHES.json went away after it was verified",
    remedy: QUIET,
  },
  RESTORE_OUTPUT_HASHES_MALFORMED: {
    message: "OUTPUT_HASHES.json changed after it was verified",
    remedy: QUIET,
  },
  RESTORE_OUTPUT_HASHES_HASHES_MISSING: {
    message: "OUTPUT_HASHES.json lost its hashes after it was verified",
    remedy: QUIET,
  },
  RESTORE_OUTPUT_HASHES_HASHES_EMPTY: {
    message: "the bundle has no outputs to restore",
    remedy: "There is nothing to restore.",
  },
  RESTORE_TARGET_MISSING: {
    message: "no target folder was given",
    remedy: "Name one: of restore it is --to DIR, of recover and undo the argument.",
  },
  RESTORE_TARGET_NOT_ABSOLUTE: {
    message: "the target folder must be an absolute path",
    remedy: "Give an absolute path. The command line does that by itself.",
  },
  RESTORE_TARGET_NOT_EXIST: {
    message: ({ shown }) => `there is no folder ${shown}`,
    hints: ({ mkdir, path = "", verb }) => {
      if (verb !== "restore") return ["Check the path: name the folder that was restored into."];
      return [mkdir === true ? parentHint(path) : NO_TARGET];
    },
    remedy: NO_TARGET,
  },
  RESTORE_TARGET_NOT_DIRECTORY: {
    message: ({ shown }) => `the target ${shown} is not a folder`,
    remedy: "Name a folder.",
  },
  RESTORE_TARGET_NOT_WRITABLE: {
    message: ({ shown }) => `the target folder ${shown} can't be written to`,
    remedy: "Choose another folder, or change its permissions.",
  },
  RESTORE_PATH_TRAVERSAL_DETECTED: {
    message: ({ shown }) => `the bundle names ${shown}, which is not a lawful path to restore to`,
    remedy: "Don't restore this bundle: no honest sealer writes such a path.",
  },
  RESTORE_PATH_NULL_BYTE_DETECTED: {
    message: ({ shown }) => `the bundle names ${shown}, which holds a null byte`,
    remedy: "Don't restore this bundle: no honest sealer writes such a path.",
  },
  RESTORE_SYMLINK_ESCAPE_DETECTED: {
    message: ({ reason, shown }) =>
      reason === "link-on-the-way"
        ? `a folder on the way to ${shown} is a link in the target`
        : `a link in the target would lead ${shown} outside of it`,
    meaning: "A link in the target is on the way to an output, or leads it out of the target.",
    remedy: "Remove the link, or restore into an empty folder.",
  },
  RESTORE_CHAIN_TARGET_DIR_EXISTS: {
    message: ({ run_id = "" }) => `the target already holds ${quote(run_id)}, which is a run's folder`,
    meaning: "The target already holds something under the name of a run.",
    remedy: "Restore into an empty folder, or undo the earlier restore with runseal undo.",
  },
  RESTORE_SOURCE_MISSING: {
    message: ({ shown }) => `the source ${shown} is not there`,
    remedy: QUIET,
  },
  RESTORE_SOURCE_NOT_REGULAR_FILE: {
    message: ({ shown }) => `the source ${shown} is not a regular file`,
    remedy: "Put the file itself in its place, then restore again.",
  },
  RESTORE_TARGET_PATH_EXISTS: {
    message: ({ shown }) => `the target already holds ${shown}`,
    remedy: "Restore into an empty folder, or move away what is there.",
  },
  RESTORE_STAGING_HASH_MISMATCH: {
    exit: 6,
    message: ({ shown }) => `the source ${shown} is no longer the file that was verified`,
    remedy: QUIET,
  },
  RESTORE_FINALIZE_FAILED: {
    exit: 6,
    message: ({ path, shown }) =>
      path === undefined
        ? "the restored tree could not be put in place"
        : `${shown} could not be put in place`,
    meaning: "A file could not be put in place: something is in the way, or the file system can't do it.",
    remedy: "Look at the named path, or restore into an empty folder.",
  },
  RESTORE_OUTPUT_MISSING_AFTER_RESTORE: {
    exit: 6,
    message: ({ shown }) => `${shown} went away after it was restored`,
    remedy: QUIET,
  },
  RESTORE_HASH_MISMATCH_AFTER_RESTORE: {
    exit: 6,
    message: ({ actual = "", aspect, expected, shown }) =>
      aspect === undefined
        ? `${shown} changed after it was restored`
        : `${shown} changed after it was restored: its ${aspect} is ${quote(actual)}, not ${quote(expected ?? "")}`,
    meaning: "A restored file, the target of a restored link or a mode changed before the restore was done.",
    remedy: QUIET,
  },
  RESTORE_RESULT_ARTIFACT_WRITE_FAILED: {
    exit: 6,
    message: ({ shown }) => `the result file ${shown} could not be written`,
    remedy: "If an entry bears the name, it can't be restored; else look at the target's disk.",
  },
  RESTORE_ROLLBACK_FAILED: {
    exit: 7,
    message: ({ cause_code, verb }) =>
      verb === "undo" || verb === "revert"
        ? `the ${verb} was begun and could not be finished (${cause_code ?? "cause unknown"})`
        : `the restore failed (${cause_code ?? "cause unknown"}), and so did undoing it`,
    meaning: "The restore or undo failed, and so did the rollback; cause_code has the first failure.",
    remedy:
      "Run runseal recover on the folder once the disk takes changes again; what is needed for it is kept there, in .spectrum06_staging_*, or for a new folder beside it, in .spectrum06_new_*.",
  },
  RESTORE_INTERNAL_ERROR: {
    exit: 6,
    message: ({ verb }) => `the ${verb} could not go on`,
    meaning: "An error that the protocol has no code for: a full or failing disk, or too many open files.",
    remedy: "See the reason in the message; make room, or choose another folder, and try again.",
  },
  RESTORE_SELECTION_NOT_FOUND: {
    message: ({ path, shown, verb }) =>
      path === undefined
        ? "what was named has no outputs, links or empty folders"
        : verb === "revert"
          ? `${shown} is neither a path that would be undone nor a folder above one`
          : `${shown} is neither an output of the bundle nor a folder of outputs`,
    meaning: "A path given with --only is neither an entry of the bundle nor a folder above one.",
    remedy: "A dry run without --only lists all paths; in a history they begin with the run's id.",
  },
  RESTORE_LINK_LEAVES_ROOT: {
    message: ({ shown, target = "" }) =>
      `the link ${shown} leads outside of the bundle's tree, to ${quote(target)}`,
    meaning: "A link of the bundle leads outside of its tree: what it shows is not what was sealed.",
    remedy:
      "Restore without links, by --links none; or with all of them, by --links any, if you trust the signer.",
  },
  RESTORE_BUSY: {
    exit: 8,
    message: ({ verb }) =>
      verb === "revert"
        ? "a guarded run is in progress in the folder, or another process is undoing or recovering there"
        : "another process is restoring, undoing or recovering in the target",
    meaning: "Another process is at work in the same folder, or a guarded run of it is in progress.",
    remedy:
      "Wait until it has ended, and try again. If nothing works there, and .spectrum06_lock is a file, link or folder, move it away.",
  },
  RESTORE_UNRESOLVED: {
    exit: 7,
    message: ({ verb }) =>
      verb === "recovery"
        ? "not all that was found can be recovered"
        : "an earlier restore or undo in the target was killed and is not recovered",
    meaning: "An earlier restore or undo in this folder was killed; no other begins before it is recovered.",
    remedy: RECOVER_IT,
    hints: ({ reason }) => [
      reason === "no-space" ? "free a little space on that disk, then run it again" : RECOVER_IT,
    ],
  },
  IN_DOUBT: IN_DOUBT_RECORD,
  RESTORE_STATE_UNAVAILABLE: {
    message: ({ shown }) => `${shown}, the key that authenticates this user's journals, can't be used`,
    meaning:
      "The key of journals, runseal/journal/key in the user's state folder, must be 32 bytes with mode 0600 in a folder that only this user may write.",
    remedy:
      "Set HOME, or XDG_STATE_HOME, to a folder of this user's own, or correct the owner and the mode of the named file and its folder.",
  },
  RESTORE_TOO_FEW_DESCRIPTORS: {
    message: "this process may open too few files for a restore or undo that can be taken back",
    remedy: "Raise the limit, as with ulimit -n 256, and try again.",
  },
  RESTORE_PARENT_SHARED: {
    message: ({ shown }) =>
      `other users can exchange what is in ${shown}, which is the folder, or is on the way to it`,
    meaning:
      "This system can't hold folders by descriptor, so the folder and each one above it must belong to you or to root, and keep other users from writing, or be sticky.",
    remedy:
      "Choose a folder below your home folder; or take the others' right to write, as with chmod go-w on the named folder.",
  },
  RECOVER_FOREIGN_JOURNAL: {
    exit: 7,
    message:
      "the target holds the journal of a restore or undo that this user on this machine did not begin, or that another version of runseal began",
    meaning:
      "A journal in .spectrum06_* has no valid MAC or an unknown version: an archive may have brought it, and it may name files that are yours. Nothing was touched.",
    remedy:
      "If you changed the modes of your state folder (runseal/journal/key: 0600, in a folder that only you may write), set them right and run it again. If another version of runseal began it, recover with that version. Otherwise look at that folder, whose files o0, o1 and so on may have no other name, and remove it by hand.",
  },
  ...REVERT_RECORDS,
};

function strictMessage({ path, run_id, sealed_as, trust, verifier_code = "" }: RestoreFacts): string {
  if (verifier_code === "CHAIN_ROOT_MISMATCH") {
    return run_id === undefined
      ? "the chain root is not the one that was expected (CHAIN_ROOT_MISMATCH)"
      : "it is not the run that follows the one before it, or it is first and follows another (CHAIN_ROOT_MISMATCH)";
  }
  if (trust !== undefined && !trust.ok) return `the bundle is sound, but ${trust.reason}`;
  const where = path === undefined ? "" : ` ${quote(path)}`;
  const what = sealed_as === undefined ? where : `, the run was sealed as ${quote(sealed_as)}`;
  return verdictWords(verifier_code) + what;
}

function verdictWords(code: string): string {
  const undecided: readonly string[] = [...READING_CODES, "PATH_NOT_FOUND"];
  if (undecided.includes(code)) return `there is no verdict on the bundle: ${code}`;
  return `the ${code.startsWith("CHAIN_") ? "chain" : "bundle"} is not accepted: ${code}`;
}

/** `--mkdir` makes one folder. */
function parentHint(path: string): string {
  const parent = dirname(path);
  return parent === "." || parent === ".." || parent === "/"
    ? "Check the path: --mkdir makes a folder where nothing of that name is, not even a link."
    : `--mkdir makes the last folder only; make the others first: mkdir -p ${shellWord(parent)}`;
}
