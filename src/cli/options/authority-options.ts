/** The option that says which timestamp authority to ask: shared by sign, seal and run. @module */

import type { TrustPolicy } from "../../core/internal.ts";
import { readTrustPolicy } from "../../node/keys/trust/read-trust.ts";
import type { AuthorityAddress } from "../../node/make/timestamp/ask-authority.ts";
import { trustRequestReport } from "../output/failure-report.ts";
import type { Io } from "../output/io.ts";
import type { Report } from "../output/report.ts";
import { secondsIn } from "./seconds-in.ts";

/** How long its answer may take. Authorities answer within a second or two. */
const SECONDS = { variable: "RUNSEAL_TSA_TIMEOUT", usual: 30, most: 600 };

/** The option as parsed. */
export interface AuthorityOptions {
  /** An address that `URL` parses. */
  readonly tsa?: string | undefined;
}

/** Which authority to ask, and whose lines say whether to trust it. */
export interface StampDemand {
  readonly authority: AuthorityAddress;
  readonly policy: TrustPolicy | undefined;
}

/**
 * Reads the option, or gives the report of why the trust file can't be read: before any work, so that none is lost. `undefined`
 * without --tsa. Throws a usage error for a time limit of the environment that is not one.
 */
export function chooseAuthority(
  { tsa }: AuthorityOptions,
  trustFile: string | undefined,
  io: Io,
): { readonly demand: StampDemand } | { readonly report: Report } | undefined {
  if (tsa === undefined) return undefined;
  const { environment } = io;
  const authority = { url: new URL(tsa), shown: tsa, seconds: secondsIn(environment, SECONDS), environment };
  const files = trustFile === undefined ? [] : [trustFile];
  const policy = readTrustPolicy({ files, signers: [] }, environment);
  return policy.ok ? { demand: { authority, policy: policy.value } } : { report: trustRequestReport(policy) };
}
