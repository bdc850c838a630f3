/** `runseal init` and `runseal key …` as options; see program.ts. @module */

import { type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { newCommand } from "../../options/help-text.ts";
import type { Io } from "../../output/io.ts";
import type { Sink } from "../../output/report.ts";

const NAME = new Option(
  "--name <name>",
  "what others will call you in their trust files (default: your user name)",
);
const NO_PASSPHRASE = new Option(
  "--no-passphrase",
  "keep the key as plain hex in a file that only you can read",
);
const FORCE = new Option("--force", "replace a key of that name for good");

/** Makes the command `init`. */
export function initCommand(io: Io, report: Sink): CommandUnknownOpts {
  return newCommand("init", "make a signing key and a trust file for yourself")
    .addOption(NAME)
    .addOption(NO_PASSPHRASE)
    .addOption(FORCE)
    .action(async (options) => {
      const { runInit } = await import("./make-key.ts");
      report(await runInit(options, io, true));
    });
}

/** Makes the command `key` with its subcommands. */
export function keyCommand(io: Io, report: Sink): CommandUnknownOpts {
  return newCommand("key", "your signing keys")
    .addCommand(newKeyCommand(io, report))
    .addCommand(showCommand(io, report))
    .addCommand(listCommand(io, report))
    .addCommand(defaultCommand(io, report))
    .addCommand(passwdCommand(io, report))
    .addCommand(importCommand(io, report))
    .addCommand(exportCommand(io, report))
    .addCommand(removeCommand(io, report));
}

function newKeyCommand(io: Io, report: Sink): CommandUnknownOpts {
  return newCommand("key new", "make another signing key")
    .argument("<name>", "what others will call you in their trust files")
    .addOption(NO_PASSPHRASE)
    .addOption(FORCE)
    .action(async (name, options) => {
      const { runInit } = await import("./make-key.ts");
      report(await runInit({ ...options, name }, io, false));
    });
}

function showCommand(io: Io, report: Sink): CommandUnknownOpts {
  return newCommand("key show", "show the public half of a key, and its line for a trust file")
    .argument("[key]", "the key's name or fingerprint; default: your default key")
    .action(async (name) => {
      const { runKeyShow } = await import("./key.ts");
      report(runKeyShow(name, io));
    });
}

function listCommand(io: Io, report: Sink): CommandUnknownOpts {
  return newCommand("key list", "list your keys").action(async () => {
    const { runKeyList } = await import("./key.ts");
    report(await runKeyList(io));
  });
}

function defaultCommand(io: Io, report: Sink): CommandUnknownOpts {
  return newCommand("key default", "choose the key that signs where none is named, or show it")
    .argument("[key]", "the key's name or fingerprint")
    .action(async (name) => {
      const { runKeyDefault } = await import("./change-key.ts");
      report(await runKeyDefault(name, io));
    });
}

function removeCommand(io: Io, report: Sink): CommandUnknownOpts {
  return newCommand("key rm", "remove a key for good; what it sealed is still trusted")
    .argument("<name>", "the key's name")
    .option("--yes", "remove it without asking")
    .action(async (name, options) => {
      const { runKeyRemove } = await import("./change-key.ts");
      report(await runKeyRemove(name, options, io));
    });
}

function passwdCommand(io: Io, report: Sink): CommandUnknownOpts {
  return newCommand("key passwd", "give a key another passphrase, or none")
    .argument("[key]", "the key's name or fingerprint; default: your default key")
    .addOption(NO_PASSPHRASE)
    .action(async (name, options) => {
      const { runKeyPasswd } = await import("./change-key.ts");
      report(await runKeyPasswd(name, options, io));
    });
}

function importCommand(io: Io, report: Sink): CommandUnknownOpts {
  return newCommand(
    "key import",
    "take over an Ed25519 key of OpenSSH's, in PKCS#8, or of runseal's own form",
  )
    .argument("<file>", "the private key")
    .addOption(NAME)
    .addOption(NO_PASSPHRASE)
    .addOption(FORCE)
    .action(async (file, options) => {
      const { runKeyImport } = await import("./make-key.ts");
      report(await runKeyImport(file, options, io));
    });
}

function exportCommand(io: Io, report: Sink): CommandUnknownOpts {
  return newCommand(
    "key export",
    "write the private key as its file has it, for a backup, or its public half",
  )
    .argument("[key]", "the key's name or fingerprint; default: your default key")
    .option("--public", "print the public half: its trust line, or as other programs read it")
    .addOption(
      new Option("--format <format>", "of --public (default: runseal, the line for a trust file)").choices([
        "runseal",
        "ssh",
        "openssh",
        "pem",
        "minisign",
        "signify",
        "allowed-signers",
      ] as const),
    )
    .option("-o, --out <file>", "write the private key to a new file, not to stdout")
    .option("--yes", "export the private key without asking")
    .action(async (name, options) => {
      const { runKeyExport } = await import("./export-key.ts");
      report(await runKeyExport(name, options, io));
    });
}
