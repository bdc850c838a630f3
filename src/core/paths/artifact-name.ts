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

const ARTIFACTS: ReadonlySet<string> = new Set(ARTIFACT_NAMES);

/** Whether a name is one of the seven. */
export function isArtifactName(name: string): name is ArtifactName {
  return ARTIFACTS.has(name);
}

/** What a run directory must not hold, in the order in which it is looked for. */
export const FORBIDDEN_NAMES = ["logs", "tmp", "transcript.json"] as const;

/** One of the forbidden names. */
export type ForbiddenName = (typeof FORBIDDEN_NAMES)[number];

const FORBIDDEN = new RegExp(`^(?:${FORBIDDEN_NAMES.join("|").replace(".", "\\.")})$`, "iu");

/**
 * Whether a name in a folder could be what is found under a forbidden one, also where a file system folds case: such
 * an entry is worth asking for. Whether it is one, the file system says.
 */
export function resemblesForbiddenName(name: string): boolean {
  return FORBIDDEN.test(name);
}

// Simple case folding (the `iu` flags) is Unicode's own: a long s folds to s, as it does for a reader's eye.
const CONFUSABLE = /^(?:validator_identity|signed_payload|signature)/iu;

/**
 * Whether a name beside the artifacts could be taken for one of the three that say who signed:
 * a second signature or identity in the folder makes two readers see two signers (PROTOCOL 8, phase 10).
 */
export function isConfusableName(name: string): boolean {
  return !isArtifactName(name) && CONFUSABLE.test(name);
}
