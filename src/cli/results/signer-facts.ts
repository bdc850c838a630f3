/** Who signed, and whether the trust policy accepts the signer. @module */

import type { Code, Count, Fingerprint, Flaw, KeyId, Moment, Ordinal, Sha256 } from "./words.ts";

/** A signer. */
export interface SignerFacts {
  /** SHA-256 of the public key. */
  readonly validator_id: Sha256;
  /** The beginning of the validator id. */
  readonly key_id: KeyId;
  /** As OpenSSH prints it. */
  readonly fingerprint: Fingerprint;
  /** The 32 bytes of the Ed25519 key, in hex. */
  readonly public_key: Sha256;
  /** What a trust line calls the signer. */
  readonly name?: string;
}

/** The line of the trust file that decided. */
export interface TrustSourceFacts {
  /** The file, or the option. */
  readonly source: string;
  /** The line, from 1. */
  readonly line: Count;
}

/** What the trust policy says of a signer. */
export interface TrustFacts {
  /** Whether the signer is trusted. */
  readonly ok: boolean;
  /** `"OK"`, `"ANY_SIGNER"`, a trust code, or `null` if the bundle was not accepted. */
  readonly code: Code | null;
  /** A sentence. */
  readonly reason: string;
  /** What the trust line calls the signer. */
  readonly name?: string;
  /** The line that decided. */
  readonly decided_by?: TrustSourceFacts;
  /** An object for each entry of COUNTERSIGNATURES.json; absent without the file. None changes the verdict. */
  readonly countersigners?: readonly CountersignerFacts[];
  /** What the timestamps say. */
  readonly time?: TimeFacts;
  /** The signer is the own key of the guard of this folder, and no trust line speaks of it. */
  readonly guards_own_key?: true;
}

/** A countersignature. One that does not hold has `ok`, `code`, `reason` and `entry` alone. */
export interface CountersignerFacts {
  /** Whether it holds, and the policy trusts its signer: then it counts where a threshold names the signer. */
  readonly ok: boolean;
  /** The policy's decision; `null` without a policy. */
  readonly code: Code | null;
  /** A sentence. */
  readonly reason: string;
  /** What a trust line calls the signer. */
  readonly name?: string;
  /** The beginning of the validator id. */
  readonly key_id?: string;
  /** SHA-256 of the public key. */
  readonly validator_id?: Sha256;
  /** The public key, in hex. */
  readonly public_key?: Sha256;
  /** The countersigner's own word. */
  readonly signed_at?: string;
  /** The entry of one that does not hold, from 1; absent if the whole file is malformed. */
  readonly entry?: Count;
}

/** What an authority says of a moment. One that does not hold has `flaw` alone. */
export interface VouchedFacts {
  /** Of `TIMESTAMP_INVALID`: what is wrong, in a word. */
  readonly flaw?: Flaw;
  /** The authority's time. */
  readonly before?: Moment;
  /** Its accuracy, in milliseconds. */
  readonly accuracy_ms?: Count;
  /** The time plus its accuracy. The earliest of all that count decides. */
  readonly not_after?: Moment;
  /** The authority's name in the trust file. */
  readonly authority?: string;
  /** SHA-256 of the certificate in the trust file. */
  readonly certificate?: Sha256;
  /** The line of the authority. */
  readonly decided_by?: TrustSourceFacts;
}

/** What the timestamps of a bundle say; the earliest of those that hold counts. */
export interface TimeFacts extends VouchedFacts {
  /** Whether one holds. Without one, there are `ok`, `code`, `flaw`, `reason` and `tokens` alone. */
  readonly ok: boolean;
  /** Why none holds, or `"OK"`. */
  readonly code: Code;
  /** A sentence. */
  readonly reason: string;
  /** Each timestamp in the file; empty if none was judged. */
  readonly tokens: readonly TokenFacts[];
}

/** One timestamp of a bundle, judged. */
export interface TokenFacts extends VouchedFacts {
  /** Its place in TIMESTAMPS.json, from 1. */
  readonly entry: Ordinal;
  /** Whether it holds. */
  readonly ok: boolean;
  /** Why it does not hold, or `"OK"`. */
  readonly code: Code;
  /** A sentence, of one that does not hold. */
  readonly reason?: string;
}

/** What a new timestamp says. */
export interface StampedTimeFacts {
  /** The authority's time. */
  readonly before: Moment;
  /** Its accuracy, in milliseconds. */
  readonly accuracy_ms: Count;
  /** The time plus its accuracy. */
  readonly not_after: Moment;
  /** The authority's name in the trust file; `null` if the file does not name it, as the next two. */
  readonly authority: string | null;
  /** SHA-256 of the certificate in the trust file. */
  readonly certificate: Sha256 | null;
  /** The line of the authority. */
  readonly decided_by: TrustSourceFacts | null;
}

/** The timestamp of a bundle that was made just now. */
export interface StampFacts {
  /** What it says. */
  readonly time: StampedTimeFacts;
  /** SHA-256 of each certificate in it, its signer's first. */
  readonly certificates: readonly Sha256[];
  /** How many the bundle has now. */
  readonly timestamps: Ordinal;
  /** How many were dropped: they did not hold, or made room. */
  readonly dropped: Count;
}
