/** Options that several commands take, each with one name and one sentence, and which of them go together. @module */

import type { AuthorityOptions } from "./authority-options.ts";
import type { ExpectOptions } from "./expectations.ts";
import type { StoreOptions, TurnOptions } from "./guard-options.ts";
import {
  choice,
  count,
  defaultChoice,
  digest,
  flag,
  grouped,
  ignore,
  negation,
  optionalCount,
  parsed,
  repeatable,
  type Spec,
  type Specs,
  size,
  text,
} from "./option-kinds.ts";
import type { RegistryOptions } from "./registry-options.ts";
import type { SealingOptions } from "./sealing-options.ts";
import type { SignerOptions } from "./signer-options.ts";
import type { CarriedOptions } from "./source-place.ts";
import type { TrustOptions } from "./trust-options.ts";
import type { Rule } from "./usage-error.ts";

/** Manners of `--progress`. */
export type ProgressManner = "auto" | "plain" | "json" | "none";

/** How many threads may hash, as parsed; undefined for as many as the process has cores. */
export interface JobsOptions {
  readonly jobs?: number | undefined;
}

/** How a folder is compared with a tree, as parsed. */
export interface TreeOptions {
  readonly exact?: true | undefined;
  readonly ignore: readonly string[];
  readonly ignoreModes?: true | undefined;
}

/** What a command about a run takes. */
const RUN_ARGUMENT =
  "a run: its id in the project, or latest, latest~1; its folder or an archive as a path, ./NAME for one here; a registry's reference; - is an archive on stdin";

/** The same where the newest run of the project is taken if none is named. */
export const RUN_OR_NEWEST: string = `${RUN_ARGUMENT} (default: the newest run of the project)`;

/** Whose runs a command is about. */
export const PROJECT: Spec<string | undefined> = grouped("Options of every command:", {
  project: text(
    "--project <dir>",
    "whose runs: the project at or above this folder (default: the current one)",
  ),
}).project;

/** No project above. */
export const HERE: Spec<true | undefined> = flag(
  "--here",
  "use this very folder, whatever project is above; begin a project if it has none",
);

/** Where the files of a run are. */
export const FILES: Spec<string | undefined> = text(
  "--files <dir>",
  "where the files are that paths name (default: the project)",
);

/** Which signers to trust, for what carries no timestamp. */
export const SIGNER_TRUST: Specs<Omit<TrustOptions, "requireTimestamp">> = grouped("Trust:", {
  trust: text("--trust <file>", "whom to trust, instead of your own trust file"),
  signer: repeatable("--signer <key>", "trust this public key"),
  anySigner: flag("--any-signer", "accept any signer"),
});

/** Which signers to trust, and that a timestamp is required. */
export const TRUST: Specs<TrustOptions> = grouped("Trust:", {
  ...SIGNER_TRUST,
  requireTimestamp: flag("--require-timestamp", "refuse what has no timestamp of a trusted authority"),
});

/** The same, as rules name them. */
export const TRUST_FLAGS = ["--trust", "--signer", "--any-signer", "--require-timestamp"] as const;

/** Which run is expected. */
export const EXPECTED: Specs<ExpectOptions> = {
  expect: digest("--expect <hash>", "the hash that the run must have"),
  expectId: text("--expect-id <run-id>", "the run id that it was sealed as, whatever its folder is called"),
};

/** Which run is expected, or which history. */
export const EXPECTED_HISTORY: Specs<ExpectOptions> = {
  ...EXPECTED,
  expect: digest("--expect <hash>", "the hash that the run must have; of a history the chain root"),
};

/** Who signs. */
export const SIGNER: Specs<SignerOptions> = grouped("Signing:", {
  key: text(
    "--key <key>",
    "your key of that name or fingerprint, or a key file; - or fd:N reads it, agent:KEY is the ssh-agent's, exec:COMMAND gets the message on stdin and prints 64 raw bytes (default: your default key)",
  ),
  publicKey: text("--public-key <key>", "the public key that the program of --key exec: signs with"),
});

/** The same, as rules name them. */
export const SIGNER_FLAGS = ["--key", "--public-key"] as const;

/** Authorities have no longer address. */
const MAX_URL_CHARACTERS = 2048;

