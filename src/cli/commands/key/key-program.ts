/**
 * `runseal init` and `runseal key …` as options; see program.ts.
 *
 * @module
 */

import { Command, type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { commandHelp } from "../../options/help-text.ts";
import { JSON_OUTPUT } from "../../options/shared-options.ts";
import type { Io } from "../../output/io.ts";
import type { Report } from "../../output/report.ts";

type Sink = (report: Report) => void;

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
  return new Command("init")
    .description("make a signing key and a trust file for yourself")
    .addHelpText("before", commandHelp("init"))
    .addOption(NAME)
    .addOption(NO_PASSPHRASE)
    .addOption(FORCE)
    .addOption(JSON_OUTPUT)
    .action(async (options) => {
      const { runInit } = await import("./init.ts");
      report(await runInit(options, io, true));
    });
}

/** Makes the command `key` with its subcommands. */
export function keyCommand(io: Io, report: Sink): CommandUnknownOpts {
  return new Command("key")
    .description("your signing keys")
    .addHelpText("before", commandHelp("key"))
    .addCommand(newCommand(io, report))
    .addCommand(showCommand(io, report))
    .addCommand(listCommand(io, report))
    .addCommand(defaultCommand(io, report))
    .addCommand(passwdCommand(io, report))
    .addCommand(importCommand(io, report))
    .addCommand(exportCommand(io, report))
    .addCommand(removeCommand(io, report));
}

function newCommand(io: Io, report: Sink): CommandUnknownOpts {
  return new Command("new")
    .description("make another signing key")
    .addHelpText("before", commandHelp("key new"))
    .argument("<name>", "what others will call you in their trust files")
    .addOption(NO_PASSPHRASE)
    .addOption(FORCE)
    .addOption(JSON_OUTPUT)
    .action(async (name, options) => {
      const { runInit } = await import("./init.ts");
      report(await runInit({ ...options, name }, io, false));
    });
}

function showCommand(io: Io, report: Sink): CommandUnknownOpts {
  return new Command("show")
    .description("show the public half of a key, and the line for somebody's trust file")
    .addHelpText("before", commandHelp("key show"))
    .argument("[key]", "the key's name or fingerprint; default: your default key")
    .addOption(JSON_OUTPUT)
    .action(async (name) => {
      const { runKeyShow } = await import("./key.ts");
      report(runKeyShow(name, io));
    });
}

function listCommand(io: Io, report: Sink): CommandUnknownOpts {
  return new Command("list")
    .description("list your keys")
    .addHelpText("before", commandHelp("key list"))
    .addOption(JSON_OUTPUT)
    .action(async () => {
      const { runKeyList } = await import("./key.ts");
      report(await runKeyList(io));
    });
}

function defaultCommand(io: Io, report: Sink): CommandUnknownOpts {
  return new Command("default")
    .description("choose the key that signs where none is named, or show it")
    .addHelpText("before", commandHelp("key default"))
    .argument("[key]", "the key's name or fingerprint")
    .addOption(JSON_OUTPUT)
    .action(async (name) => {
      const { runKeyDefault } = await import("./key-default.ts");
      report(await runKeyDefault(name, io));
    });
}

function removeCommand(io: Io, report: Sink): CommandUnknownOpts {
  return new Command("rm")
    .description("remove a key for good; what it sealed is still trusted")
    .addHelpText("before", commandHelp("key rm"))
    .argument("<name>", "the key's name")
    .addOption(JSON_OUTPUT)
    .action(async (name) => {
      const { runKeyRemove } = await import("./key-remove.ts");
      report(await runKeyRemove(name, io));
    });
}

function passwdCommand(io: Io, report: Sink): CommandUnknownOpts {
  return new Command("passwd")
    .description("give a key another passphrase, or none")
    .addHelpText("before", commandHelp("key passwd"))
    .argument("[key]", "the key's name or fingerprint; default: your default key")
    .addOption(NO_PASSPHRASE)
    .addOption(JSON_OUTPUT)
    .action(async (name, options) => {
      const { runKeyPasswd } = await import("./key-passwd.ts");
      report(await runKeyPasswd(name, options, io));
    });
}

function importCommand(io: Io, report: Sink): CommandUnknownOpts {
  return new Command("import")
    .description("take over an Ed25519 key of OpenSSH's, in PKCS#8, or of runseal's own form")
    .addHelpText("before", commandHelp("key import"))
    .argument("<file>", "the private key")
    .addOption(NAME)
    .addOption(NO_PASSPHRASE)
    .addOption(FORCE)
    .addOption(JSON_OUTPUT)
    .action(async (file, options) => {
      const { runKeyImport } = await import("./key-import.ts");
      report(await runKeyImport(file, options, io));
    });
}

function exportCommand(io: Io, report: Sink): CommandUnknownOpts {
  return new Command("export-public")
    .description("print the public half of a key as other programs read it")
    .addHelpText("before", commandHelp("key export-public"))
    .argument("[key]", "the key's name or fingerprint; default: your default key")
    .addOption(
      new Option("--format <format>", "only this form").choices(["runseal", "openssh", "pem"] as const),
    )
    .addOption(JSON_OUTPUT)
    .action(async (name, options) => {
      const { runKeyExportPublic } = await import("./key-export-public.ts");
      report(runKeyExportPublic(name, options, io));
    });
}
