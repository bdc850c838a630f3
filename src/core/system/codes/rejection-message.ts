/**
 * What a rejection tells besides its code (PROTOCOL 8): its facts, and one sentence for every way in which a bundle is
 * rejected. Text from the bundle passes through `quote`.
 *
 * @module
 */

import { OUTPUT_TREE_NAME } from "../paths/artifact-name.ts";
import { quote, quoteIfNeeded } from "../paths/quote.ts";
import type { VerifierCode } from "./codes.ts";
import type { AnyFacts, Case, None } from "./facts.ts";
import {
  type EntryAspect,
  type EntryKind,
  explainTreeReason,
  type TreeFormReason,
  type TreePathReason,
} from "./tree-reasons.ts";

type Of = { readonly artifact: string };
type At = { readonly path: string };
type Missing = { readonly missing: readonly string[] };
type Differs = { readonly expected: string; readonly actual: string };
/** What kind of entry of the tree is missing, or is there and was not sealed. */
type OfKind = At & { readonly kind: EntryKind };

/**
 * The protocol's facts about each failure, and nothing else: no exception text, no length of key material,
 * no absolute path. Strings here come from the bundle: quote them before showing them.
 *
 * `artifact`: its file name; a forbidden folder ends in `/`. `path`: an output's, as declared. `missing` and `extra`: names of fields,
 * sorted. Digests are `sha256:` and 64 hex.
 */
export interface RejectionFacts {
  ARTIFACT_MISSING: Of;
  /** Without an artifact, the chain. */
  ARTIFACT_MALFORMED: Partial<Of>;
  ARTIFACT_EXTRA: Of;
  FIELD_MISSING: Of & Missing;
  FIELD_EXTRA: Of & { readonly extra: readonly string[] };
  ALGORITHM_UNSUPPORTED: Of;
  KEY_INVALID: None;
  IDENTITY_INVALID: Of;
  IDENTITY_MISMATCH: Of;
  SERIALIZATION_INVALID: Of;
  BUNDLE_ROOT_MISMATCH: Partial<Of>;
  /** The member that does not accept the run. */
  DECISION_INVALID: Of & { readonly field: keyof typeof ACCEPTING };
  SIGNATURE_INCOMPLETE: Of & Missing;
  SIGNATURE_MALFORMED: Of;
  SIGNATURE_INVALID: Of;
  /** The proof's own words for what went wrong, null where it has none. */
  RESTORATION_FAILED: Of & { readonly condition: string | null };
  FORBIDDEN_ARTIFACT: Of;
  OUTPUT_MISSING: At;
  /** `expected`: null where the declared value isn't a digest. */
  HASH_MISMATCH: At & { readonly expected: string | null } & (Hashed | Oversized);
  /** The member of the binding that does not hold (PROTOCOL 11), and the run id that it names, where the run directory bears another name. */
  PAYLOAD_MISMATCH: { readonly field: string; readonly sealed_as?: string };
  TREE_MISSING: None;
  TREE_MISMATCH: { readonly field: "output_tree_sha256" };
  TREE_MALFORMED: Case<TreeFormReason>;
  TREE_UNLAWFUL: Case<TreePathReason, At> | Case<"too-many">;
  TREE_ENTRY_MISSING: OfKind;
  /** `expected` and `actual`: the kind, target or mode in the tree, and the one that was found. */
  TREE_ENTRY_DIFFERS: At & Differs & { readonly aspect: EntryAspect };
  TREE_EXTRA: OfKind;
  CHAIN_EMPTY: None;
  /** Run ids that occur more than once, sorted. */
  CHAIN_DUPLICATE_RUN: { readonly duplicates: readonly string[] };
  /** The bundle whose link is wrong; absent where it is the chain root. */
  CHAIN_ROOT_MISMATCH: { readonly run_id?: string };
}

/** An output that was hashed; `actual` is absent where there is no file to hash. */
type Hashed = { readonly actual?: string; readonly found_bytes?: undefined };

