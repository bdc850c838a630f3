/** The codes of proofs of files. @module */

import {
  explainMalformed,
  type FileProofCode,
  type FileProofFault,
  type FileProofReason,
  MAX_FILE_PROOF_BYTES,
  quote,
} from "../../core/internal.ts";
import { boundedList } from "../text/bounded-list.ts";
import { countOf } from "../text/count-text.ts";
import type { ErrorRecord } from "./record.ts";

const NOT_GENUINE = "Don't rely on the file. Ask for a new proof, made from the bundle.";

/** What the messages need. */
export interface FileProofFacts extends FileProofDetails {
  /** The path in the bundle, quoted. */
  readonly shown: string;
  /** The one file, quoted, or how many they are. */
  readonly named: string;
}

/** The reasons that no other strict JSON has. */
type OwnReason = "newer-version" | "fields" | "statement" | "no-files" | "file" | "steps" | "order";

type FileProofDetails = FileProofFault["details"];

/** One record for each code. */
export const FILE_PROOF_RECORDS: Readonly<Record<FileProofCode, ErrorRecord<FileProofFacts>>> = {
  OUTPUTS_ROOT_MISSING: {
    message: "the bundle has no OUTPUTS_ROOT.json, by which its files could be proven one by one",
    meaning:
      "The bundle has no OUTPUTS_ROOT.json, so its files can't be proven one by one: it was sealed by another program, or it holds a name such as C:x that no tree takes.",
    remedy: "Have the files sealed again, or hand over the whole bundle; runseal verify needs no such file.",
  },
  OUTPUTS_ROOT_MALFORMED: {
    message: "OUTPUTS_ROOT.json is not a statement of outputs",
    meaning:
      "OUTPUTS_ROOT.json is not a regular file, not strict JSON, or not of its form. No verdict depends on it.",
    remedy: "Get the bundle again from its signer.",
  },
  OUTPUTS_ROOT_MISMATCH: {
    message: ({ field }) => `OUTPUTS_ROOT.json is not true of this bundle: its "${field}" is another`,
    meaning:
      "OUTPUTS_ROOT.json says something else than the bundle beside it: it is another bundle's, or false. Nothing is proven by it.",
    remedy: "Get the bundle again from its signer, over another channel.",
  },
  OUTPUTS_ROOT_INVALID: {
    message: "the signature in OUTPUTS_ROOT.json does not hold with the bundle's key",
    meaning:
      "The signature in OUTPUTS_ROOT.json does not hold with the bundle's key. Nothing is proven by it.",
    remedy: "Get the bundle again from its signer, over another channel.",
  },
  FILE_NOT_IN_BUNDLE: {
    message: ({ named }) => `the bundle does not have ${named}`,
    meaning: "The bundle has no output of that path, and none at that place below the root.",
    remedy:
      "Name files, not folders, as the bundle does or as they lie below --files; runseal show lists them.",
  },
  PATH_NOT_A_FILE: {
    message: ({ kind = "folder", shown }) =>
      `${shown} is a ${kind} in this bundle, and only files can be proven`,
    meaning:
      "The bundle has a link or a folder at that path. A proof shows the bytes of a file, so there is nothing to prove.",
    remedy: "Name the files themselves: of a link the file that it leads to, of a folder the files in it.",
  },
  FILE_PROOF_TOO_LARGE: {
    exit: 2,
    message: `a proof of so many files would be larger than ${countOf(MAX_FILE_PROOF_BYTES, "byte")}`,
    meaning: "A proof of so many files would be larger than the limit of 64 MiB.",
    remedy: "Prove fewer files at a time, or hand over the bundle itself.",
  },
  FILE_PROOF_MALFORMED: {
    message: ({ entry, reason }) =>
      `the proof ${malformedWords(reason)}${entry === undefined ? "" : ` (number ${entry})`}`,
    meaning: "The proof is not strict JSON, or not of the form of a proof of files.",
    remedy: "Check that the file is the proof, whole and unchanged; else ask for it again.",
  },
  FILE_PROOF_KEY_INVALID: {
    message: "no private key can exist for the proof's public key",
    meaning:
      "The proof's public key is not 64 lowercase hex characters, or one for which no private key can exist.",
    remedy: NOT_GENUINE,
  },
  FILE_PROOF_IDENTITY_INVALID: {
    message: "the proof's statement names another signer than its public key",
    meaning: "The proof's statement names another signer than the key that came with it.",
    remedy: NOT_GENUINE,
  },
  FILE_PROOF_SIGNATURE_INVALID: {
    message: "the signature does not hold for the proof's statement and key",
    meaning:
      "The signature does not hold over the proof's statement with its key: one of the three was changed.",
    remedy: NOT_GENUINE,
  },
  FILE_PROOF_NOT_MEMBER: {
    message: ({ shown }) =>
      `the proof does not show that ${shown} was in the run: its steps lead to another root`,
    meaning:
      "The steps of a file lead to another root than the signed one: the proof does not show that this file, with this path and digest, was in the run.",
    remedy: NOT_GENUINE,
  },
  FILE_NOT_PROVEN: {
    message: ({ named }) => `the proof says nothing of ${named}`,
    meaning: "The proof is sound, but says nothing of a file of that name, nor of one with those bytes.",
    remedy:
      "Check that it is the right proof, and the right version of the file; without a file, runseal check shows what the proof is about.",
  },
  FILE_AMBIGUOUS: {
    exit: 2,
    message: ({ candidates = [], named }) =>
      `${named} may be any of these in the proof: ${boundedList(candidates.map(quote)).join(", ")}`,
    meaning: "The file's name fits several paths of the proof; runseal does not guess.",
    remedy: "Say which is meant with --as PATH.",
  },
  FILE_DIFFERS: {
    message: ({ named, shown }) => `${named} is not the file that was sealed as ${shown}`,
    meaning: "The proof is sound, but the file is not the one that was sealed under that path.",
    remedy:
      "Get the file again from where the proof came from; if it is another one, say which with --as PATH.",
  },
};

const REASONS: Readonly<Record<OwnReason, string>> = {
  "newer-version": "is of a newer version than this runseal knows",
  fields: "has not exactly the members version (1), statement, public_key and files",
  statement: "holds no statement of outputs in its exact form",
  "no-files": "is about no file",
  file: "has a file that is not exactly a path, a sha256 and steps",
  steps: "has a file whose steps are not of their form, or more than 64",
  order: "has its files out of order, or one twice",
};

function malformedWords(reason: FileProofReason | undefined): string {
  if (reason === "too-large") return explainMalformed({ limit: MAX_FILE_PROOF_BYTES, unit: "bytes" });
  return isOwn(reason) ? REASONS[reason] : explainMalformed(reason);
}

function isOwn(reason: FileProofReason | undefined): reason is OwnReason {
  return reason !== undefined && reason in REASONS;
}
