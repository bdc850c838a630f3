/**
 * What a rejection tells besides its code (PROTOCOL 8): its facts, and one sentence for every way in which a bundle is
 * rejected. Text from the bundle passes through `quote`.
 *
 * @module
 */

import type { StrictJsonReason } from "../json/strict-json.ts";
import { OUTPUT_TREE_NAME } from "../paths/artifact-name.ts";
import { quote, quoteIfNeeded } from "../paths/quote.ts";
import type { TreeCode, VerifierCode } from "./codes.ts";
import { type EntryAspect, type EntryKind, explainTreeReason, type TreeReason } from "./tree-reasons.ts";

/**
 * The protocol's facts about a failure, and nothing else: no exception text, no length of key material,
 * no absolute path. Strings here come from the bundle: quote them before showing them.
 */
export interface RejectionDetails {
  /** File name of the artifact; a forbidden folder ends in `/`. */
  readonly artifact?: string;
  /** An output's path, as declared. */
  readonly path?: string;
  /**
   * `sha256:` and 64 hex, or null where the declared value isn't of that form. With `aspect`, the kind, target or mode in the
   * tree.
   */
  readonly expected?: string | null;
  /** `sha256:` and 64 hex, absent where the output was not read. With `aspect`, the kind, target or mode that was found. */
  readonly actual?: string;
  /** Bytes of the outputs up to and including `path`, where they are more than the bundle declares. */
  readonly found_bytes?: number | undefined;
  /** Bytes that the bundle declares for all its outputs, where more were found. */
  readonly declared_bytes?: number | undefined;
  /** Names of fields, sorted. */
  readonly missing?: readonly string[];
  /** Names of fields, sorted. */
  readonly extra?: readonly string[];
  /** The proof's own words for what went wrong, null where it has none. */
  readonly condition?: string | null;
  /** The member that does not accept the run, or the member of the binding that does not hold (PROTOCOL 11). */
  readonly field?: string;
  /** The run id that the binding names, where the run directory bears another name. */
  readonly sealed_as?: string;
  /** Why OUTPUT_TREE.json is malformed or unlawful. */
  readonly reason?: TreeReason;
  /** What kind of entry of the tree is missing, or is there and was not sealed. */
  readonly kind?: EntryKind;
  /** In what an entry of the tree differs: `expected` and `actual` say how. */
  readonly aspect?: EntryAspect;
  /** Which bundle of a chain. */
  readonly run_id?: string;
  /** Run ids that occur more than once, sorted. */
  readonly duplicates?: readonly string[];
}

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

/** What the sentences need. */
interface Facts extends RejectionDetails {
  readonly note: RejectionNote | undefined;
  /** The artifact, or the chain. */
  readonly subject: string;
  /** The output's path, quoted. */
  readonly shown: string;
}

/** The values that accept a run, by the field they stand in. */
const ACCEPTING: Readonly<Record<string, string>> = { decision: "ACCEPT", status: "success", cmp01: "pass" };

