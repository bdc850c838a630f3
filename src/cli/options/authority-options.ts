/** The options that say which timestamp authority to ask: shared by sign, seal and run. @module */

import { quote, type TrustPolicy } from "../../core/internal.ts";
import type { AuthorityAddress } from "../../node/index.ts";
import { readTrustPolicy } from "../../node/trust/read-trust.ts";
import { trustRequestReport } from "../output/failure-report.ts";
import type { Io } from "../output/io.ts";
import type { Report } from "../output/report.ts";
import { UsageError } from "./usage-error.ts";

/** Authorities answer within a second or two. */
const DEFAULT_SECONDS = 30;

const MAX_SECONDS = 600;

/** No authority has a longer address. */
const MAX_URL_CHARACTERS = 2048;

/** The options as parsed. */
export interface AuthorityOptions {
  readonly tsa?: string | undefined;
  readonly tsaTimeout?: string | undefined;
}

/** Which authority to ask, and whose lines say whether to trust it. */
export interface StampDemand {
  readonly authority: AuthorityAddress;
  readonly policy: TrustPolicy | undefined;
}

/**
 * Reads the options, or gives the report of why the trust file can't be read: before any work, so that none is lost. `undefined`
 * without --tsa. Throws usage errors.
 */
export function chooseAuthority(
  { tsa, tsaTimeout }: AuthorityOptions,
  trustFile: string | undefined,
  io: Io,
): { readonly demand: StampDemand } | { readonly report: Report } | undefined {
  if (tsa === undefined) {
    if (tsaTimeout !== undefined) throw new UsageError("--tsa-timeout belongs to --tsa");
    return undefined;
  }
  const { environment } = io;
  const authority = { url: addressOf(tsa), shown: tsa, seconds: secondsOf(tsaTimeout), environment };
  const files = trustFile === undefined ? [] : [trustFile];
  const policy = readTrustPolicy({ files, signers: [] }, environment);
  return policy.ok ? { demand: { authority, policy: policy.value } } : { report: trustRequestReport(policy) };
}

function addressOf(text: string): URL {
  const url = text.length <= MAX_URL_CHARACTERS && URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== "http:" && url.protocol !== "https:"))
    throw new UsageError(`--tsa ${quote(text)} is not an address with http:// or https://`);
  if (url.username !== "" || url.password !== "")
    throw new UsageError("--tsa takes an address without a name or password: it would stand in messages");
  return url;
}

function secondsOf(text: string | undefined): number {
  if (text === undefined) return DEFAULT_SECONDS;
  const seconds = /^[1-9][0-9]{0,2}$/.test(text) ? Number(text) : 0;
  if (seconds >= 1 && seconds <= MAX_SECONDS) return seconds;
  throw new UsageError(
    `--tsa-timeout ${quote(text)} is not a whole number of seconds from 1 to ${MAX_SECONDS}`,
  );
}

/** Refuses these options where nothing is signed, and so nothing can be stamped. Throws a usage error. */
export function refuseAuthority({ tsa, tsaTimeout }: AuthorityOptions): void {
  if (tsa !== undefined || tsaTimeout !== undefined)
    throw new UsageError(
      "--unsigned leaves the bundle unsigned; runseal sign --time stamps it once it is signed",
    );
}
