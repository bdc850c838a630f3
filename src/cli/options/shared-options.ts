/** Options that several commands take, each with one name and one sentence. @module */

import { type Command, Option, type OptionValues } from "@commander-js/extra-typings";
import type { AuthorityOptions } from "./authority-options.ts";
import type { ExpectOptions } from "./expectations.ts";
import type { RegistryOptions } from "./registry-flags.ts";
import type { SealingOptions } from "./sealing-options.ts";
import type { SignerOptions } from "./signer-options.ts";
import type { CarriedOptions } from "./source-place.ts";
import type { TreeOptions } from "./tree-options.ts";
import type { TrustOptions } from "./trust-options.ts";

/** Manners of `--progress`. */
export type ProgressManner = "auto" | "plain" | "json" | "none";

/** An option without a value. */
type Flag<Name extends string> = Option<Name, undefined, undefined, undefined, false>;

/** What a command about a run takes. */
export const RUN_ARGUMENT =
  "a run: its id in the project, or latest, latest~1; its folder or an archive as a path, ./NAME for one here; a registry's reference; - is an archive on stdin";

/** The same where the newest run of the project is taken if none is named. */
export const RUN_OR_NEWEST: string = `${RUN_ARGUMENT} (default: the newest run of the project)`;

/** Whose runs a command is about. */
export const PROJECT: Flag<"--project <dir>"> = new Option(
  "--project <dir>",
  "whose runs: the project at or above this folder (default: at or above the current one)",
);

/** No project above. */
export const HERE: Flag<"--here"> = new Option(
  "--here",
  "use this very folder, or that of --project, whatever project is above; a new one begins if it has none",
);

/** Where the files of a run are. */
export const FILES: Flag<"--files <dir>"> = new Option(
  "--files <dir>",
  "where the files are that paths name (default: the project)",
);

/** The options about a signer alone, for what carries no timestamp. */
type SignerTrustOptions = Omit<TrustOptions, "requireTimestamp">;

/** Adds the options that say which signers to trust, and that a timestamp is required. */
export function withTrust<Args extends unknown[], Options extends OptionValues>(
  command: Command<Args, Options>,
): Command<Args, Options & Pick<TrustOptions, keyof TrustOptions>> {
  return withSignerTrust(command).option(
    "--require-timestamp",
    "refuse what has no timestamp of an authority that the trust file names",
  ) as Command<Args, Options & Pick<TrustOptions, keyof TrustOptions>>;
}

/** Adds the options that say which signers to trust. */
export function withSignerTrust<Args extends unknown[], Options extends OptionValues>(
  command: Command<Args, Options>,
): Command<Args, Options & Pick<SignerTrustOptions, keyof SignerTrustOptions>> {
  return command
    .option("--trust <file>", "whom to trust, instead of your own trust file")
    .addOption(repeatable("--signer <key>", "trust this public key (may be given several times)", "none"))
    .option("--any-signer", "accept any signer") as Command<
    Args,
    Options & Pick<SignerTrustOptions, keyof SignerTrustOptions>
  >;
}

/** Adds the options that say which bundle is expected. */
export function withExpected<Args extends unknown[], Options extends OptionValues>(
  command: Command<Args, Options>,
): Command<Args, Options & Pick<ExpectOptions, keyof ExpectOptions>> {
  return command
    .option("--expect <hash>", "the hash that the bundle must have")
    .option(
      "--expect-id <run-id>",
      "the run id that it must have been sealed as; the folder may have any name then",
    ) as Command<Args, Options & Pick<ExpectOptions, keyof ExpectOptions>>;
}

/** The chain root that a chain must have. */
export const EXPECT_CHAIN_ROOT: Flag<"--expect-chain-root <hex>"> = new Option(
  "--expect-chain-root <hex>",
  "the root that the chain must have",
);

/** Adds the options that choose the signer. */
export function withSigner<Args extends unknown[], Options extends OptionValues>(
  command: Command<Args, Options>,
): Command<Args, Options & Pick<SignerOptions, keyof SignerOptions>> {
  return command
    .option(
      "--key <key>",
      "your key of that name or fingerprint, or a key file; - or fd:N reads it, agent:KEY is the ssh-agent's, exec:COMMAND gets the message on stdin and prints 64 raw bytes (default: your default key)",
    )
    .option("--public-key <key>", "the public key that the program of --key exec: signs with") as Command<
    Args,
    Options & Pick<SignerOptions, keyof SignerOptions>
  >;
}

