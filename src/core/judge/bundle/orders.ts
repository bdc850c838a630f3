/**
 * The orders in which phases are walked: that of a verification (PROTOCOL 8) and that of a restore (PROTOCOL 13.3).
 *
 * @module
 */

import { ARTIFACT_NAMES, type ArtifactName } from "../../system/paths/artifact-name.ts";
import { acceptance } from "./phases/acceptance.ts";
import { forbidden } from "./phases/forbidden.ts";
import {
  type Judging,
  known,
  type ParsedArtifact,
  type Phase,
  type SignedBundle,
  signedBundle,
} from "./phases/judging.ts";
import { lawfulOutputs, outputs } from "./phases/outputs.ts";
import { parse } from "./phases/parse.ts";
import { payload } from "./phases/payload.ts";
import { presence } from "./phases/presence.ts";
import { proof } from "./phases/proof.ts";
import { root } from "./phases/root.ts";
import { signature } from "./phases/signature.ts";
import { tree } from "./phases/tree.ts";
import { identity } from "./phases/validator-identity.ts";

/** An order of phases. */
export interface Order<Signed extends SignedBundle> {
  /** The artifacts to look at. */
  readonly names: readonly ArtifactName[];
  /** The phases that need no outputs, and those that do. */
  readonly artifacts: readonly Phase[];
  readonly outputs: readonly Phase[];
  /** What is known once the first of them have passed. */
  readonly signed: (bundle: Judging) => Signed;
}

/** A bundle whose artifacts passed, with the claims about its outputs. Not verified yet. */
export interface JudgedBundle extends SignedBundle {
  readonly proof: ParsedArtifact;
}

/** The order of a verification: phases 1 to 8, then 9 to 11. */
export const VERIFY: Order<JudgedBundle> = {
  names: ARTIFACT_NAMES,
  artifacts: [presence, parse, identity, root, payload, signature, proof, forbidden],
  outputs: [outputs, acceptance, tree],
  signed: (bundle) => ({ ...signedBundle(bundle), proof: known(bundle.proof) }),
};

/**
 * The order of a restore (PROTOCOL 13.3, step 2): what concerns the proof comes after everything else, and paths that break the law
 * are named by a later step.
 */
export const RESTORE: Order<SignedBundle> = {
  names: ARTIFACT_NAMES.filter((name) => name !== "PROOF.json"),
  artifacts: [presence, parse, identity, root, payload, signature, forbidden],
  outputs: [lawfulOutputs, acceptance, tree],
  signed: signedBundle,
};

/** The last step of a restore: the proof, and once more what is said of outputs, now that no path may break the law. */
export const LAST_OF_RESTORE: readonly Phase[] = [presence, parse, proof, outputs, acceptance, tree];