/** An output that was not read. */
interface Oversized {
  readonly actual?: never;
  /** Bytes of the outputs up to and including `path`, which are more than the bundle declares. */
  readonly found_bytes: number;
  /** Bytes that the bundle declares for all its outputs. */
  readonly declared_bytes: number;
}

/** The facts of any failure, each where it applies; `run_id`: which bundle of a chain. */
export type RejectionDetails = AnyFacts<RejectionFacts[RejectionCode]>;

/** Why a bundle or a chain is rejected. */
export type RejectionCode = keyof RejectionFacts;

/** One code of phase 11: why a bundle with a tree is rejected (PROTOCOL 8). */
export type TreeCode = Exclude<RejectionCode, VerifierCode>;

/** What tells apart failures that share a code and its facts; it goes into the sentence only. */
interface RejectionNotes {
  ARTIFACT_MALFORMED: [note: MalformedNote];
  KEY_INVALID: [note?: "small-order-key"];
  OUTPUT_MISSING: [note?: "path-law"];
  PAYLOAD_MISMATCH: [note?: "newer-binding" | OtherName | undefined];
  CHAIN_ROOT_MISMATCH: [note?: "first-has-link"];
}

/** The name of the run directory, and the one that the binding has. */
type OtherName = { readonly folder: string; readonly sealedAs: string };

/** What is wrong with a text that should be a strict JSON object. */
export type MalformedNote = keyof typeof MALFORMED | Limit;

type Limit = { readonly limit: number; readonly unit: "bytes" | "entries" | "runs" };

/** The note of a failure as an argument: none where no failure of the code has one. */
export type NoteOf<Code> = Code extends keyof RejectionNotes ? RejectionNotes[Code] : [];

type Sentence<Code extends RejectionCode> =
  | string
  | ((facts: RejectionFacts[Code], ...note: NoteOf<Code>) => string);

/** The values that accept a run, by the field they stand in. */
const ACCEPTING = { decision: "ACCEPT", status: "success", cmp01: "pass" } as const;

