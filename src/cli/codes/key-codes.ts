/** The codes of key files and passphrases. @module */

import { quote } from "../../core/internal.ts";
import { shellWord } from "../text/shell-word.ts";
import type { OperationRecords } from "./code-record.ts";

/** The codes of keys. */
type KeyCode = "HOME_UNUSABLE" | "KEY_EXISTS" | "KEY_FILE_UNUSABLE" | "KEY_NOT_FOUND" | "PASSPHRASE_UNUSABLE";

/** One record for each code. */
export const KEY_RECORDS: OperationRecords<KeyCode> = {
  KEY_NOT_FOUND: {
    meaning: "There is no key, or none that is meant.",
    remedy: "runseal init makes one; --key FILE names another.",
    hints: (facts) => [
      "path" in facts || "names" in facts ? "runseal key list shows your keys" : "runseal init makes one",
    ],
    reasons: {
      stored: {
        message: ({ named, names, path, shown }) => {
          if (names !== undefined) return `you have no key ${named}`;
          return path === undefined ? "you have no key yet" : `there is no key file ${shown}`;
        },
        meaning: "There is no key of that name or file, or none at all.",
      },
      agent: {
        message: ({ key, named }) =>
          `the ssh-agent does not hold the key ${quote(key)}; it has ${named || "none"}`,
        meaning: "It is not in the ssh-agent, or was removed before it signed.",
        remedy: "ssh-add -l lists what is there, ssh-add KEYFILE adds a key.",
      },
      "agent-empty": {
        message: "the ssh-agent shows no keys: it is locked, or holds none",
        remedy: "ssh-add KEYFILE adds a key; ssh-add -X unlocks an agent that was locked.",
      },
      "agent-no-ed25519": {
        message: "none of the keys in the ssh-agent is a plain Ed25519 key",
        remedy: "ssh-keygen -t ed25519 makes such a key, and ssh-add adds it.",
      },
    },
  },
  KEY_FILE_UNUSABLE: {
    meaning: "The file holds no private key that runseal can or may use.",
    remedy:
      "A key file is not a link, and holds 64 lowercase hex characters, one runseal-key-v1 line, or an Ed25519 key in OpenSSH's or PKCS#8's PEM form.",
    hints: ({ path, reason }) => [
      reason === "exposed"
        ? `if no other user has seen it: chmod 600 ${shellWord(path)}`
        : "a key of yours, and one from a descriptor, is 64 lowercase hex characters or one runseal-key-v1 line; --key FILE also takes an Ed25519 key in OpenSSH's or PKCS#8's PEM form",
    ],
    reasons: {
      form: ({ shown }) => `${shown} is not a key file`,
      empty: {
        message: ({ shown }) => `there is no key in ${shown}: it is empty`,
        remedy: "if the key comes from a variable or a secret, check that it is set",
      },
      public: {
        message: ({ shown }) => `${shown} is the public half of a key, and can't sign`,
        remedy: "Name the private key; runseal key list shows yours.",
      },
      exposed: {
        message: ({ shown }) => `other users can read the key file ${shown}, or own it`,
        meaning: "If another user has seen it, make a new key and have the old one revoked.",
      },
      import: {
        message: ({ shown }) =>
          `${shown} is not a file with an Ed25519 private key in a form that runseal reads`,
        meaning:
          "It is a key of another kind, a link, too large, or in none of the forms, or its encryption is not read.",
        remedy:
          "A key file holds 64 lowercase hex characters, one runseal-key-v1 line, or what ssh-keygen -t ed25519 (OpenSSH) or openssl genpkey -algorithm ed25519 (PKCS#8) writes.",
      },
      unfinished: {
        message: ({ shown }) =>
          `the key ${shown} is not finished: its public file or its trust line is missing, or the file is that of another key`,
        remedy:
          "runseal init --name NAME writes what is missing. If the .pub file is that of another key, move it away first.",
      },
    },
  },
  KEY_EXISTS: {
    message: ({ shown }) => `there is already a key ${shown}; nothing was changed`,
    remedy: "Choose another --name, or replace the key for good with --force.",
  },
  HOME_UNUSABLE: {
    message: ({ names }) =>
      names.includes("HOME")
        ? "there is no folder for a private key: neither XDG_CONFIG_HOME nor HOME is an absolute path"
        : `there is no folder for a private key: ${names.join(", ")} is not an absolute path`,
    meaning: "The variable that names the folder of private keys is not an absolute path.",
    remedy:
      "Set HOME, on Windows APPDATA, to an absolute path; or XDG_CONFIG_HOME to the folder of your settings.",
  },
  PASSPHRASE_UNUSABLE: {
    meaning: "There is no passphrase, or it can't be used, or it does not open the key.",
    remedy: "Check what the variable names; see docs/key-file.md.",
    reasons: {
      missing: {
        message: "a passphrase is needed, and there is no terminal to ask on",
        remedy:
          "Set RUNSEAL_PASSPHRASE_FILE, RUNSEAL_PASSPHRASE_FD or RUNSEAL_PASSPHRASE_COMMAND. A new key can be plain: --no-passphrase.",
      },
      empty: {
        message: ({ names }) => `the passphrase is empty${sourceOf(names)}`,
        meaning: "The passphrase is empty.",
        remedy:
          "Give one of 1 to 1024 bytes, unset the variable, or make a key without one (--no-passphrase).",
      },
      "too-long": {
        message: ({ names }) => `the passphrase has more than 1024 bytes${sourceOf(names)}`,
        meaning: "The passphrase has more than 1024 bytes.",
        remedy: "Give a shorter one.",
      },
      mismatch: { message: "the new passphrase was not the same twice", remedy: "Try again." },
      unreadable: {
        message: ({ names }) => `the passphrase could not be read${sourceOf(names)}`,
        meaning: "There is no such file or descriptor, or a command failed or took too long.",
      },
      wrong: {
        message: ({ shown }) => `the passphrase does not open ${shown}, or the file was changed`,
        remedy: "Try again. Where you are sure of the passphrase, get the key file from a backup.",
      },
    },
  },
};

/** The variable or variables that gave a passphrase. */
function sourceOf(names: readonly string[]): string {
  return names.length === 0 ? "" : ` (${names.join(", ")})`;
}
