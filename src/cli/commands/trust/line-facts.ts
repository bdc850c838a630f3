/** The lines of a trust file, as `--json` has them. @module */

import {
  formatUtcSecond,
  parsePublicKey,
  type TrustAuthority,
  type TrustLine,
  type TrustThreshold,
} from "../../../core/internal.ts";
import { nodeCrypto } from "../../../node/system/runtime/node-crypto.ts";
import type { AuthorityFacts, ThresholdFacts, TrustLineFacts } from "./trust-results.ts";

/** The line of a signer. */
export function lineFacts(line: TrustLine): TrustLineFacts {
  const { boundOnly, namespaces, publicKeyHex, revoked, revokedAt, validAfter, validBefore } = line;
  const identity = parsePublicKey(publicKeyHex, nodeCrypto);
  if (identity === undefined) throw new TypeError("a line's key was parsed before");
  return {
    line: line.line,
    names: line.names,
    key_id: identity.keyId,
    validator_id: identity.validatorId,
    public_key: publicKeyHex,
    ...moment("valid_after", validAfter),
    ...moment("valid_before", validBefore),
    ...(namespaces === undefined ? {} : { namespaces }),
    revoked,
    ...moment("revoked_at", revokedAt),
    bound: boundOnly,
  };
}

/** The line of an authority. */
export function authorityFacts(authority: TrustAuthority): AuthorityFacts {
  const { certificate, line, name, validAfter, validBefore } = authority;
  const window = { ...moment("valid_after", validAfter), ...moment("valid_before", validBefore) };
  return { line, name, certificate, ...window };
}

/** A line that requires several signers. */
export function thresholdFacts({ line, names, need }: TrustThreshold): ThresholdFacts {
  return { line, need, names };
}

function moment(name: string, seconds: number | undefined): object {
  return seconds === undefined ? {} : { [name]: formatUtcSecond(seconds) };
}