/** Which timestamp authority to ask. */
export const AUTHORITY: Specs<AuthorityOptions> = grouped("Signing:", {
  tsa: parsed("--tsa <url>", "the timestamp authority (RFC 3161) to ask when the run was signed", {
    takes: "an address with http:// or https://, and without a name or password",
    // A password stands in it.
    isHidden: true,
    parse: (address) => {
      const url =
        address.length <= MAX_URL_CHARACTERS && URL.canParse(address) ? new URL(address) : undefined;
      const isPlain = url?.username === "" && url.password === "";
      return isPlain && /^https?:$/.test(url.protocol) ? address : undefined;
    },
  }),
});

/** What --links takes: the links that stay inside, any, or none. */
export const LINKS = ["inside", "any", "none"] as const;

/** Where a run is sealed into, and which files it takes in. */
export const SEALING: Specs<Omit<SealingOptions, "guard">> = {
  id: text("--id <run-id>", "the run's name (default: UTC time and 4 random hex)"),
  ignore: ignore("leave out what a pattern of gitignore's syntax matches, after .runsealignore"),
  keep: negation("--no-keep", "don't keep the files' bytes in the project's store"),
  links: choice("--links <which>", "which links to seal", LINKS),
  strict: flag("--strict", "refuse sockets, FIFOs and devices (default: leave them out, and say so)"),
  names: defaultChoice("--names <rule>", "which file names to take", ["portable", "posix"]),
  here: HERE,
  project: PROJECT,
};

/** No signature yet. */
export const UNSIGNED: Spec<true | undefined> = flag(
  "--unsigned",
  "open no key: leave the run in .runseal/unsigned, for runseal sign",
);

/** Files that lost their modes on the way. */
export const IGNORE_MODES: Spec<true | undefined> = flag(
  "--ignore-modes",
  "don't compare which files are programs: modes were lost on the way",
);

/** How a folder is compared with a tree. */
export const TREE: Specs<TreeOptions> = {
  ignoreModes: IGNORE_MODES,
  exact: flag("--exact", "refuse what is in the sealed folders and was not sealed"),
  ignore: ignore("take what a pattern of gitignore's syntax matches for no extra entry"),
};

/** How to speak to a registry. */
export const REGISTRY: Specs<RegistryOptions> = grouped("Registry:", {
  plainHttp: flag("--plain-http", "speak HTTP without TLS to a registry on another machine"),
});

/** Runs that are carried in an archive or by a registry. */
export const CARRIED: Specs<CarriedOptions> = {
  ...REGISTRY,
  run: text("--run <id>", "which run of an archive that has several"),
};

/** Where the snapshots of a folder are. */
export const STORE: Specs<StoreOptions> = {
  store: text("--store <dir>", "where the snapshots are (default: your folder of data)"),
};

/** Which turn of an agent. */
export const TURN: Specs<TurnOptions> = {
  turn: optionalCount("--turn [number]", "a turn of an agent (default: the last one)"),
  session: text("--session <id>", "whose turn: the agent's session, or the digits that log shows"),
};

/** What a snapshot may add. */
export const BUDGET: Spec<number | undefined> = size(
  "--budget <size>",
  "bytes that a snapshot may add, such as 20G (default: 10G)",
);

/** How progress is shown: to a person, in a log, or to a program. */
export const PROGRESS: Specs<{ readonly progress: ProgressManner }> = grouped("Options of every command:", {
  progress: defaultChoice("--progress <how>", "how far it is, on stderr", ["auto", "plain", "json", "none"]),
});

/** More than any machine can use. */
const MOST_JOBS = 1024;

/** How a command works that may take long: how many threads hash, and how progress is shown. */
export const WORK: Specs<JobsOptions & { readonly progress: ProgressManner }> = {
  jobs: count("--jobs <n>", "how many threads may hash (default: the available cores)", 1, MOST_JOBS),
  ...PROGRESS,
};

/** Which of these options go together, whatever command takes them. */
export const SHARED_RULES: readonly Rule[] = [
  {
    refused: ["--trust", "--signer", "--require-timestamp"],
    beside: ["--any-signer"],
    why: "that judges neither signer nor time",
  },
  {
    refused: [...SIGNER_FLAGS, "--tsa"],
    beside: ["--unsigned"],
    why: "that leaves the run unsigned\nrunseal sign signs it, and runseal sign --time stamps it then",
  },
];
