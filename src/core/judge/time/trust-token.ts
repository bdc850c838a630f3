/**
 * Which authority a token is from: a walk from its signer's certificate along its issuers, up to one that the policy names
 * (RFC 5280, section 6, without revocation, which is not looked up).
 *
 * @module
 */

import { matchesDigest } from "../../system/bytes/crypto.ts";
import type { Result } from "../../system/bytes/result.ts";
import type { TrustAuthority } from "../trust/trust-authority.ts";
import type { DecidingLine } from "../trust/trust-decision.ts";
import { countedDigest, isStrongKey } from "./algorithms.ts";
import { type Certificate, issuingDepth, isValidAt } from "./certificate.ts";
import type { SoundToken, TokenFault } from "./judge-token.ts";
import type { TimePlatform } from "./time-platform.ts";

/** An authority that the policy trusts, and where it says so. */
export interface ListedAuthority extends TrustAuthority {
  readonly decided_by: DecidingLine;
}

/**
 * Finds the authority of a token. Fails with TIMESTAMP_INVALID: `authority-unknown` if no certificate in it
 * is listed, another flaw if one is, and does not vouch for it.
 */
export function findAuthority(
  token: SoundToken,
  authorities: readonly ListedAuthority[],
  platform: TimePlatform,
): Result<ListedAuthority, TokenFault> {
  const walk = new ChainWalk(token, authorities, platform);
  const found = walk.find();
  if (found !== undefined) return { ok: true, value: found };
  const isListed = token.certificates.some(
    (certificate) => listed(certificate, authorities, platform).length > 0,
  );
  if (!isListed) {
    const reason = "no certificate in it is of an authority that the trust policy names";
    return { ok: false, code: "TIMESTAMP_INVALID", flaw: "authority-unknown", reason };
  }
  const chain: TokenFault = {
    ok: false,
    code: "TIMESTAMP_INVALID",
    flaw: "chain",
    reason: "its certificates lead to none that the trust policy names",
  };
  return walk.fault ?? chain;
}

function listed(
  certificate: Certificate,
  authorities: readonly ListedAuthority[],
  { crypto }: TimePlatform,
): readonly ListedAuthority[] {
  return authorities.filter(({ certificate: digest }) => matchesDigest(digest, certificate.digest, crypto));
}

/** Visits each certificate once, nearest to the signer first: certificates that issue each other in circles cost no more. */
class ChainWalk {
  readonly #token: SoundToken;
  readonly #authorities: readonly ListedAuthority[];
  readonly #platform: TimePlatform;
  /** The first obstacle on the way. */
  fault: TokenFault | undefined;

  constructor(token: SoundToken, authorities: readonly ListedAuthority[], platform: TimePlatform) {
    this.#platform = platform;
    this.#token = token;
    this.#authorities = authorities;
  }

  /** Finds the authority of the nearest certificate that has one. */
  find(): ListedAuthority | undefined {
    const { certificates, signer } = this.#token;
    const reached = new Map<Certificate, number>([[signer, 0]]);
    // A map also gives what is added to it meanwhile.
    for (const [certificate, depth] of reached) {
      const authority = this.#authorityOf(certificate);
      if (authority === "expired") continue;
      if (authority !== undefined) return authority;
      for (const issuer of certificates) {
        if (!reached.has(issuer) && this.#hasIssued(issuer, certificate, depth))
          reached.set(issuer, depth + 1);
      }
    }
    return undefined;
  }

  #authorityOf(certificate: Certificate): ListedAuthority | "expired" | undefined {
    const { accuracy, at } = this.#token;
    if (!isValidAt(certificate, at)) {
      this.#note("expired", "a certificate of its chain was not valid at its time");
      return "expired";
    }
    for (const authority of listed(certificate, this.#authorities, this.#platform)) {
      const { validAfter = Number.NEGATIVE_INFINITY, validBefore = Number.POSITIVE_INFINITY } = authority;
      if (at >= validAfter * 1000 && at + accuracy < validBefore * 1000) return authority;
      this.#note("expired", "the trust policy does not trust the authority at its time");
    }
    return undefined;
  }

  #hasIssued(issuer: Certificate, certificate: Certificate, depth: number): boolean {
    if (!this.#platform.namesIssuer(certificate, issuer)) return false;
    const limit = issuingDepth(issuer);
    if (limit === undefined || depth > limit) {
      this.#note("chain", "a certificate of its chain may not issue the one before it");
      return false;
    }
    const isStrong =
      isStrongKey(issuer.key) && countedDigest(certificate.signatureOid, issuer.key, undefined) !== undefined;
    if (!isStrong) {
      const reason =
        "a signature of its chain is neither RSA of at least 2048 bits nor ECDSA, with SHA-256 or stronger";
      this.#note("algorithm", reason);
      return false;
    }
    if (this.#platform.isSignedBy(certificate, issuer)) return true;
    this.#note("chain", "a signature of its chain does not hold");
    return false;
  }

  #note(flaw: TokenFault["flaw"], reason: string): void {
    this.fault ??= { ok: false, code: "TIMESTAMP_INVALID", flaw, reason };
  }
}
