/**
 * What runseal's own parts of attestations hold. build/schemas.mjs makes their JSON Schemas from here.
 *
 * @module
 */

/**
 * 64 lowercase hex characters.
 * @pattern `^[0-9a-f]{64}$`
 */
export type HexText = string;

/**
 * RFC 3339, in UTC.
 * @pattern `^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z$`
 */
export type TimeText = string;

/**
 * RFC 3339, in UTC and whole seconds.
 * @pattern `^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]+Z$`
 */
export type SecondText = string;

/**
 * A text that is not empty.
 * @minLength 1
 */
export type NameText = string;

/**
 * A number of something.
 * @integer
 * @minimum 0
 */
export type WholeNumber = number;

/**
 * A number of outputs: a bundle has one at least.
 * @integer
 * @minimum 1
 */
export type OutputCount = number;

/**
 * The predicate of a statement about a bundle that was sealed without a command
 * @schema seal-predicate-v1
 * @closed
 */
export interface SealPredicate {
  /** the subject bundle-root; docs/protocol.md says how to compute it from the bundle */
  readonly bundleRoot: HexText;
  /** how many outputs the bundle has, also where the statement names none of them */
  readonly files: OutputCount;
  /** the name of the bundle */
  readonly runId: NameText;
  /** what the bundle's PROOF.json shows of the scratch folders */
  readonly scratchProof: ScratchProofDigest;
  /** the sealer's own word; absent for a bundle without a binding */
  readonly sealedAt?: SecondText | undefined;
  /** the validator id of the bundle's signer: the SHA-256 of the 32 bytes of its Ed25519 key */
  readonly sealer: HexText;
  /** when another process signed the bundle, by its own word; absent where the sealer signed */
  readonly signedAt?: SecondText | undefined;
  /** the signer did not witness the command and its exit code; absent where the sealer signed */
  readonly signedElsewhere?: true | undefined;
}

/** @closed */
export interface ScratchProofDigest {
  /** what the proof concludes */
  readonly condition: "RESTORED_IDENTICAL";
  /** of PROOF.json as stored */
  readonly sha256: HexText;
}

/**
 * externalParameters of SLSA provenance whose build type is a command under runseal run
 * @schema run-build-v1
 * @closed
 */
export interface RunBuildParameters {
  /**
   * the command and its arguments, as they were given
   * @minItems 1
   */
  readonly command: readonly string[];
  /** the variables that the caller named with --env and that were set; the others are not recorded */
  readonly environment: Readonly<Record<string, string>>;
  /** the paths of --output */
  readonly expectedOutputs: readonly string[];
  /** where the command ran, relative to the project's root; absent if it was outside */
  readonly workingFolder?: string | undefined;
}

/**
 * What a Simple Verification Result by runseal says besides the members of its predicate
 * @schema verdict-v1
 * @closed
 */
export interface VerdictExtension {
  /** the subject bundle-root; docs/protocol.md says how to compute it from the bundle */
  readonly bundleRoot: HexText;
  /** of all outputs */
  readonly bytes: WholeNumber;
  /** how many outputs were read */
  readonly files: WholeNumber;
  /** present where a bundle without a timestamp that holds would have been refused */
  readonly requireTimestamp?: true | undefined;
  /** absent for a bundle without a binding */
  readonly runId?: NameText | undefined;
  /** the version of runseal that verified */
  readonly runsealVersion: string;
  /** of SIGNATURE.json as stored, a subject */
  readonly signatureSha256: HexText;
  /** of a timestamp by an authority that the policy trusts: the policy judged the signer by it; absent where it went by the signer's own time */
  readonly time?: VerdictTime | undefined;
  /** SHA-256 of the signer's raw public key */
  readonly validatorId: HexText;
  /** the verdict: no other is attested */
  readonly verdict: "accepted";
}

/** @closed */
export interface VerdictTime {
  /** its name in the policy */
  readonly authority: NameText;
  /** the time in the token, RFC 3339 in UTC: the bundle was signed before */
  readonly before: TimeText;
  /** SHA-256 of the certificate that the policy names, in DER */
  readonly certificate: HexText;
  /** before and the token's accuracy together */
  readonly notAfter: TimeText;
}