/** One sentence for each code, or a function that makes it. */
const SENTENCES: Readonly<Record<VerifierCode | TreeCode, string | ((facts: Facts) => string)>> = {
  ARTIFACT_MISSING: ({ subject }) => `${subject} is not in the run directory`,
  ARTIFACT_MALFORMED: ({ note, subject }) => `${subject} ${explainMalformed(note)}`,
  ARTIFACT_EXTRA: ({ subject }) =>
    `${subject} stands beside the artifacts and could be taken for one of them`,
  FIELD_MISSING: ({ missing, subject }) => `${subject} lacks ${listFields(missing)}`,
  FIELD_EXTRA: ({ extra, subject }) => `${subject} has fields it must not have: ${listFields(extra)}`,
  ALGORITHM_UNSUPPORTED: `the signer's algorithm is not "ed25519"`,
  KEY_INVALID: ({ note }) =>
    note === "small-order-key"
      ? "no private key can exist for the public key"
      : "the public key is not 64 lowercase hex characters",
  IDENTITY_INVALID: "the validator id is not the SHA-256 of the public key",
  IDENTITY_MISMATCH: ({ subject }) => `${subject} names another validator than VALIDATOR_IDENTITY.json`,
  SERIALIZATION_INVALID: ({ subject }) => `${subject} holds a number that verifiers write in different ways`,
  BUNDLE_ROOT_MISMATCH: "the signed bundle root is not the root of these artifacts",
  DECISION_INVALID: ({ field = "", subject }) =>
    `${subject} does not accept the run: "${field}" is not "${ACCEPTING[field]}"`,
  SIGNATURE_INCOMPLETE: ({ missing }) => `SIGNATURE.json lacks ${listFields(missing)}`,
  SIGNATURE_MALFORMED: "SIGNATURE.json is not a bundle signature of 128 lowercase hex characters",
  SIGNATURE_INVALID: "the signature does not hold for this bundle and this key",
  RESTORATION_FAILED: "the proof says that the run did not leave its scratch folders as it found them",
  FORBIDDEN_ARTIFACT: ({ subject }) => `${subject} must not be in a run directory`,
  OUTPUT_MISSING: ({ note, shown }) =>
    note === "path-law"
      ? `the bundle names the output ${shown}, which is not a lawful output path; it was not looked for`
      : `the output ${shown} is not there as a regular file`,
  HASH_MISMATCH: ({ declared_bytes, found_bytes, note, shown }) =>
    note === "larger-than-declared"
      ? `the output ${shown} was not read: the outputs up to it have ${found_bytes} bytes, and the bundle declares ${declared_bytes} for all of them`
      : `the output ${shown} is not the file that was sealed`,
  PAYLOAD_MISMATCH: ({ field, note }) => {
    if (typeof note === "object" && "folder" in note)
      return `the run directory is named ${quote(note.folder)}, the run was sealed as ${quote(note.sealedAs)}`;
    return note === "newer-binding"
      ? "the bundle's binding is of a newer version than this runseal knows; a newer runseal may accept it"
      : `the bundle's binding does not hold: "${field}" is not what was found`;
  },
  TREE_MISSING: `${OUTPUT_TREE_NAME} is not in the run directory, and the signature names it`,
  TREE_MISMATCH: `${OUTPUT_TREE_NAME} is not the regular file that the signature names`,
  TREE_MALFORMED: ({ reason = "json" }) => `${OUTPUT_TREE_NAME} is malformed: ${explainTreeReason(reason)}`,
  TREE_UNLAWFUL: ({ path, reason = "path", shown }) =>
    `${OUTPUT_TREE_NAME} describes no possible tree: ${path === undefined ? "" : `${shown} `}${explainTreeReason(reason)}`,
  TREE_ENTRY_MISSING: ({ kind, shown }) => `the ${kind} ${shown} was sealed and is missing`,
  TREE_ENTRY_DIFFERS: ({ actual = "", aspect, expected, shown }) =>
    expected === "empty-folder"
      ? `the folder ${shown} was sealed empty and is not empty`
      : `${shown} is not as it was sealed: its ${aspect} is ${quoteIfNeeded(actual)}, not ${quoteIfNeeded(expected ?? "")}`,
  TREE_EXTRA: ({ kind, shown }) => `the ${kind} ${shown} is there and was not sealed`,
  CHAIN_EMPTY: "a history needs at least one run",
  CHAIN_DUPLICATE_RUN: ({ duplicates }) => `run ids occur more than once: ${listFields(duplicates)}`,
  CHAIN_ROOT_MISMATCH: ({ note, run_id }) => {
    if (run_id === undefined) return "the chain root is not the one that was expected";
    return note === "first-has-link"
      ? `run ${quote(run_id)} names a bundle before it, but is the first of this history`
      : `run ${quote(run_id)} does not name the bundle before it`;
  },
};

/** Words for a rejection: lower case, what was found and what was wanted, no full stop. */
export function explainRejection(
  code: VerifierCode | TreeCode,
  details: RejectionDetails,
  note?: RejectionNote,
): string {
  const sentence = SENTENCES[code];
  if (typeof sentence === "string") return sentence;
  const { artifact, path = "" } = details;
  const subject = artifact === undefined ? "the chain" : quoteIfNeeded(artifact);
  return sentence({ ...details, note, subject, shown: quote(path) });
}

/** Ends of sentences about a text that should be a strict JSON object. */
const MALFORMED: Readonly<Partial<Record<Extract<RejectionNote, string>, string>>> = {
  "not-utf8": "is not UTF-8",
  "byte-order-mark": "begins with a byte-order mark",
  "trailing-bytes": "goes on after its JSON value",
  "duplicate-key": "has the same key twice in one object",
  "too-many-values": "holds more values than the limit of 12,000,000, or of 1,000,000 objects and arrays",
  "too-long": "is longer than a text can be on this platform",
  "lone-surrogate": "holds a lone surrogate",
  "too-deep": "is nested deeper than 512 levels",
  "too-many-members": "holds an object of more than 16777216 members",
  "integer-too-long": "holds an integer of more than 4300 digits",
  "not-an-object": "is not a JSON object",
  "not-a-regular-file": "is not a regular file",
  "number-overflow": "holds a number that no double can hold",
  "proof-hash-differs": "is not the proof that its proof_hash was computed over",
};

/** What is wrong with a text that should be a strict JSON object: the end of a sentence about it. */
export function explainMalformed(note: RejectionNote | undefined): string {
  if (typeof note === "object" && "limit" in note) return `is beyond the limit of ${note.limit} ${note.unit}`;
  return (typeof note === "string" ? MALFORMED[note] : undefined) ?? "is not JSON";
}

function listFields(names: readonly string[] = []): string {
  return names.map(quoteIfNeeded).join(", ");
}
