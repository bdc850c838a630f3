/** `runseal init` and `runseal key …` as data; see define-command.ts. @module */

import { type MakeCommand, newCommand, newGroup } from "../../options/define-command.ts";
import { choice, flag, negation, text } from "../../options/option-kinds.ts";

const NAME = {
  name: text("--name <name>", "what others will call you in their trust files (default: your user name)"),
};
const NO_PASSPHRASE = {
  passphrase: negation("--no-passphrase", "keep the key as plain hex in a file that only you can read"),
};
const NEW_KEY = { ...NO_PASSPHRASE, force: flag("--force", "replace a key of that name for good") };

const KEY_OR_DEFAULT = "the key's name or fingerprint; default: your default key";

/** The command `init`. */
export const initCommand: MakeCommand = newCommand({
  name: "init",
  summary: "make a signing key and a trust file for yourself",
  options: { ...NAME, ...NEW_KEY },
  examples: ["runseal init --name alice@example.org", "runseal init --no-passphrase"],
  call: async (_none, options, io) => (await import("./make-key.ts")).runInit(options, io, true),
});

/** The command `key` with its subcommands. */
export const keyCommand: MakeCommand = newGroup(
  { name: "key", summary: "your signing keys", examples: ["runseal key show", "runseal key list"] },
  [
    newCommand({
      name: "key new",
      summary: "make another signing key",
      operands: [["<name>", "what others will call you in their trust files"]],
      options: NEW_KEY,
      examples: [
        "runseal key new alice@laptop",
        "RUNSEAL_PASSPHRASE_COMMAND='pass show runseal' runseal key new ci",
      ],
      call: async ([name], options, io) =>
        (await import("./make-key.ts")).runInit({ ...options, name }, io, false),
    }),
    newCommand({
      name: "key show",
      summary: "show the public half of a key, and its line for a trust file",
      operands: [["[key]", KEY_OR_DEFAULT]],
      examples: ["runseal key show", "runseal key show alice@example.org --json"],
      call: async ([name], _options, io) => (await import("./key.ts")).runKeyShow(name, io),
    }),
    newCommand({
      name: "key list",
      summary: "list your keys",
      examples: ["runseal key list", "runseal key list --json"],
      call: async (_none, _options, io) => (await import("./key.ts")).runKeyList(io),
    }),
    newCommand({
      name: "key default",
      summary: "choose the key that signs where none is named, or show it",
      operands: [["[key]", "the key's name or fingerprint"]],
      examples: ["runseal key default ci", "runseal key default"],
      call: async ([name], _options, io) => (await import("./change-key.ts")).runKeyDefault(name, io),
    }),
    newCommand({
      name: "key passwd",
      summary: "give a key another passphrase, or none",
      operands: [["[key]", KEY_OR_DEFAULT]],
      options: NO_PASSPHRASE,
      examples: ["runseal key passwd", "runseal key passwd ci --no-passphrase"],
      call: async ([name], options, io) => (await import("./change-key.ts")).runKeyPasswd(name, options, io),
    }),
    newCommand({
      name: "key import",
      summary: "take over an Ed25519 key of OpenSSH's, in PKCS#8, or of runseal's own form",
      operands: [["<file>", "the private key"]],
      options: { ...NAME, ...NEW_KEY },
      examples: [
        "runseal key import ~/.ssh/id_ed25519 --name alice@example.org",
        "runseal key import key.pem --name ci --no-passphrase",
      ],
      call: async ([file], options, io) => (await import("./make-key.ts")).runKeyImport(file, options, io),
    }),
    newCommand({
      name: "key export",
      summary: "write the private key as its file has it, for a backup, or its public half",
      operands: [["[key]", KEY_OR_DEFAULT]],
      options: {
        format: choice("--format <format>", "print the public half; runseal is a line of a trust file", [
          "runseal",
          "openssh",
          "pem",
          "minisign",
          "signify",
          "allowed-signers",
        ]),
        out: text("-o, --out <file>", "write the private key to a new file, not to stdout"),
        yes: flag("--yes", "export the private key without asking"),
      },
      rules: [{ refused: ["--out", "--yes"], beside: ["--format"], why: "that prints the public half" }],
      examples: [
        "runseal key export -o /media/backup/alice.key",
        "runseal key export alice --format minisign > minisign.pub",
      ],
      call: async ([name], options, io) => (await import("./export-key.ts")).runKeyExport(name, options, io),
    }),
    newCommand({
      name: "key rm",
      summary: "remove a key for good; what it sealed is still trusted",
      operands: [["<name>", "the key's name"]],
      options: { yes: flag("--yes", "remove it without asking") },
      examples: ["runseal key rm ci", "runseal key rm alice@laptop --yes --json"],
      call: async ([name], options, io) => (await import("./change-key.ts")).runKeyRemove(name, options, io),
    }),
  ],
);
