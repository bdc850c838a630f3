/** The codes of proofs of files. @module */

import {
  explainMalformed,
  FILE_PROOF_BREACHES,
  type FileProofBreach,
  type FileProofCode,
  type FileProofFault,
  MAX_FILE_PROOF_BYTES,
  quote,
} from "../../core/internal.ts";
import { boundedList } from "../text/bounded-list.ts";
import { countOf } from "../text/count-text.ts";
import type { ErrorRecord } from "./record.ts";

/** What to do where a name may mean several files of a proof. */
export const AS_PATH = "Say which is meant with --as PATH.";

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
export const FILE_PROOF_RECORDS: Readonly<Record<FileProofCode, ErrorRecord<FileProofFacts, string>>> = {
  OUTPUTS_ROOT_MISSING: {
    message: "the bundle has no OUTPUTS_ROOT.json, by which its files could be proven one by one",
    meaning:
      "The bundle has no OUTPUTS_ROOT.json, so its files can't be proven one by one: it was sealed by another program, or it holds a name such as C:x that no tree takes.",
    remedy: "Have the files sealed again, or hand over the whole bundle; runseal verify needs no such file.",
  },
  OUTPUTS_ROOT_INVALID: {
    meaning:
      "OUTPUTS_ROOT.json is not the signer's statement of this bundle; nothing is proven by it. No verdict depends on it.",
    remedy: "Get the bundle again from its signer, over another channel.",
    reasons: {
      form: {
        message: "OUTPUTS_ROOT.json is not a statement of outputs",
        meaning: "It is not a regular file, not strict JSON, or not of its form.",
      },
      mismatch: {
        message: ({ field }) => `OUTPUTS_ROOT.json is not true of this bundle: its "${field}" is another`,
        meaning: "It is another bundle's, or false.",
      },
      signature: { message: "the signature in OUTPUTS_ROOT.json does not hold with the bundle's key" },
    },
  },
  FILE_NOT_IN_BUNDLE: {
    message: ({ named }) => `the bundle does not have ${named}`,
    meaning: "The bundle has no output of that path, and none at that place below the root.",
    remedy:
      "Name files, not folders, as the bundle does or as they lie below --files; runseal show lists them.",
    reasons: {
      kind: {
        message: ({ kind = "folder", shown }) =>
          `${shown} is a ${kind} in this bundle, and only files can be proven`,
        meaning: "A proof shows the bytes of a file, and the bundle has a link or a folder at that path.",
        remedy:
          "Name the files themselves: of a link the file that it leads to, of a folder the files in it.",
      },
    },
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
  FILE_PROOF_INVALID: {
    meaning: "The proof is of its form, and does not hold: it shows nothing.",
    remedy: NOT_GENUINE,
    reasons: {
      key: { message: "no private key can exist for the proof's public key" },
      identity: { message: "the proof's statement names another signer than its public key" },
      signature: {
        message: "the signature does not hold for the proof's statement and key",
        meaning: "One of the three was changed.",
      },
      "not-member": {
        message: ({ shown }) =>
          `the proof does not show that ${shown} was in the run: its steps lead to another root`,
        meaning:
          "The steps lead to another root than the signed one: the proof does not show that this file, with this path and digest, was in the run.",
      },
    },
  },
  FILE_NOT_PROVEN: {
    message: ({ named }) => `the proof says nothing of ${named}`,
    meaning: "The proof is sound, but says nothing of a file of that name, nor of one with those bytes.",
    remedy:
      "Check that it is the right proof, and the right version of the file; without a file, runseal check shows what the proof is about.",
  },
  AMBIGUOUS: {
    exit: 2,
    message: ({ candidates = [], named }) =>
      `${named} may be any of these in the proof: ${boundedList(candidates.map(quote)).join(", ")}`,
    meaning: "The file's name fits several paths of the proof; runseal does not guess.",
    remedy: AS_PATH,
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

function malformedWords(reason: FileProofDetails["reason"]): string {
  if (reason === "too-large") return explainMalformed({ limit: MAX_FILE_PROOF_BYTES, unit: "bytes" });
  if (isOwn(reason)) return REASONS[reason];
  return explainMalformed(isBreach(reason) ? undefined : reason);
}

function isOwn(reason: FileProofDetails["reason"]): reason is OwnReason {
  return reason !== undefined && reason in REASONS;
}

/** Whether a reason belongs to another code, which has a sentence for it. */
function isBreach(reason: FileProofDetails["reason"]): reason is FileProofBreach {
  return reason !== undefined && FILE_PROOF_BREACHES.some((breach) => breach === reason);
}
