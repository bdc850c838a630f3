/** The codes of key files and passphrases. @module */

import type { OperationCode } from "../../node/index.ts";
import { shellWord } from "../text/shell-word.ts";
import type { OperationRecord } from "./record.ts";

/** The codes of keys. */
type KeyCode = Extract<OperationCode, `KEY_${string}` | `PASSPHRASE_${string}` | "HOME_UNUSABLE">;

/** One record for each code. */
export const KEY_RECORDS: Readonly<Record<KeyCode, OperationRecord>> = {
  KEY_NOT_FOUND: {
    message: ({ named, names, path, shown }) => {
      if (names !== undefined) return `you have no key ${named}`;
      return path === undefined ? "you have no key yet" : `there is no key file ${shown}`;
    },
    hints: ({ names, path }) => [
      path === undefined && names === undefined
        ? "runseal init makes one"
        : "runseal key list shows your keys",
    ],
    meaning: "There is no key.",
    remedy: "runseal init makes one; --key FILE names another.",
  },
  KEY_AMBIGUOUS: {
    exit: 2,
    message: ({ named }) => `there are several keys: ${named}`,
    hints: [
      "say which: --key NAME, or runseal key default NAME for all commands; runseal key list shows them",
    ],
    meaning: "There are several keys, and none was named.",
    remedy: "Say which with --key NAME, or for all commands with runseal key default NAME.",
  },
  KEY_IS_PUBLIC: {
    message: ({ shown }) => `${shown} is the public half of a key, and can't sign`,
    meaning: "The file holds the public half of a key. The private half is needed to sign.",
    remedy: "Name the private key: it has no .pub at its end, and runseal key list shows yours.",
  },
  KEY_EXPOSED: {
    message: ({ shown }) => `other users can read the key file ${shown}, or own it`,
    hints: ({ path = "" }) => [`if no other user has seen it: chmod 600 ${shellWord(path)}`],
    meaning: "Other users can read or write the key file, or own it.",
    remedy: "If no other user has seen it, chmod 600 it; else make a new key and have the old one revoked.",
  },
  KEY_FILE_MALFORMED: {
    message: ({ shown, why }) =>
      why === "empty" ? `there is no key in ${shown}: it is empty` : `${shown} is not a key file`,
    hints: ({ why }) => [
      why === "empty"
        ? "if the key comes from a variable or a secret, check that it is set"
        : "a key file holds 64 lowercase hex characters or one runseal-key-v1 line, and is not a link",
    ],
    meaning:
      "The file is not a key file: a regular file, not a link, of 64 lowercase hex characters or one runseal-key-v1 line.",
    remedy: "Name another with --key FILE.",
  },
  KEY_EXISTS: {
    message: ({ shown }) => `there is already a key ${shown}; nothing was changed`,
    hints: ["choose another --name, or replace the key for good with --force"],
    meaning: "There is already a key of that name; nothing was changed.",
    remedy: "Choose another name, or replace the key for good with --force.",
  },
  KEY_UNFINISHED: {
    message: ({ shown }) =>
      `the key ${shown} is not finished: its public file or its trust line is missing, or the file is that of another key`,
    meaning:
      "The private key is there, but its public file is missing or belongs to another key, or the user's trust file lacks its line: a command was killed, or could not finish.",
    remedy:
      "runseal init --name NAME writes what is missing. If the .pub file is that of another key, move it away first.",
  },
  KEY_NAME_INVALID: {
    exit: 2,
    message: ({ shown }) => `${shown} can't be a key's name`,
    hints: ["use letters, digits and . _ @ + - , at most 64, beginning with a letter or digit"],
    meaning: "The name can't be used in a file name and in a trust file.",
    remedy: "Use letters, digits and . _ @ + - , at most 64, beginning with a letter or digit.",
  },
  HOME_UNUSABLE: {
    message: ({ names }) =>
      names?.includes("HOME") === false
        ? `there is no folder for a private key: ${names.join(", ")} is not an absolute path`
        : "there is no folder for a private key: neither XDG_CONFIG_HOME nor HOME is an absolute path",
    meaning:
      "XDG_CONFIG_HOME is a relative path, or neither it nor HOME is an absolute path; on Windows, APPDATA is a relative path. Private keys are neither made nor read then.",
    remedy:
      "Set HOME, on Windows APPDATA, to an absolute path; or XDG_CONFIG_HOME to the folder of your settings.",
  },
  KEY_PASSPHRASE_WRONG: {
    message: ({ shown }) => `the passphrase does not open ${shown}, or the file was changed`,
    meaning: "The passphrase does not open the key, or the key file was changed: the two look the same.",
    remedy: "Try again. Where you are sure of the passphrase, get the key file from a backup.",
  },
  KEY_ENCRYPTION_UNAVAILABLE: {
    message: "this machine can't encrypt or decrypt keys: libsodium is missing, or memory",
    meaning:
      "The key can't be encrypted or decrypted here: libsodium has no build for this platform, or there is not enough free memory.",
    remedy:
      "Free some memory, use a machine with libsodium, or a key without a passphrase (--no-passphrase).",
  },
  KEY_IMPORT_UNSUPPORTED: {
    message: ({ shown }) => `${shown} is not an Ed25519 private key that can be imported`,
    meaning:
      "The file to import is not an Ed25519 private key in OpenSSH's or PKCS#8's PEM form, or is encrypted in a way that runseal doesn't read.",
    remedy: "ssh-keygen -t ed25519 and openssl genpkey -algorithm ed25519 make such keys.",
  },
  PASSPHRASE_MISSING: {
    message: "a passphrase is needed, and there is no terminal to ask on",
    meaning:
      "A passphrase is needed, and there is neither a terminal to ask on nor a variable that gives it.",
    remedy:
      "Set RUNSEAL_PASSPHRASE_FILE, RUNSEAL_PASSPHRASE_FD or RUNSEAL_PASSPHRASE_COMMAND. A new key can be plain: --no-passphrase.",
  },
  PASSPHRASE_EMPTY: {
    message: ({ names }) => `the passphrase is empty${sourceOf(names)}`,
    meaning: "The passphrase is empty, or the variable that should give it is.",
    remedy: "Give one of 1 to 1024 bytes, unset the variable, or make a key without one (--no-passphrase).",
  },
  PASSPHRASE_TOO_LONG: {
    message: ({ names }) => `the passphrase has more than 1024 bytes${sourceOf(names)}`,
    meaning: "The passphrase has more than 1024 bytes.",
    remedy: "Give a shorter one.",
  },
  PASSPHRASE_AMBIGUOUS: {
    exit: 2,
    message: ({ names = [] }) => `several variables give a passphrase: ${names.join(", ")}`,
    meaning: "Several variables that give a passphrase are set; runseal does not guess which one is meant.",
    remedy: "Unset all but one.",
  },
  PASSPHRASE_MISMATCH: {
    message: "the new passphrase was not the same twice",
    meaning: "The new passphrase was not the same twice.",
    remedy: "Try again.",
  },
  PASSPHRASE_UNREADABLE: {
    message: ({ names }) => `the passphrase could not be read${sourceOf(names)}`,
    meaning:
      "The passphrase could not be read: no such file or descriptor, or a command that failed or took too long.",
    remedy: "Check what the variable names; see docs/key-file.md.",
  },
};

/** The variable or variables that gave a passphrase. */
function sourceOf(names: readonly string[] = []): string {
  return names.length === 0 ? "" : ` (${names.join(", ")})`;
}
