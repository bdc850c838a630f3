/** runseal's own codes explained: [what it means, what to do]. @module */

import type { ReadingCode } from "../../core/internal.ts";
import type { OperationCode } from "../../node/index.ts";
import type { ProjectFaultCode } from "../text/project-text.ts";
import type { RunFaultCode } from "../text/run-fault-text.ts";
import type { SignerFaultCode } from "../text/signer-text.ts";
import type { StoreFaultCode } from "../text/store-fault-text.ts";
import type { TrustFaultCode } from "../text/trust-fault-text.ts";
import type { CliCode } from "./codes.ts";

/** One entry for each code. */
export const OPERATION_EXPLANATIONS: Readonly<
  Record<
    | Exclude<
        OperationCode,
        | "EXPECTATION_FAILED"
        | ProjectFaultCode
        | RunFaultCode
        | SignerFaultCode
        | StoreFaultCode
        | TrustFaultCode
      >
    | ReadingCode
    | CliCode,
    readonly [string, string]
  >
> = {
  OK: ["All is well.", "Nothing."],
  ANY_SIGNER: [
    "The signer was not judged, because --any-signer takes whoever signed.",
    "Leave the option out to have the signer judged.",
  ],
  USAGE: ["The command was not understood.", "See runseal COMMAND --help."],
  SIGNER_NOT_A_KEY: [
    "What --signer was given is no Ed25519 public key, and no .pub file with one.",
    "Give 64 lowercase hex, 'ssh-ed25519 AAAA…' as one argument, a .pub file, SHA256:… or id:….",
  ],
  TRUST_FILE_UNREADABLE: ["The trust file can't be read.", "Check the path and its permissions."],
  INTERRUPTED: ["A signal ended the command; what had been begun was undone.", "Run it again when you like."],
  INTERNAL_ERROR: [
    "runseal came upon something it was not built for: a bug, or a broken environment.",
    "Run it with --debug to see the cause on stderr, and report it.",
  ],
  READ_FAILED: [
    "Something is there, but can't be read, so there is no verdict.",
    "Check the permissions and the disk, then try again.",
  ],
  WRITE_FAILED: ["Something could not be written.", "Check the permissions and the room on the disk."],
  WRITE_IN_DOUBT: [
    "A file is in its place, but the disk did not confirm that it would survive a power cut.",
    "Look at the disk; then run the command again, or look at the file.",
  ],
  CHANGED_WHILE_READ: [
    "A file changed while it was read: its digest would be of no moment at all.",
    "Let whatever writes there finish, then try again.",
  ],
  FILE_LOCKED: [
    "A file that is to be edited has a lock beside it that is not free: another user's command holds it, or the lock was left on a file system without unix sockets.",
    "Let the other command finish. If none is running, remove the lock.",
  ],
  PATH_NOT_FOUND: [
    "A file or folder that was named is not there.",
    "Check the path and its spelling; ls shows what is there.",
  ],
  NOT_A_FILE: [
    "What was named is a folder, a FIFO, a socket or a device; only a regular file has bytes to be checked.",
    "Name a regular file; what comes through a pipe, write to a file first.",
  ],
  PATH_OUTSIDE_ROOT: [
    "A path to seal is not below the root, so it has no name relative to it.",
    "Name paths below the root, or another --root.",
  ],
  ROOT_NOT_FOUND: [
    "The root is not there, or is no folder.",
    "Name the folder that output paths are relative to.",
  ],
  IGNORE_MALFORMED: [
    "The file .runsealignore is not UTF-8 text, has more than 1,000 patterns with those of --ignore, or one of more than 1,024 bytes.",
    "Shorten it; docs/patterns.md says what a pattern is.",
  ],
  SPECIAL_FILES: [
    "There are links, FIFOs, sockets or devices among what is to be sealed; only files have a digest.",
    "Remove them, or leave them out with --skip-special.",
  ],
  NAMES_NOT_PORTABLE: [
    "There are names that other systems can't hold, or that meet in one name there.",
    "Rename them, or seal them all the same with --names posix.",
  ],
  NAMES_UNLAWFUL: [
    "There are names that no verifier or restore accepts: a backslash, a name that a restore keeps for itself, .runseal.",
    "Rename or leave them out; no option seals them.",
  ],
  NOTHING_TO_SEAL: ["There is no file among what is to be sealed.", "Name files, or folders that hold some."],
  RUN_ID_INVALID: [
    "The run id can't be the name of a folder on every system.",
    "Use one file name that begins with neither a dot nor a dash.",
  ],
  RUN_EXISTS: [
    "There is already a bundle, or something else, in the bundle's place.",
    "Choose another --id.",
  ],
  TASK_MALFORMED: [
    "The task file is not a strict JSON object; a verifier would reject the bundle.",
    "Remove duplicate keys, byte-order marks and trailing bytes.",
  ],
  SCRATCH_CHANGED: [
    "The scratch folder .runseal/scratch changed while the outputs were sealed.",
    "Let whatever writes there finish, then seal again.",
  ],
  KEY_NOT_FOUND: ["There is no key.", "runseal init makes one; --key FILE names another."],
  KEY_AMBIGUOUS: [
    "There are several keys, and none was named.",
    "Say which with --key NAME, or for all commands with runseal key default NAME.",
  ],
  KEY_IS_PUBLIC: [
    "The file holds the public half of a key. The private half is needed to sign.",
    "Name the private key: it has no .pub at its end, and runseal key list shows yours.",
  ],
  KEY_EXPOSED: [
    "The key file can be read or written by others, or belongs to somebody else.",
    "If nobody else has seen it, chmod 600 it; else make a new key and have the old one revoked.",
  ],
  KEY_FILE_MALFORMED: [
    "The file is no key file: a plain file of 64 lowercase hex characters or of one runseal-key-v1 line, and no link.",
    "Name another with --key FILE.",
  ],
  KEY_EXISTS: [
    "There is already a key of that name; nothing was changed.",
    "Choose another name, or replace the key for good with --force.",
  ],
  KEY_UNFINISHED: [
    "The private key is there, but its public file is missing or belongs to another key, or the user's trust file lacks its line: a command was killed, or could not finish.",
    "runseal init --name NAME writes what is missing. If the .pub file is that of another key, move it away first.",
  ],
  KEY_NAME_INVALID: [
    "The name can't be used in a file name and in a trust file.",
    "Use letters, digits and . _ @ + - , at most 64, beginning with a letter or digit.",
  ],
  HOME_UNUSABLE: [
    "XDG_CONFIG_HOME is a relative path, or neither it nor HOME is an absolute path. Private keys are neither made nor read then.",
    "Set HOME to your home folder, or XDG_CONFIG_HOME to the folder of your settings.",
  ],
  KEY_PASSPHRASE_WRONG: [
    "The passphrase does not open the key, or the key file was changed: nobody can tell these apart.",
    "Try again. Where you are sure of the passphrase, get the key file from a backup.",
  ],
  KEY_ENCRYPTION_UNAVAILABLE: [
    "The key can't be encrypted or decrypted here: libsodium has no build for this platform, or there is not enough free memory.",
    "Free some memory, use a machine with libsodium, or a key without a passphrase (--no-passphrase).",
  ],
  KEY_IMPORT_UNSUPPORTED: [
    "What is to be imported is no Ed25519 private key in OpenSSH's or PKCS#8's PEM form, or is encrypted in a way that runseal doesn't read.",
    "ssh-keygen -t ed25519 and openssl genpkey -algorithm ed25519 make such keys.",
  ],
  PASSPHRASE_MISSING: [
    "A passphrase is needed, and there is neither a terminal to ask on nor a variable that gives it.",
    "Set RUNSEAL_PASSPHRASE_FILE, RUNSEAL_PASSPHRASE_FD or RUNSEAL_PASSPHRASE_COMMAND. A new key can be plain: --no-passphrase.",
  ],
  PASSPHRASE_EMPTY: [
    "The passphrase is empty, or the variable that should give it is.",
    "Give one of 1 to 1024 bytes, unset the variable, or make a key without one (--no-passphrase).",
  ],
  PASSPHRASE_TOO_LONG: ["The passphrase has more than 1024 bytes.", "Give a shorter one."],
  PASSPHRASE_AMBIGUOUS: [
    "Several variables that give a passphrase are set; runseal does not guess which one is meant.",
    "Unset all but one.",
  ],
  PASSPHRASE_MISMATCH: ["The new passphrase was not the same twice.", "Try again."],
  PASSPHRASE_UNREADABLE: [
    "The passphrase could not be read: no such file or descriptor, or a command that failed or took too long.",
    "Check what the variable names; see docs/key-file.md.",
  ],
};
