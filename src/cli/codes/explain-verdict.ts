/** The verifier's, the trust policy's and the notes' codes explained: [what it means, what to do]. @module */

import type { NoteCode, TrustCode, VerifierCode } from "../../core/internal.ts";
import type { ReservedCode } from "./codes.ts";

const AGAIN = "Get the bundle again from whoever sealed it; don't use what it names until one verifies.";
const SUSPECT = "Treat the bundle as tampered with. Get it again from whoever sealed it, over another way.";

/** One entry for each code. */
export const VERDICT_EXPLANATIONS: Readonly<
  Record<VerifierCode | TrustCode | NoteCode | ReservedCode, readonly [string, string]>
> = {
  ARTIFACT_MISSING: [
    "One of the seven artifacts is not in the run directory (phase 1).",
    "Check that the path is the bundle's folder, and that it was copied whole.",
  ],
  ARTIFACT_MALFORMED: [
    "An artifact is not a regular file, not strict JSON, not an object, beyond a limit, or a proof whose proof_hash is wrong (phases 2 and 7).",
    AGAIN,
  ],
  ARTIFACT_EXTRA: [
    "Something in the run directory could be taken for a second identity, payload or signature (phase 10).",
    "Look at the named entry; if it is a leftover such as a backup copy, remove it and verify again.",
  ],
  FIELD_MISSING: ["An artifact lacks a field that it must have (phases 3, 4, 5 and 7).", AGAIN],
  FIELD_EXTRA: ["An artifact has more fields than it may have (phases 3 and 5).", SUSPECT],
  ALGORITHM_UNSUPPORTED: [
    "The signer's algorithm is not ed25519, the only one there is (phase 3).",
    "Ask the signer to seal with an Ed25519 key.",
  ],
  KEY_INVALID: [
    "The public key is not 64 lowercase hex characters, or is one that nobody can hold a private key for (phase 3).",
    SUSPECT,
  ],
  IDENTITY_INVALID: ["The validator id is not the SHA-256 of the public key (phase 3).", SUSPECT],
  IDENTITY_MISMATCH: [
    "The payload or the signature names another validator than the identity does (phases 5 and 6).",
    SUSPECT,
  ],
  IDENTITY_MULTIPLE: [
    "Reserved. A second identity is reported as ARTIFACT_EXTRA or ARTIFACT_MALFORMED.",
    "See those codes.",
  ],
  SERIALIZATION_INVALID: [
    "STATUS.json holds a number such as 1.0 or 1e5 that verifiers write in different ways, so that two could derive two roots (phase 4).",
    "Ask the signer to seal again with an integer, or with the number as text.",
  ],
  BUNDLE_ROOT_MISMATCH: [
    "The task spec, the status or the list of hashes is not what was signed (phase 5).",
    SUSPECT,
  ],
  DECISION_INVALID: [
    "The run is not an accepted one: its decision is not ACCEPT, its status not success, or its cmp01 not pass (phases 5 and 10).",
    "Ask why the run failed; a bundle of a failed run is honest, but vouches for nothing.",
  ],
  SIGNATURE_INCOMPLETE: ["SIGNATURE.json lacks a field (phase 6).", AGAIN],
  SIGNATURE_MALFORMED: [
    "SIGNATURE.json has an unknown field, another payload type, or a signature that is not 128 lowercase hex characters (phase 6).",
    AGAIN,
  ],
  SIGNATURE_INVALID: ["The signature does not hold over this bundle with this key (phase 6).", SUSPECT],
  SIGNATURE_MULTIPLE: [
    "Reserved. A second signature is reported as ARTIFACT_EXTRA or ARTIFACT_MALFORMED.",
    "See those codes.",
  ],
  RESTORATION_FAILED: [
    "The proof says that the run did not leave its scratch folders as it found them (phase 7).",
    "Don't use the outputs; run the task again.",
  ],
  FORBIDDEN_ARTIFACT: [
    "The run directory holds logs, tmp or transcript.json, which must not be in a bundle (phase 8).",
    "If you put it there, move it out and verify again.",
  ],
  OUTPUT_MISSING: [
    "An output is not there as a regular file below the root, or its path could lead elsewhere and was not looked for (phase 9).",
    "Check --root. If files were removed on purpose, the bundle no longer describes this folder. runseal verify --all lists them all.",
  ],
  HASH_MISMATCH: [
    "An output is there, but is not the file that was sealed, or the outputs are larger than the bundle declares (phase 9).",
    "Restore the file from where the bundle came from, or have the run sealed again. runseal verify --all lists every changed file.",
  ],
  PAYLOAD_MISMATCH: [
    "The bundle's binding does not hold: the proof, the list of hashes, the run id, a count or the version is another than the signed one (phase 10).",
    "Check that the run directory still has the name it was sealed under; else treat the bundle as tampered with.",
  ],
  CHAIN_EMPTY: [
    "A chain needs at least one bundle.",
    "Name the bundles in the order in which the runs happened; without any, seal something in this project first.",
  ],
  CHAIN_DUPLICATE_RUN: ["Two bundles of the chain have the same run id.", "Name each bundle once."],
  CHAIN_ROOT_MISMATCH: [
    "The chain root is not the expected one, or a bundle does not name the one before it: the order was changed, or a run was taken out.",
    "Check the order and that none is missing, the first one included; else treat the chain as tampered with.",
  ],
  SIGNER_UNKNOWN: [
    "The bundle is sound, but no line of the trust policy vouches for its signer.",
    "Ask the signer for the public key over a way you trust, and add it to the trust file.",
  ],
  SIGNER_REVOKED: [
    "The bundle is sound, but the trust policy revokes the signer's key.",
    "Don't use it. Ask the signer to seal again with a new key.",
  ],
  SIGNER_NOT_YET_VALID: [
    "The bundle says it was sealed before the moment from which its signer is trusted.",
    "Check valid-after in the trust file; else ask the signer.",
  ],
  SIGNER_EXPIRED: [
    "The bundle says it was sealed after the moment until which its signer is trusted.",
    "Check valid-before in the trust file; else ask the signer for a newer key.",
  ],
  SIGNER_THRESHOLD_UNMET: [
    "The bundle is sound and its signer is trusted, but the trust file requires that more of its signers vouch for it.",
    "Ask those who are missing to look at the bundle and to run runseal countersign on it.",
  ],
  TRUST_POLICY_MISSING: [
    "The bundle is sound, but nobody said whom to believe: there is no trust file and no --signer.",
    "Give --trust FILE or --signer KEY, or make your own trust file; --any-signer takes whoever signed.",
  ],
  TRUST_FILE_MALFORMED: [
    "A line of the trust file is not understood, so nothing in the file is trusted.",
    "Mend the line that is named.",
  ],
  INVALID_CHAIN_REFERENCE: [
    "A note: a run of the chain names an input that no earlier run of it produced.",
    "Nothing to do, unless that input should have come from the chain.",
  ],
  VALIDATOR_UNSUPPORTED: [
    "A note: a bundle of the chain was sealed by a validator version that runseal does not know.",
    "Nothing to do; the version is outside the signature and is not judged.",
  ],
};
