/** The options of `sign`, and which of its three acts each belongs to. @module */

import type { AuthorityOptions } from "../../options/authority-options.ts";
import type { JobsOptions } from "../../options/jobs.ts";
import type { ProjectOptions } from "../../options/project-root.ts";
import { SIGNER_FLAGS, type SignerOptions } from "../../options/signer-options.ts";
import type { TrustOptions } from "../../options/trust-options.ts";
import { givenFlag, UsageError } from "../../options/usage-error.ts";
import type { ProgressOptions } from "../../progress/show-progress.ts";

/** The options as parsed. */
export interface SignOptions
  extends SignerOptions,
    AuthorityOptions,
    TrustOptions,
    ProjectOptions,
    JobsOptions,
    ProgressOptions {
  readonly counter?: true | undefined;
  readonly time?: true | undefined;
  readonly files?: string | undefined;
  readonly keep: boolean;
  readonly links?: "inside" | "any" | undefined;
  readonly yes?: true | undefined;
}

/** What is done: an unsigned run is signed, a countersignature is added, or a timestamp is. */
export type Act = "sign" | "counter" | "time";

const OF_UNSIGNED = ["--here", "--no-keep", "--links", "--yes", "--jobs"];
const OF_COUNTER = ["--signer", "--any-signer", "--require-timestamp"];

/** The options that an act does not take. */
const OTHERS: Readonly<Record<Act, readonly string[]>> = {
  sign: ["--trust", ...OF_COUNTER],
  counter: ["--tsa", "--tsa-timeout", ...OF_UNSIGNED],
  time: ["--files", ...OF_UNSIGNED, ...OF_COUNTER, ...SIGNER_FLAGS],
};

/** The act that the options choose. Throws a usage error for two acts, and for options of another act. */
export function chooseAct(options: SignOptions): Act {
  const { counter, time } = options;
  if (counter === true && time === true)
    throw new UsageError("--counter and --time are two acts; add one after the other");
  const act = counter === true ? "counter" : time === true ? "time" : "sign";
  const flag = givenFlag(options, OTHERS[act]);
  if (flag !== undefined)
    throw new UsageError(`${flag} does not go with ${act === "sign" ? "an unsigned run" : `--${act}`}`);
  return act;
}