/** One sentence for each code, or a function that makes it. */
const SENTENCES: { readonly [Code in RejectionCode]: Sentence<Code> } = {
  ARTIFACT_MISSING: ({ artifact }) => `${quoteIfNeeded(artifact)} is not in the run directory`,
  ARTIFACT_MALFORMED: ({ artifact }, note) =>
    `${artifact === undefined ? "the chain" : quoteIfNeeded(artifact)} ${explainMalformed(note)}`,
  ARTIFACT_EXTRA: ({ artifact }) =>
    `${quoteIfNeeded(artifact)} stands beside the artifacts and could be taken for one of them`,
  FIELD_MISSING: ({ artifact, missing }) => `${quoteIfNeeded(artifact)} lacks ${listFields(missing)}`,
  FIELD_EXTRA: ({ artifact, extra }) =>
    `${quoteIfNeeded(artifact)} has fields it must not have: ${listFields(extra)}`,
  ALGORITHM_UNSUPPORTED: `the signer's algorithm is not "ed25519"`,
  KEY_INVALID: (_, note) =>
    note === "small-order-key"
      ? "no private key can exist for the public key"
      : "the public key is not 64 lowercase hex characters",
  IDENTITY_INVALID: "the validator id is not the SHA-256 of the public key",
  IDENTITY_MISMATCH: ({ artifact }) =>
    `${quoteIfNeeded(artifact)} names another validator than VALIDATOR_IDENTITY.json`,
  SERIALIZATION_INVALID: ({ artifact }) =>
    `${quoteIfNeeded(artifact)} holds a number that verifiers write in different ways`,
  BUNDLE_ROOT_MISMATCH: "the signed bundle root is not the root of these artifacts",
  DECISION_INVALID: ({ artifact, field }) =>
    `${quoteIfNeeded(artifact)} does not accept the run: "${field}" is not "${ACCEPTING[field]}"`,
  SIGNATURE_INCOMPLETE: ({ missing }) => `SIGNATURE.json lacks ${listFields(missing)}`,
  SIGNATURE_MALFORMED: "SIGNATURE.json is not a bundle signature of 128 lowercase hex characters",
  SIGNATURE_INVALID: "the signature does not hold for this bundle and this key",
  RESTORATION_FAILED: "the proof says that the run did not leave its scratch folders as it found them",
  FORBIDDEN_ARTIFACT: ({ artifact }) => `${quoteIfNeeded(artifact)} must not be in a run directory`,
  OUTPUT_MISSING: ({ path }, note) =>
    note === "path-law"
      ? `the bundle names the output ${quote(path)}, which is not a lawful output path; it was not looked for`
      : `the output ${quote(path)} is not there as a regular file`,
  HASH_MISMATCH: ({ path, ...found }) =>
    found.found_bytes !== undefined
      ? `the output ${quote(path)} was not read: the outputs up to it have ${found.found_bytes} bytes, and the bundle declares ${found.declared_bytes} for all of them`
      : `the output ${quote(path)} is not the file that was sealed`,
  PAYLOAD_MISMATCH: ({ field }, note) => {
    if (typeof note === "object")
      return `the run directory is named ${quote(note.folder)}, the run was sealed as ${quote(note.sealedAs)}`;
    return note === "newer-binding"
      ? "the bundle's binding is of a newer version than this runseal knows; a newer runseal may accept it"
      : `the bundle's binding does not hold: "${field}" is not what was found`;
  },
  TREE_MISSING: `${OUTPUT_TREE_NAME} is not in the run directory, and the signature names it`,
  TREE_MISMATCH: `${OUTPUT_TREE_NAME} is not the regular file that the signature names`,
  TREE_MALFORMED: ({ reason }) => `${OUTPUT_TREE_NAME} is malformed: ${explainTreeReason(reason)}`,
  TREE_UNLAWFUL: (facts) =>
    `${OUTPUT_TREE_NAME} describes no possible tree: ${facts.reason === "too-many" ? "" : `${quote(facts.path)} `}${explainTreeReason(facts.reason)}`,
  TREE_ENTRY_MISSING: ({ kind, path }) => `the ${kind} ${quote(path)} was sealed and is missing`,
  TREE_ENTRY_DIFFERS: ({ actual, aspect, expected, path }) =>
    expected === "empty-folder"
      ? `the folder ${quote(path)} was sealed empty and is not empty`
      : `${quote(path)} is not as it was sealed: its ${aspect} is ${quoteIfNeeded(actual)}, not ${quoteIfNeeded(expected)}`,
  TREE_EXTRA: ({ kind, path }) => `the ${kind} ${quote(path)} is there and was not sealed`,
  CHAIN_EMPTY: "a history needs at least one run",
  CHAIN_DUPLICATE_RUN: ({ duplicates }) => `run ids occur more than once: ${listFields(duplicates)}`,
  CHAIN_ROOT_MISMATCH: ({ run_id }, note) => {
    if (run_id === undefined) return "the chain root is not the one that was expected";
    return note === "first-has-link"
      ? `run ${quote(run_id)} names a bundle before it, but is the first of this history`
      : `run ${quote(run_id)} does not name the bundle before it`;
  },
};

/** Words for a rejection: lower case, what was found and what was wanted, no full stop. */
export function explainRejection<Code extends RejectionCode>(
  code: Code,
  details: RejectionFacts[Code],
  ...note: NoteOf<Code>
): string {
  const sentence: Sentence<Code> = SENTENCES[code];
  return typeof sentence === "string" ? sentence : sentence(details, ...note);
}

/** Ends of sentences about a text that should be a strict JSON object. */
const MALFORMED = {
  "not-json": "is not JSON",
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
} as const;

/** What is wrong with a text that should be a strict JSON object: the end of a sentence about it. */
export function explainMalformed(note: MalformedNote): string {
  return typeof note === "string" ? MALFORMED[note] : `is beyond the limit of ${note.limit} ${note.unit}`;
}

function listFields(names: readonly string[]): string {
  return names.map(quoteIfNeeded).join(", ");
}
