/** The codes of verdicts. Their messages are the core's: a verdict has the same words in every program. @module */

import type { NoteCode, VerifierCode } from "../../core/internal.ts";
import type { MeaningRecord } from "./code-record.ts";

/** Codes that SPECTRUM reserves: other codes report what they describe (PROTOCOL 8). */
export type ReservedCode = "IDENTITY_MULTIPLE" | "SIGNATURE_MULTIPLE";

const AGAIN = "Get the bundle again from its signer; don't use the outputs it names until a bundle verifies.";
/** What to do about a bundle that no honest sealer writes. */
export const SUSPECT =
  "Treat the bundle as tampered with. Get it again from its signer, over another channel.";

/** One record for each code. */
export const VERDICT_RECORDS: Readonly<Record<VerifierCode | ReservedCode | NoteCode, MeaningRecord>> = {
  ARTIFACT_MISSING: {
    meaning: "One of the seven artifacts is not in the run directory (phase 1).",
    remedy: "Check that the path is the bundle's folder, and that it was copied whole.",
  },
  ARTIFACT_MALFORMED: {
    meaning:
      "An artifact is not a regular file, not strict JSON, not an object, beyond a limit, or a proof whose proof_hash is wrong (phases 2 and 7).",
    remedy: AGAIN,
  },
  ARTIFACT_EXTRA: {
    meaning:
      "Something in the run directory could be taken for a second identity, payload or signature (phase 10).",
    remedy: "Look at the named entry; if it is a leftover such as a backup copy, remove it and verify again.",
  },
  FIELD_MISSING: {
    meaning: "An artifact lacks a field that it must have (phases 3, 4, 5 and 7).",
    remedy: AGAIN,
  },
  FIELD_EXTRA: { meaning: "An artifact has more fields than it may have (phases 3 and 5).", remedy: SUSPECT },
  ALGORITHM_UNSUPPORTED: {
    meaning: "The signer's algorithm is not ed25519, the only one there is (phase 3).",
    remedy: "Ask the signer to seal with an Ed25519 key.",
  },
  KEY_INVALID: {
    meaning:
      "The public key is not 64 lowercase hex characters, or is one for which no private key can exist (phase 3).",
    remedy: SUSPECT,
  },
  IDENTITY_INVALID: {
    meaning: "The validator id is not the SHA-256 of the public key (phase 3).",
    remedy: SUSPECT,
  },
  IDENTITY_MISMATCH: {
    meaning: "The payload or the signature names another validator than the identity does (phases 5 and 6).",
    remedy: SUSPECT,
  },
  IDENTITY_MULTIPLE: {
    meaning: "Reserved. A second identity is reported as ARTIFACT_EXTRA or ARTIFACT_MALFORMED.",
    remedy: "See those codes.",
  },
  SERIALIZATION_INVALID: {
    meaning:
      "STATUS.json holds a number such as 1.0 or 1e5 that verifiers write in different ways, so that two could derive two roots (phase 4).",
    remedy: "Ask the signer to seal again with an integer, or with the number as text.",
  },
  BUNDLE_ROOT_MISMATCH: {
    meaning: "The task spec, the status or the list of hashes is not what was signed (phase 5).",
    remedy: SUSPECT,
  },
  DECISION_INVALID: {
    meaning:
      "The run is not an accepted one: its decision is not ACCEPT, its status not success, or its cmp01 not pass (phases 5 and 10).",
    remedy: "Ask why the run failed; a bundle of a failed run is honest, but vouches for nothing.",
  },
  SIGNATURE_INCOMPLETE: { meaning: "SIGNATURE.json lacks a field (phase 6).", remedy: AGAIN },
  SIGNATURE_MALFORMED: {
    meaning:
      "SIGNATURE.json has an unknown field, another payload type, or a signature that is not 128 lowercase hex characters (phase 6).",
    remedy: AGAIN,
  },
  SIGNATURE_INVALID: {
    meaning: "The signature does not hold over this bundle with this key (phase 6).",
    remedy: SUSPECT,
  },
  SIGNATURE_MULTIPLE: {
    meaning: "Reserved. A second signature is reported as ARTIFACT_EXTRA or ARTIFACT_MALFORMED.",
    remedy: "See those codes.",
  },
  RESTORATION_FAILED: {
    meaning: "The proof says that the run did not leave its scratch folders as it found them (phase 7).",
    remedy: "Don't use the outputs; run the task again.",
  },
  FORBIDDEN_ARTIFACT: {
    meaning: "The run directory holds logs, tmp or transcript.json, which must not be in a bundle (phase 8).",
    remedy: "If you put it there, move it out and verify again.",
  },
  OUTPUT_MISSING: {
    meaning:
      "An output is not there as a regular file: below the root, in the store, or in the archive or registry that carries the run. Or its path could lead elsewhere and was not looked for (phase 9).",
    remedy:
      "In a folder, check --files; if files were removed on purpose, the bundle no longer describes the folder. Of an archive or registry, ask for the run again. runseal verify --all lists them all.",
  },
  HASH_MISMATCH: {
    meaning:
      "An output is there, but is not the file that was sealed, or the outputs are larger than the bundle declares (phase 9).",
    remedy:
      "Restore the file from where the bundle came from, or have the run sealed again. runseal verify --all lists every changed file.",
  },
  PAYLOAD_MISMATCH: {
    meaning:
      "The bundle's binding does not hold: the proof, the list of hashes, the run id, a count or the version is another than the signed one (phase 10).",
    remedy:
      "Check that the run directory still has the name it was sealed under; else, and in an archive or registry, treat the bundle as tampered with.",
  },
  CHAIN_EMPTY: {
    meaning: "A history needs at least one run.",
    remedy:
      "Name the bundles in the order in which the runs happened; without any, seal something in this project first.",
  },
  CHAIN_DUPLICATE_RUN: {
    meaning: "Two runs of the history have the same id.",
    remedy: "Name each bundle once.",
  },
  CHAIN_ROOT_MISMATCH: {
    meaning:
      "The chain root is not the expected one, or a bundle does not name the one before it: the order was changed, or a run was taken out.",
    remedy:
      "Check the order and that none is missing, the first one included; else treat the history as tampered with.",
  },
  INVALID_CHAIN_REFERENCE: {
    exit: 0,
    meaning: "A note: a run of the history names an input that no earlier run of it produced.",
    remedy: "Nothing to do, unless that input should have come from an earlier run.",
  },
  VALIDATOR_UNSUPPORTED: {
    exit: 0,
    meaning: "A note: a run of the history was sealed by a validator version that runseal does not know.",
    remedy: "Nothing to do; the version is outside the signature and is not judged.",
  },
  HISTORY_CUT: {
    exit: 0,
    meaning:
      "A note: older runs of the project were forgotten on purpose (runseal prune), and a signed CUT.json says at which run the history begins.",
    remedy: "Nothing to do. Its signer is judged as the signer of a bundle is.",
  },
  HISTORY_BYTES_DROPPED: {
    exit: 0,
    meaning:
      "A note: bytes of this run were dropped on purpose (runseal prune), and a signed DROPPED.json lists it. Its bundle, and what is left of its files, is as sealed.",
    remedy: "Nothing to do. The signer of DROPPED.json is judged as the signer of a bundle is.",
  },
};
