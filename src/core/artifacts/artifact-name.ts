/**
 * The seven artifacts of a bundle, and the names a run directory must not hold (PROTOCOL 2).
 *
 * @module
 */

/** File names of the seven artifacts, in the order in which they are looked for and parsed. */
export const ARTIFACT_NAMES = [
  "TASK_SPEC.json",
  "STATUS.json",
  "OUTPUT_HASHES.json",
  "PROOF.json",
  "VALIDATOR_IDENTITY.json",
  "SIGNED_PAYLOAD.json",
  "SIGNATURE.json",
] as const;

/** One of the seven file names. */
export type ArtifactName = (typeof ARTIFACT_NAMES)[number];

/** What a run directory must not hold, in the order in which it is looked for. */
export const FORBIDDEN_NAMES = ["logs", "tmp", "transcript.json"] as const;

/** One of the forbidden names. */
export type ForbiddenName = (typeof FORBIDDEN_NAMES)[number];

// Simple case folding (the `iu` flags) is Unicode's own: a long s folds to s, as it does for a reader's eye.
const CONFUSABLE = /^(?:validator_identity|signed_payload|signature)/iu;

/**
 * Whether a name beside the artifacts could be taken for one of the three that say who signed:
 * a second signature or identity in the folder makes two readers see two signers (PROTOCOL 8, phase 10).
 */
export function isConfusableName(name: string): boolean {
  const isArtifact = ARTIFACT_NAMES.some((artifact) => artifact === name);
  return !isArtifact && CONFUSABLE.test(name);
}
