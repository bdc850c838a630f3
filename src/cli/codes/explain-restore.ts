/** The restore's codes explained: [what it means, what to do]. @module */

import type { RestoreCode } from "../../core/internal.ts";

const VERIFY_FIRST =
  "Run runseal verify on the bundle to see what is wrong, and get it again from whoever sealed it.";
const QUIET = "Keep other programs from writing there, and restore again.";

/** One entry for each code. */
export const RESTORE_EXPLANATIONS: Readonly<Record<RestoreCode, readonly [string, string]>> = {
  EXPECTATION_FAILED: [
    "The bundle or chain is not the one that --expect-root, --expect-id or --expect-chain-root names.",
    "Get the expected one. Take another root or id only from a source that you trust.",
  ],
  RESTORE_VERIFY_STRICT_FAILED: [
    "The bundle is not accepted, or its signer is not trusted; details.verifier_code says why.",
    "Run runseal verify, of a chain runseal chain verify, with the same options; it shows the phase and the reason.",
  ],
  RESTORE_CHAIN_RUN_ID_DUPLICATE: [
    "Two bundles of the chain have the same run id.",
    "Name each bundle once.",
  ],
  RESTORE_PROOF_MISSING: ["PROOF.json is not in the run directory.", VERIFY_FIRST],
  RESTORE_PROOF_MALFORMED: ["PROOF.json is not a strict JSON object.", VERIFY_FIRST],
  RESTORE_PROOF_RESTORATION_RESULT_MISSING: ["PROOF.json has no object restoration_result.", VERIFY_FIRST],
  RESTORE_PROOF_NOT_VERIFIED: [
    "The proof says that the run did not leave its scratch folders as it found them.",
    "Don't use the outputs; run the task again.",
  ],
  RESTORE_OUTPUT_HASHES_MISSING: ["OUTPUT_HASHES.json went away after it was verified.", QUIET],
  RESTORE_OUTPUT_HASHES_MALFORMED: ["OUTPUT_HASHES.json changed after it was verified.", QUIET],
  RESTORE_OUTPUT_HASHES_HASHES_MISSING: ["OUTPUT_HASHES.json lost its hashes after it was verified.", QUIET],
  RESTORE_OUTPUT_HASHES_HASHES_EMPTY: ["The bundle vouches for no file.", "There is nothing to restore."],
  RESTORE_TARGET_MISSING: [
    "No target folder was given.",
    "Name one: of restore it is --to DIR, of recover and undo the argument.",
  ],
  RESTORE_TARGET_NOT_ABSOLUTE: [
    "The library was given a relative target; which folder that means depends on the caller's.",
    "Give an absolute path. The command line does that by itself.",
  ],
  RESTORE_TARGET_NOT_EXIST: [
    "The target folder is not there.",
    "Check the path; restore makes the folder itself if you say --mkdir.",
  ],
  RESTORE_TARGET_NOT_DIRECTORY: ["The target is not a folder.", "Name a folder."],
  RESTORE_TARGET_NOT_WRITABLE: [
    "Nothing can be made in the target folder: permissions, or a read-only file system.",
    "Choose another folder, or change its permissions.",
  ],
  RESTORE_PATH_TRAVERSAL_DETECTED: [
    "The bundle names a path that could lead out of the target, or a name that a restore keeps for itself.",
    "Don't restore this bundle: no honest sealer writes such a path.",
  ],
  RESTORE_PATH_NULL_BYTE_DETECTED: [
    "The bundle names a path with a null byte in it.",
    "Don't restore this bundle: no honest sealer writes such a path.",
  ],
  RESTORE_SYMLINK_ESCAPE_DETECTED: [
    "A link in the target leads out of it, on the way to an output.",
    "Remove the link, or restore into an empty folder.",
  ],
  RESTORE_CHAIN_TARGET_DIR_EXISTS: [
    "The target already holds something under the name of a run.",
    "Restore into an empty folder, or undo the earlier restore with runseal undo.",
  ],
  RESTORE_SOURCE_MISSING: ["A source went away after it was verified.", QUIET],
  RESTORE_SOURCE_NOT_REGULAR_FILE: [
    "A source is a link or something else that is not a regular file; a restore copies files and follows nothing.",
    "Put the file itself in its place, then restore again.",
  ],
  RESTORE_TARGET_PATH_EXISTS: [
    "The target already holds something under the name of an output or of a result file; nothing is ever overwritten.",
    "Restore into an empty folder, or move away what is there.",
  ],
  RESTORE_STAGING_HASH_MISMATCH: ["A source changed between its verification and its copy.", QUIET],
  RESTORE_FINALIZE_FAILED: [
    "A file could not be put in place: something on the way is no folder, or something of the name appeared meanwhile, or the file system can't do it.",
    "Look at the named path, or restore into an empty folder.",
  ],
  RESTORE_OUTPUT_MISSING_AFTER_RESTORE: ["A restored file went away before the restore was done.", QUIET],
  RESTORE_HASH_MISMATCH_AFTER_RESTORE: ["A restored file changed before the restore was done.", QUIET],
  RESTORE_RESULT_ARTIFACT_WRITE_FAILED: [
    "RESTORE_MANIFEST.json or RESTORE_REPORT.json could not be written, or an output bears one of these names.",
    "If an output bears the name, it can't be restored; else look at the target's disk.",
  ],
  RESTORE_ROLLBACK_FAILED: [
    "The restore or undo failed, and so did bringing the folder back in order; cause_code has the first failure.",
    "Run runseal recover on the folder once the disk takes changes again; what is needed for it is kept there, in .spectrum06_staging_*.",
  ],
  RESTORE_SELECTION_NOT_FOUND: [
    "A path given with --only is no output of the bundle, and no folder of outputs.",
    "A dry run without --only lists all paths; in a chain they begin with the run's id.",
  ],
  RESTORE_BUSY: [
    "Another process is restoring, undoing or recovering in the same folder; it was left alone.",
    "Wait until it has ended, and try again.",
  ],
  RESTORE_UNRESOLVED: [
    "An earlier restore or undo in this folder was killed, and is not brought to an end; nothing is done above it.",
    "Run runseal recover on the folder: it brings it to an end, or says what is in the way.",
  ],
  RESTORE_IN_DOUBT: [
    "Everything is in place, but the disk did not confirm that it would survive a power cut.",
    "Run runseal recover on the folder: it asks the disk again.",
  ],
  RESTORE_STATE_UNAVAILABLE: [
    "The key of journals, runseal/journal/key in the user's state folder, can't be read or made, or does not count: it must be 32 bytes with mode 0600, and no other user may write its folder.",
    "Set HOME, or XDG_STATE_HOME, to a folder of this user's own, or mend the owner and the mode of the named file and its folder.",
  ],
  RESTORE_TOO_FEW_DESCRIPTORS: [
    "The limit on open files leaves too few for a restore or undo that can be taken back; nothing was begun.",
    "Raise the limit, as with ulimit -n 256, and try again.",
  ],
  RECOVER_FOREIGN_JOURNAL: [
    "A folder .spectrum06_* holds a journal without a valid MAC: an archive may have brought it, and its journal may name files that are yours. Nothing of it was touched.",
    "If you moved this disk, lost your state folder or changed its modes (runseal/journal/key: 0600, in a folder that only you may write), runseal recover --believe-journal on the target shows what would be removed. Otherwise remove that folder by hand.",
  ],
  UNDO_MANIFEST_MISSING: [
    "The folder, or the folder of one of its runs, does not hold both RESTORE_MANIFEST.json and RESTORE_REPORT.json, so nothing tells what was restored.",
    "Name the folder that was given to restore with --to. After restore --no-report, name the bundle too: --bundle RUN.",
  ],
  UNDO_MANIFEST_MALFORMED: [
    "RESTORE_MANIFEST.json or RESTORE_REPORT.json was edited, or is no restore's: nothing vouches for what was restored.",
    "Put the two files back as they were, or remove by hand what you no longer need.",
  ],
  UNDO_AMBIGUOUS: [
    "The folder holds runs of several chains, and an undo is of one restore.",
    "Undo one run at a time: runseal undo DIR/RUN.",
  ],
  UNDO_TARGET_CHANGED: [
    "Restored files were changed, replaced or removed since; an undo removes all that was restored or nothing.",
    "Save elsewhere what you need of them, and put the restored files back; or remove by hand what you no longer need.",
  ],
  RESTORE_INTERNAL_ERROR: [
    "Something else than the protocol foresees went wrong: a full disk, a failing one, too many open files.",
    "See the reason in the message; make room, or choose another folder, and try again.",
  ],
};
