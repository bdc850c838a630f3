/** The options of `sign`, and which of its three acts each belongs to. @module */

import type { AuthorityOptions } from "../../options/authority-options.ts";
import type { JobsOptions } from "../../options/jobs.ts";
import type { SignerOptions } from "../../options/signer-options.ts";
import type { TrustOptions } from "../../options/trust-options.ts";
import { UsageError } from "../../options/usage-error.ts";
import type { ProgressOptions } from "../../progress/show-progress.ts";

/** The options as parsed. */
export interface SignOptions
  extends SignerOptions,
    AuthorityOptions,
    TrustOptions,
    JobsOptions,
    ProgressOptions {
  readonly counter?: true | undefined;
  readonly time?: true | undefined;
  readonly root?: string | undefined;
  readonly files?: string | undefined;
  readonly keep: boolean;
  readonly links?: "inside" | "any" | undefined;
  readonly yes?: true | undefined;
}

/** What is done: an unsigned run is signed, a countersignature is added, or a timestamp is. */
export type Act = "sign" | "counter" | "time";

const WORDS: Readonly<Record<Act, string>> = {
  sign: "signing an unsigned run",
  counter: "--counter",
  time: "--time",
};

const BOTH_KEYS: readonly Act[] = ["sign", "counter"];

/** Options that do not belong to all acts. */
const ACTS: Readonly<Partial<Record<keyof SignOptions, readonly Act[]>>> = {
  files: ["sign"],
  keep: ["sign"],
  links: ["sign"],
  yes: ["sign"],
  jobs: ["sign"],
  tsa: ["sign", "time"],
  tsaTimeout: ["sign", "time"],
  trust: ["counter", "time"],
  signer: ["counter"],
  anySigner: ["counter"],
  requireTimestamp: ["counter"],
  key: BOTH_KEYS,
  keyFd: BOTH_KEYS,
  sshAgent: BOTH_KEYS,
  signerCommand: BOTH_KEYS,
  signerKey: BOTH_KEYS,
  signerTimeout: BOTH_KEYS,
};

/** The act that the options choose. Throws a usage error for two acts, and for options of another act. */
export function chooseAct(options: SignOptions): Act {
  const { counter, keep, signer, time } = options;
  if (counter === true && time === true)
    throw new UsageError("--counter and --time are two acts; add one after the other");
  const act = counter === true ? "counter" : time === true ? "time" : "sign";
  const given: Readonly<Record<string, unknown>> = {
    ...options,
    keep: keep ? undefined : true,
    signer: signer[0],
  };
  for (const [name, acts] of Object.entries(ACTS)) {
    if (acts.includes(act) || given[name] === undefined) continue;
    const flag = name === "keep" ? "no-keep" : name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    throw new UsageError(
      `--${flag} is for ${acts.map((one) => WORDS[one]).join(" and for ")}, not for ${WORDS[act]}`,
    );
  }
  return act;
}
