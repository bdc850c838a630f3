/** What `check` prints with `--json`. @module */

import type { OutputFailureFacts, VerdictFacts } from "../../results/run-verdicts.ts";
import type { SignerFacts, TrustFacts } from "../../results/signer-facts.ts";
import type { Count, EntryKind, Path, RunId, Sha256 } from "../../results/words.ts";

/**
 * The digest as the proof has it.
 * @pattern `^sha256:[0-9a-f]{64}$`
 */
export type PrefixedSha256 = string;

/**
 * Bytes in hex.
 * @pattern `^(?:[0-9a-f]{2})+$`
 */
export type HexBytes = string;

/** Of a proof of files. If the proof or a file was not right, there is only `trust`, with `code: null`. */
export interface CheckProofResult {
  /** What was checked. */
  readonly form: "proof";
  /** The run. */
  readonly run_id: RunId;
  /** Its root. */
  readonly bundle_root: Sha256;
  /** The root of its outputs. */
  readonly outputs_root: Sha256;
  /** The sealer's own word. */
  readonly sealed_at: string;
  /** Who signed it. */
  readonly signer: SignerFacts;
  /** What the policy says of the signer. */
  readonly trust: TrustFacts;
  /** The files. */
  readonly files: readonly ProvenFileFacts[];
  /** Paths of the proof without a given file. The proof was checked for them too. */
  readonly not_given: readonly Path[];
  /** Without a file: what the proof claims. Then `ok` is `false`, and `code` is `"USAGE"` if the signer is trusted: no file was checked. */
  readonly claims?: readonly {
    /** The path in the proof. */
    readonly path: Path;
    /** Its digest. */
    readonly sha256: PrefixedSha256;
  }[];
}

/** A file that is as the proof says. */
export interface ProvenFileFacts {
  /** As it was named. */
  readonly file: string;
  /** Its path in the proof. */
  readonly path: Path;
  /** Its bytes. */
  readonly bytes: Count;
  /** Whether it was found by its name, also with `--as`, or only by its bytes. */
  readonly matched_by: "path" | "digest";
}

/** Of evidence that another tool made. The phases are `"parse"`, `"signature"` and `"outputs"`. */
export interface CheckEvidenceResult {
  /** What was checked; `null` if the file was not recognised. */
  readonly form: "sigstore" | "dsse" | "sshsig" | "minisign" | "signify" | null;
  /** The answer; `null` if there was none. */
  readonly verdict: VerdictFacts | null;
  /** Of a statement; `null` for a list of digests. */
  readonly predicate_type: string | null;
  /** The run whose root is a subject, else `null`. */
  readonly run_id: RunId | null;
  /** Its root, else `null`. */
  readonly bundle_root: Sha256 | null;
  /** How many files the evidence is about. */
  readonly files: Count | null;
  /** Their size, once all are as it says. */
  readonly bytes: Count | null;
  /** Who signed it; `null` until the signature holds. */
  readonly signer: EvidenceSignerFacts | EcdsaSignerFacts | null;
  /** What the policy says of the signer. */
  readonly trust: TrustFacts;
  /** With `--all`: each file that failed. */
  readonly failures?: readonly EvidenceFailureFacts[];
}

/** A signer with an Ed25519 key. */
export interface EvidenceSignerFacts extends SignerFacts {
  /** The key's algorithm. */
  readonly algorithm: "ed25519";
}

/** A signer with another key. */
export interface EcdsaSignerFacts {
  /** The key's algorithm. */
  readonly algorithm: "ecdsa-p256" | "ecdsa-p384";
  /** SHA-256 of the public key. */
  readonly spki_sha256: Sha256;
  /** The SubjectPublicKeyInfo in DER. */
  readonly public_key: HexBytes;
}

/** A file that failed. */
export interface EvidenceFailureFacts extends OutputFailureFacts {
  /** What lies there. */
  readonly kind?: EntryKind | undefined;
}

/**
 * `form` says what was checked, and so which of the two sets of members there is.
 * @result check
 * @public
 */
export type CheckResult = CheckProofResult | CheckEvidenceResult;
