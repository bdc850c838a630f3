/**
 * One sentence for every way in which a bundle is rejected. Pure data to words; whatever comes from the
 * bundle passes through `quote`.
 *
 * @module
 */

import type { StrictJsonReason } from "../json/strict-json.ts";
import { quote, quoteIfNeeded } from "../paths/quote.ts";
import type { VerifierCode } from "./codes.ts";
import type { RejectionDetails } from "./rejection-details.ts";

/** What tells apart failures that share a code. */
export type RejectionNote =
  | StrictJsonReason
  | "not-an-object"
  | "not-a-regular-file"
  | "number-overflow"
  | "proof-hash-differs"
  | "small-order-key"
  | "newer-binding"
  | "path-law"
  | "larger-than-declared"
  | "first-has-link"
  | { readonly limit: number; readonly unit: "bytes" | "entries" | "runs" }
  | { readonly folder: string; readonly sealedAs: string };

/** The values that accept a run, by the field they stand in. */
const ACCEPTING: Readonly<Record<string, string>> = { decision: "ACCEPT", status: "success", cmp01: "pass" };

/** Words for a rejection: lower case, what was found and what was wanted, no full stop. */
export function explainRejection(
  code: VerifierCode,
  details: RejectionDetails,
  note?: RejectionNote,
): string {
  const artifact = details.artifact === undefined ? "the chain" : quoteIfNeeded(details.artifact);
  const path = quote(details.path ?? "");
  switch (code) {
    case "ARTIFACT_MISSING":
      return `${artifact} is not in the run directory`;
    case "ARTIFACT_MALFORMED":
      return `${artifact} ${explainMalformed(note)}`;
    case "ARTIFACT_EXTRA":
      return `${artifact} stands beside the artifacts and could be taken for one of them`;
    case "FIELD_MISSING":
      return `${artifact} lacks ${listFields(details.missing)}`;
    case "FIELD_EXTRA":
      return `${artifact} has fields it must not have: ${listFields(details.extra)}`;
    case "ALGORITHM_UNSUPPORTED":
      return `the signer's algorithm is not "ed25519"`;
    case "KEY_INVALID":
      return note === "small-order-key"
        ? "no private key can exist for the public key"
        : "the public key is not 64 lowercase hex characters";
    case "IDENTITY_INVALID":
      return "the validator id is not the SHA-256 of the public key";
    case "IDENTITY_MISMATCH":
      return `${artifact} names another validator than VALIDATOR_IDENTITY.json`;
    case "SERIALIZATION_INVALID":
      return `${artifact} holds a number that verifiers write in different ways`;
    case "BUNDLE_ROOT_MISMATCH":
      return "the signed bundle root is not the root of these artifacts";
    case "DECISION_INVALID":
      return `${artifact} does not accept the run: "${details.field}" is not "${ACCEPTING[details.field ?? ""]}"`;
    case "SIGNATURE_INCOMPLETE":
      return `SIGNATURE.json lacks ${listFields(details.missing)}`;
    case "SIGNATURE_MALFORMED":
      return "SIGNATURE.json is not a bundle signature of 128 lowercase hex characters";
    case "SIGNATURE_INVALID":
      return "the signature does not hold for this bundle and this key";
    case "RESTORATION_FAILED":
      return "the proof says that the run did not leave its scratch folders as it found them";
    case "FORBIDDEN_ARTIFACT":
      return `${artifact} must not be in a run directory`;
    case "OUTPUT_MISSING":
      return note === "path-law"
        ? `the bundle names the output ${path}, which is not a lawful output path; it was not looked for`
        : `the output ${path} is not there as a regular file below the root`;
    case "HASH_MISMATCH":
      return note === "larger-than-declared"
        ? `the output ${path} was not read: the outputs up to it have ${details.found_bytes} bytes, and the bundle declares ${details.declared_bytes} for all of them`
        : `the output ${path} is not the file that was sealed`;
    case "PAYLOAD_MISMATCH":
      if (typeof note === "object" && "folder" in note)
        return `the folder is named ${quote(note.folder)}, the run was sealed as ${quote(note.sealedAs)}`;
      return note === "newer-binding"
        ? "the bundle's binding is of a newer version than this runseal knows; a newer runseal may accept it"
        : `the bundle's binding does not hold: "${details.field}" is not what was found`;
    case "CHAIN_EMPTY":
      return "a chain needs at least one bundle";
    case "CHAIN_DUPLICATE_RUN":
      return `run ids occur more than once: ${listFields(details.duplicates)}`;
    case "CHAIN_ROOT_MISMATCH":
      return explainBrokenChain(details, note);
  }
}

/** What is wrong with a text that should be a strict JSON object: the end of a sentence about it. */
export function explainMalformed(note: RejectionNote | undefined): string {
  if (typeof note === "object" && "limit" in note) return `is beyond the limit of ${note.limit} ${note.unit}`;
  switch (note) {
    case "not-utf8":
      return "is not UTF-8";
    case "byte-order-mark":
      return "begins with a byte-order mark";
    case "trailing-bytes":
      return "goes on after its JSON value";
    case "duplicate-key":
      return "has the same key twice in one object";
    case "too-many-values":
      return "holds more values than the limit of 12,000,000, or of 1,000,000 objects and arrays";
    case "too-long":
      return "is longer than a text can be on this platform";
    case "lone-surrogate":
      return "holds a lone surrogate";
    case "too-deep":
      return "is nested deeper than 512 levels";
    case "too-many-members":
      return "holds an object of more than 16777216 members";
    case "integer-too-long":
      return "holds an integer of more than 4300 digits";
    case "not-an-object":
      return "is not a JSON object";
    case "not-a-regular-file":
      return "is not a regular file";
    case "number-overflow":
      return "holds a number that no double can hold";
    case "proof-hash-differs":
      return "is not the proof that its proof_hash was computed over";
    default:
      return "is not JSON";
  }
}

function explainBrokenChain(details: RejectionDetails, note: RejectionNote | undefined): string {
  if (details.run_id === undefined) return "the chain root is not the one that was expected";
  const run = quote(details.run_id);
  return note === "first-has-link"
    ? `run ${run} names a bundle before it, but is the first of this chain`
    : `run ${run} does not name the bundle before it`;
}

function listFields(names: readonly string[] = []): string {
  return names.map(quoteIfNeeded).join(", ");
}
