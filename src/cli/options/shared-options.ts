/** Options that several commands take, each with one name and one sentence. @module */

import { type Command, Option, type OptionValues } from "@commander-js/extra-typings";
import type { SignerOptions } from "./signer-options.ts";
import type { TrustOptions } from "./trust-options.ts";

/** Manners of `--progress`. */
export type ProgressManner = "auto" | "plain" | "json" | "none";

/** An option without a value. */
type Flag<Name extends string> = Option<Name, undefined, undefined, undefined, false>;

/** JSON output. `run.ts` reads this option too. */
export const JSON_OUTPUT: Flag<"--json"> = new Option(
  "--json",
  "print one JSON object on stdout, also on failure",
);

/** The project root, where outputs are looked for too. */
export const ROOT: Flag<"--root <dir>"> = new Option(
  "--root <dir>",
  "where output paths begin, and whose runs an id names (default: the bundle's project, else the nearest one upwards)",
);

/** The project root, where only runs are looked for. */
export const PROJECT: Flag<"--root <dir>"> = new Option(
  "--root <dir>",
  "the project's folder (default: the nearest one upwards from here)",
);

/** The policy to judge a bundle by. */
export const TRUST: Flag<"--trust <file>"> = new Option(
  "--trust <file>",
  "whom to trust, instead of your own trust file",
);

/** One key to believe. */
export const SIGNER: Option<"--signer <key>", undefined, readonly string[], readonly string[], false> =
  repeatable("--signer <key>", "trust this public key (may be given several times)", "none");

/** No policy at all. */
export const ANY_SIGNER: Flag<"--any-signer"> = new Option("--any-signer", "accept any signer");

/** A milder reading of `revoked=MOMENT`. */
export const ACCEPT_BEFORE_REVOCATION: Flag<"--accept-before-revocation"> = new Option(
  "--accept-before-revocation",
  "let revoked=MOMENT hold from then on only; the thief of a key can write an earlier time",
);

/** Adds the options that say which signers to trust. */
export function withTrust<Args extends unknown[], Options extends OptionValues>(
  command: Command<Args, Options>,
): Command<Args, Options & Pick<TrustOptions, keyof TrustOptions>> {
  return command
    .addOption(TRUST)
    .addOption(SIGNER)
    .addOption(ANY_SIGNER)
    .addOption(ACCEPT_BEFORE_REVOCATION) as Command<Args, Options & Pick<TrustOptions, keyof TrustOptions>>;
}

/** The root that a bundle must have. */
export const EXPECT_ROOT: Flag<"--expect-root <hex>"> = new Option(
  "--expect-root <hex>",
  "the root that the bundle must have",
);

/** The run id that a bundle must have been sealed as. */
export const EXPECT_ID: Flag<"--expect-id <run-id>"> = new Option(
  "--expect-id <run-id>",
  "the run id that it must have been sealed as; the folder may have any name then",
);

/** The chain root that a chain must have. */
export const EXPECT_CHAIN_ROOT: Flag<"--expect-chain-root <hex>"> = new Option(
  "--expect-chain-root <hex>",
  "the root that the chain must have",
);

/** Who signs: a key file, or one of an agent's keys. */
export const KEY: Flag<"--key <key>"> = new Option(
  "--key <key>",
  "your key of that name or fingerprint, or a key file; - reads it from stdin (default: your default key)",
);

/** A key that is no file. */
export const KEY_FD: Flag<"--key-fd <n>"> = new Option(
  "--key-fd <n>",
  "sign with the key that the descriptor n gives, as a key file has it",
);

/** An ssh-agent signs. */
export const SSH_AGENT: Flag<"--ssh-agent"> = new Option(
  "--ssh-agent",
  "sign by the ssh-agent; there --key is a fingerprint, a public key or a comment",
);

/** Adds the options that choose the signer. */
export function withSigner<Args extends unknown[], Options extends OptionValues>(
  command: Command<Args, Options>,
): Command<Args, Options & Pick<SignerOptions, keyof SignerOptions>> {
  return command
    .addOption(KEY)
    .addOption(KEY_FD)
    .addOption(SSH_AGENT)
    .addOption(SIGNER_COMMAND)
    .addOption(SIGNER_KEY)
    .addOption(SIGNER_TIMEOUT) as Command<Args, Options & Pick<SignerOptions, keyof SignerOptions>>;
}

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

/** Where the files are looked for. */
export const STORED: Flag<"--stored"> = new Option(
  "--stored",
  "look for the files in the project's store, not below the root",
);

/** The other place of a chain's files. */
export const DISK: Flag<"--disk"> = new Option(
  "--disk",
  "look for the files of each run below the root, not in the project's store",
);

/** Signatures that were checked before. */
export const CACHED: Flag<"--cached"> = new Option(
  "--cached",
  "don't check again the signatures of bundles that you verified before by the same trust policy",
);

/** A program signs. */
export const SIGNER_COMMAND: Flag<"--signer-command <command>"> = new Option(
  "--signer-command <command>",
  "sign by a program: it gets the message on stdin and prints 64 raw bytes",
);

/** What it signs with. */
export const SIGNER_KEY: Flag<"--signer-key <key>"> = new Option(
  "--signer-key <key>",
  "the public key that the program signs with",
);

/** How long either is waited for. */
export const SIGNER_TIMEOUT: Flag<"--signer-timeout <seconds>"> = new Option(
  "--signer-timeout <seconds>",
  "how long agent or program may take (default: 60)",
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
