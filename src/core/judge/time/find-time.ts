/**
 * What a bundle's tokens say of its time, by a trust policy (PROTOCOL 17). Offline.
 *
 * @module
 */

import { type BundleTimestamps, readTimestamps } from "../bundle/timestamps.ts";
import type { TrustPolicy } from "../trust/trust-decision.ts";
import {
  concludeTime,
  type TimeFinding,
  type TokenFinding,
  tokenMoment,
  withoutTokens,
} from "../trust/trusted-time.ts";
import { judgeToken } from "./judge-token.ts";
import type { TimePlatform } from "./time-platform.ts";
import { findAuthority, type ListedAuthority } from "./trust-token.ts";

/** The authorities of all sources of a policy. */
export function authoritiesOf(policy: TrustPolicy | undefined): readonly ListedAuthority[] {
  return (policy?.sources ?? []).flatMap(({ authorities = [], label }) =>
    authorities.map((authority) => ({ ...authority, decided_by: { source: label, line: authority.line } })),
  );
}

/** What a bundle's tokens say; `undefined` without a TIMESTAMPS.json. No token is read for a policy without authorities. */
export function findTime(
  policy: TrustPolicy | undefined,
  timestamps: BundleTimestamps | undefined,
  platform: TimePlatform,
): TimeFinding | undefined {
  if (timestamps === undefined) return undefined;
  const authorities = authoritiesOf(policy);
  if (authorities.length === 0) {
    const reason =
      "no [tsa …] line, as runseal trust add NAME --tsa CERT adds it, names an authority to judge its timestamps by";
    return withoutTokens({ code: "TIMESTAMP_INVALID", flaw: "authority-unknown", reason });
  }
  const tokens = readTimestamps(timestamps.reading);
  if (typeof tokens === "string")
    return withoutTokens({ code: "TIMESTAMPS_MALFORMED", reason: `TIMESTAMPS.json: ${tokens}` });
  return concludeTime(
    tokens.map((token, index) => findingOf(token, index + 1, timestamps.signature, authorities, platform)),
  );
}

function findingOf(
  token: Uint8Array,
  entry: number,
  stamped: Uint8Array,
  authorities: readonly ListedAuthority[],
  platform: TimePlatform,
): TokenFinding {
  const sound = judgeToken(token, { stamped }, platform);
  const authority = sound.ok ? findAuthority(sound.value, authorities, platform) : sound;
  if (!sound.ok) return { ...sound, entry };
  if (!authority.ok) return { ...authority, entry };
  const { certificate, decided_by, name } = authority.value;
  const by = { authority: name, certificate, decided_by };
  return { ok: true, code: "OK", entry, ...tokenMoment(sound.value), ...by };
}