/** Adds the options that say which timestamp authority to ask. */
export function withAuthority<Args extends unknown[], Options extends OptionValues>(
  command: Command<Args, Options>,
): Command<Args, Options & Pick<AuthorityOptions, keyof AuthorityOptions>> {
  return command
    .option(
      "--tsa <url>",
      "ask the timestamp authority (RFC 3161) at this address when the bundle was signed",
    )
    .option("--tsa-timeout <seconds>", "how long its answer may take (default: 30)") as Command<
    Args,
    Options & Pick<AuthorityOptions, keyof AuthorityOptions>
  >;
}

/** Adds the options of seal and run: where the bundle goes, and which files it takes in. */
export function withSealing<Args extends unknown[], Options extends OptionValues>(
  command: Command<Args, Options>,
): Command<Args, Options & Pick<SealingOptions, keyof SealingOptions>> {
  return command
    .addOption(PROJECT)
    .addOption(HERE)
    .option("--id <run-id>", "the bundle's name (default: UTC time and 4 random hex)")
    .option("--no-keep", "don't keep the files' bytes in the project's store")
    .addOption(
      repeatable(
        "--ignore <pattern>",
        "leave out what a pattern of gitignore's syntax matches, after .runsealignore (repeatable)",
        "none",
      ),
    )
    .addOption(
      new Option("--links <which>", "which links to seal: those that stay inside, any, or none").choices([
        "inside",
        "any",
        "none",
      ] as const),
    )
    .option("--strict", "refuse sockets, FIFOs and devices (default: leave them out, and say so)")
    .addOption(
      new Option("--names <rule>", "which file names to take")
        .choices(["portable", "posix"] as const)
        .default("portable" as const),
    ) as Command<Args, Options & Pick<SealingOptions, keyof SealingOptions>>;
}

/** Adds the options that say how a folder is compared with a tree. */
export function withTree<Args extends unknown[], Options extends OptionValues>(
  command: Command<Args, Options>,
): Command<Args, Options & Pick<TreeOptions, keyof TreeOptions>> {
  return command
    .addOption(IGNORE_MODES)
    .option("--exact", "refuse what is in the sealed folders and was not sealed")
    .addOption(
      repeatable(
        "--ignore <pattern>",
        "take what a pattern of gitignore's syntax matches for no extra entry (repeatable)",
        "none",
      ),
    ) as Command<Args, Options & Pick<TreeOptions, keyof TreeOptions>>;
}

/** Adds the option that says how to speak to a registry. */
export function withRegistry<Args extends unknown[], Options extends OptionValues>(
  command: Command<Args, Options>,
): Command<Args, Options & Pick<RegistryOptions, keyof RegistryOptions>> {
  return command.option("--plain-http", "speak HTTP without TLS to a registry on another machine") as Command<
    Args,
    Options & Pick<RegistryOptions, keyof RegistryOptions>
  >;
}

/** Adds the options about runs that are carried in an archive or by a registry. */
export function withCarried<Args extends unknown[], Options extends OptionValues>(
  command: Command<Args, Options>,
): Command<Args, Options & Pick<CarriedOptions, keyof CarriedOptions>> {
  return withRegistry(command).addOption(RUN) as Command<
    Args,
    Options & Pick<CarriedOptions, keyof CarriedOptions>
  >;
}

/** Which run of an archive. */
export const RUN: Flag<"--run <id>"> = new Option("--run <id>", "which run of an archive that has several");

/** No signature yet. */
export const UNSIGNED: Flag<"--unsigned"> = new Option(
  "--unsigned",
  "open no key: leave the bundle in .runseal/unsigned, for runseal sign",
);

/** How many threads hash. */
export const JOBS: Flag<"--jobs <n>"> = new Option(
  "--jobs <n>",
  "how many threads may hash at once (default: the cores available to the process)",
);

/** How progress is shown: to a person, in a log, or to a program. */
export const PROGRESS: Option<"--progress <how>", undefined, "auto", undefined, false, ProgressManner> =
  new Option("--progress <how>", "how far it is, on stderr: auto is a line at a terminal")
    .choices(["auto", "plain", "json", "none"] as const)
    .default("auto" as const);

/** Files that lost their modes on the way. */
export const IGNORE_MODES: Flag<"--ignore-modes"> = new Option(
  "--ignore-modes",
  "don't compare which files are programs, for what went through an archive without modes",
);

/** Where the files are looked for. */
export const STORED: Flag<"--stored"> = new Option(
  "--stored",
  "look for the files in the project's store, not in a folder",
);

/** An option that collects what it is given, in the order of the command line. `none` says what nothing means. */
export function repeatable<Name extends string>(
  flags: Name,
  description: string,
  none: string,
): Option<Name, undefined, readonly string[], readonly string[], false> {
  return new Option(flags, description)
    .argParser((value: string, previous: readonly string[]) => [...previous, value])
    .default<readonly string[]>([], none);
}
