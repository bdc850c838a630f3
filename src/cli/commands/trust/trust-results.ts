/** What `trust` prints with `--json`. @module */

import type { SignerFacts, TrustFacts } from "../../results/signer-facts.ts";
import type { Count, Sha256 } from "../../results/words.ts";

/** A line of the trust file. Moments are RFC 3339. */
export interface TrustLineFacts {
  /** The line, from 1. */
  readonly line: Count;
  /** What it calls the signer. */
  readonly names: readonly string[];
  /** The beginning of the validator id. */
  readonly key_id: string;
  /** SHA-256 of the public key. */
  readonly validator_id: Sha256;
  /** The public key, in hex. */
  readonly public_key: Sha256;
  /** From when the key is trusted. */
  readonly valid_after?: string;
  /** Until when. */
  readonly valid_before?: string;
  /** What the key may sign; absent if anything. */
  readonly namespaces?: readonly string[];
  /** Whether the key is revoked. */
  readonly revoked: boolean;
  /** From when. */
  readonly revoked_at?: string;
  /** Whether only bound bundles are accepted. */
  readonly bound: boolean;
}

/** A timestamp authority in the trust file. */
export interface AuthorityFacts {
  /** The line, from 1. */
  readonly line: Count;
  /** What it calls the authority. */
  readonly name: string;
  /** SHA-256 of its certificate. */
  readonly certificate: Sha256;
  /** From when it is trusted. */
  readonly valid_after?: string;
  /** Until when. */
  readonly valid_before?: string;
}

/** A line that requires several signers. */
export interface ThresholdFacts {
  /** The line, from 1. */
  readonly line: Count;
  /** How many must have signed. */
  readonly need: Count;
  /** Of these. */
  readonly names: readonly string[];
}

/** Of a trust file. */
export interface TrustFileFacts {
  /** Its path. */
  readonly trust_file: string;
}

/** @result trust list */
export interface TrustListResult extends TrustFileFacts {
  /** The lines on signers. */
  readonly lines: readonly TrustLineFacts[];
  /** The lines that demand countersigners. */
  readonly thresholds: readonly ThresholdFacts[];
  /** The lines on timestamp authorities. */
  readonly authorities: readonly AuthorityFacts[];
}

/** @result trust add */
export interface TrustAddResult extends TrustFileFacts {
  /** The line: of a signer, or with --tsa of an authority. */
  readonly added: TrustLineFacts | AuthorityFacts;
}

/** @result trust require */
export interface TrustRequireResult extends TrustFileFacts {
  /** The line. */
  readonly added: ThresholdFacts;
}

/** @result trust remove */
export interface TrustRemoveResult extends TrustFileFacts {
  /** The lines as they were, those of authorities last. */
  readonly removed: readonly (TrustLineFacts | AuthorityFacts)[];
  /** Lines that are left for the same keys. */
  readonly still_listed: readonly TrustLineFacts[];
}

/** @result trust revoke */
export interface TrustRevokeResult extends TrustFileFacts {
  /** The lines as they are now. */
  readonly revoked: readonly TrustLineFacts[];
  /** Lines that were revoked for that moment before. */
  readonly unchanged: readonly TrustLineFacts[];
}

/** @result trust check */
export interface TrustCheckResult {
  /** The signer that was asked about. */
  readonly signer: SignerFacts;
  /** What the policy says. */
  readonly trust: TrustFacts;
}
