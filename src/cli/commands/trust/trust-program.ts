/** `runseal trust …` as options; see program.ts. @module */

import { type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { newCommand } from "../../options/help-text.ts";
import type { Io } from "../../output/io.ts";
import type { Sink } from "../../output/report.ts";
import { MOMENT_HELP } from "./moment.ts";

const TRUST = new Option("--trust <file>", "another trust file than your own");

/** Makes the command `trust` with its subcommands. */
export function trustCommand(io: Io, report: Sink): CommandUnknownOpts {
  return newCommand("trust", "whom you trust")
    .addCommand(listCommand(io, report))
    .addCommand(addCommand(io, report))
    .addCommand(removeCommand(io, report))
    .addCommand(revokeCommand(io, report))
    .addCommand(checkCommand(io, report))
    .addCommand(addTsaCommand(io, report))
    .addCommand(removeTsaCommand(io, report));
}

function listCommand(io: Io, report: Sink): CommandUnknownOpts {
  return newCommand("trust list", "list the lines of your trust file")
    .addOption(TRUST)
    .action(async (options) => {
      const { runTrustList } = await import("./trust.ts");
      report(runTrustList(options, io));
    });
}

function addCommand(io: Io, report: Sink): CommandUnknownOpts {
  return newCommand("trust add", "add one line at the end of your trust file")
    .argument("<name>", "what the signer is called: name[,name]")
    .argument("<key...>", "the public key, its .pub file, or a digest that names one of yours or of the file")
    .option("--valid-after <moment>", `trust what was sealed from then on: ${MOMENT_HELP}`)
    .option("--valid-before <moment>", "trust what was sealed before then")
    .option("--namespaces <patterns>", "what the key is for; one of them must match runseal")
    .option("--bound", "trust only bundles that sign their run id and time, as runseal's do")
    .addOption(TRUST)
    .action(async (name, key, options) => {
      const { runTrustAdd } = await import("./trust.ts");
      report(await runTrustAdd(name, key, options, io));
    });
}

function removeCommand(io: Io, report: Sink): CommandUnknownOpts {
  return newCommand("trust remove", "remove every line of a key, or every line that lists a name")
    .argument("<key-or-name...>", "a public key, its .pub file or digest, or a name")
    .addOption(TRUST)
    .action(async (words, options) => {
      const { runTrustRemove } = await import("./trust.ts");
      report(await runTrustRemove(words, options, io));
    });
}

function revokeCommand(io: Io, report: Sink): CommandUnknownOpts {
  return newCommand(
    "trust revoke",
    "revoke a key, or every key that lists a name, so that nothing it sealed is trusted",
  )
    .argument("<key-or-name...>", "a public key, its .pub file or digest, or a name")
    .option("--at <moment>", `the key was stolen then at the earliest: ${MOMENT_HELP}`)
    .addOption(TRUST)
    .action(async (words, options) => {
      const { runTrustRevoke } = await import("./trust-revoke.ts");
      report(await runTrustRevoke(words, options, io));
    });
}

function checkCommand(io: Io, report: Sink): CommandUnknownOpts {
  return newCommand(
    "trust check",
    "check whether a bundle that this key seals now would be trusted, and by which line",
  )
    .argument("<key...>", "the public key, its .pub file, or a digest that names one of yours or of the file")
    .addOption(TRUST)
    .action(async (key, options) => {
      const { runTrustCheck } = await import("./trust-check.ts");
      report(runTrustCheck(key, options, io));
    });
}

function addTsaCommand(io: Io, report: Sink): CommandUnknownOpts {
  return newCommand("trust add-tsa", "trust a timestamp authority to say when bundles were signed")
    .argument("<name>", "what the authority is called")
    .argument("<certificate>", "its certificate or its CA's, in PEM or DER, or sha256: and the fingerprint")
    .option("--valid-after <moment>", `trust its timestamps from then on: ${MOMENT_HELP}`)
    .option("--valid-before <moment>", "trust its timestamps before then")
    .addOption(TRUST)
    .action(async (name, certificate, options) => {
      const { runTrustAddTsa } = await import("./trust-tsa.ts");
      report(await runTrustAddTsa(name, certificate, options, io));
    });
}

function removeTsaCommand(io: Io, report: Sink): CommandUnknownOpts {
  return newCommand("trust remove-tsa", "remove every line of a timestamp authority")
    .argument("<name>", "what the authority is called")
    .addOption(TRUST)
    .action(async (name, options) => {
      const { runTrustRemoveTsa } = await import("./trust-tsa.ts");
      report(await runTrustRemoveTsa(name, options, io));
    });
}
