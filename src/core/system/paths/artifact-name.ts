/**
 * The seven artifacts of a bundle, and the names a run directory must not hold (PROTOCOL 2).
 *
 * @module
 */

/** File names of the seven artifacts, in the order in which a verifier opens and parses them. */
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

/** The file name of the tree. The tree stands beside the seven artifacts and does not count as one of them. */
export const OUTPUT_TREE_NAME = "OUTPUT_TREE.json";

const ARTIFACTS: ReadonlySet<string> = new Set(ARTIFACT_NAMES);

/** Whether a name is one of the seven file names. */
export function isArtifactName(name: string): name is ArtifactName {
  return ARTIFACTS.has(name);
}

/** Names that a run directory must not hold, in the order in which a verifier checks them. */
export const FORBIDDEN_NAMES = ["logs", "tmp", "transcript.json"] as const;

/** One of the forbidden names. */
export type ForbiddenName = (typeof FORBIDDEN_NAMES)[number];

const FORBIDDEN = new RegExp(`^(?:${FORBIDDEN_NAMES.join("|").replace(".", "\\.")})$`, "iu");

/**
 * Whether a file system that folds case could find this entry under a forbidden name. Only for such an entry does
 * the caller ask the file system.
 */
export function resemblesForbiddenName(name: string): boolean {
  return FORBIDDEN.test(name);
}

// The flags `iu` fold case as Unicode does: a long s, which looks like an s, folds to s.
const CONFUSABLE = /^(?:validator_identity|signed_payload|signature)/iu;

/**
 * Whether a name beside the artifacts resembles one of the three that state the signer. With a second
 * signature or identity in the folder, two readers may see two signers (PROTOCOL 8, phase 10).
 */
export function isConfusableName(name: string): boolean {
  return !isArtifactName(name) && CONFUSABLE.test(name);
}
