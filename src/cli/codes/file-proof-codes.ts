/** The codes of proofs of files. @module */

import {
  explainMalformed,
  type FileProofCode,
  type FileProofFacts,
  MAX_FILE_PROOF_BYTES,
  quote,
} from "../../core/internal.ts";
import { countOf } from "../../core/system/bytes/count-text.ts";
import { namedAndMore } from "../text/bounded-list.ts";
import type { ErrorRecord } from "./code-record.ts";

/** The case of AMBIGUOUS in which a name may mean several files of a proof. */
export const AMBIGUOUS_FILE = {
  message: ({ candidates = [], named }: { candidates?: readonly string[]; named: string }): string =>
    `${named} may be any of these in the proof: ${namedAndMore(candidates, 0)}`,
  meaning: "The file's name fits several paths of the proof.",
  remedy: "Say which is meant with --as PATH.",
} as const;

type MalformedReason = FileProofFacts["FILE_PROOF_MALFORMED"]["reason"];

/** The reasons that no other strict JSON has. */
type OwnReason = "newer-version" | "fields" | "statement" | "no-files" | "file" | "steps" | "order";

/** One record for each code. */
export const FILE_PROOF_RECORDS: { readonly [Code in FileProofCode]: ErrorRecord<FileProofFacts[Code]> } = {
  OUTPUTS_ROOT_MISSING: {
    message: "the bundle has no OUTPUTS_ROOT.json, by which its files could be proven one by one",
    remedy: "Have the files sealed again, or hand over the whole bundle; runseal verify needs no such file.",
  },
  OUTPUTS_ROOT_INVALID: {
    meaning:
      "OUTPUTS_ROOT.json is not the signer's statement of this bundle; nothing is proven by it. No verdict depends on it.",
    remedy: "Get the bundle again from its signer, over another channel.",
    reasons: {
      form: "OUTPUTS_ROOT.json is not a statement of outputs",
      mismatch: {
        message: ({ field }) => `OUTPUTS_ROOT.json is not true of this bundle: its "${field}" is another`,
        meaning: "It is another bundle's, or false.",
      },
      signature: "the signature in OUTPUTS_ROOT.json does not hold with the bundle's key",
    },
  },
  FILE_NOT_IN_BUNDLE: {
    message: (facts) => `the bundle does not have ${"names" in facts ? filesOf(facts.names) : facts.shown}`,
    meaning: "The bundle has no output of that path, and none at that place below the root.",
    remedy:
      "Name files, not folders, as the bundle does or as they lie below --files; runseal show lists them.",
    reasons: {
      kind: {
        message: ({ kind, shown }) => `${shown} is a ${kind} in this bundle, and only files can be proven`,
        meaning: "The bundle has a link or a folder at that path, and a proof shows the bytes of a file.",
        remedy:
          "Name the files themselves: of a link the file that it leads to, of a folder the files in it.",
      },
    },
  },
  FILE_PROOF_TOO_LARGE: {
    exit: 2,
    message: `a proof of so many files would be larger than ${countOf(MAX_FILE_PROOF_BYTES, "byte")}`,
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
    remedy: "Don't rely on the file. Ask for a new proof, made from the bundle.",
    reasons: {
      key: "no private key can exist for the proof's public key",
      identity: "the proof's statement names another signer than its public key",
      signature: "the signature does not hold for the proof's statement and key",
      "not-member": ({ shown }) =>
        `the proof does not show that ${shown} was in the run: its steps lead to another root`,
    },
  },
  FILE_NOT_PROVEN: {
    message: ({ names }) => `the proof says nothing of ${filesOf(names)}`,
    meaning: "The proof is sound, but says nothing of a file of that name, nor of one with those bytes.",
    remedy:
      "Check that it is the right proof, and the right version of the file; without a file, runseal check shows what the proof is about.",
  },
  AMBIGUOUS: { exit: 2, ...AMBIGUOUS_FILE },
  FILE_DIFFERS: {
    message: ({ named, shown }) => `${named} is not the file that was sealed as ${shown}`,
    remedy:
      "Get the file again from where the proof came from; if it is another one, say which with --as PATH.",
  },
};

/** The one file, or how many they are. */
function filesOf([first = "", ...others]: readonly string[]): string {
  return others.length === 0 ? quote(first) : `these ${others.length + 1} files`;
}

const REASONS: Readonly<Record<OwnReason, string>> = {
  "newer-version": "is of a newer version than this runseal knows",
  fields: "has not exactly the members version (1), statement, public_key and files",
  statement: "holds no statement of outputs in its exact form",
  "no-files": "is about no file",
  file: "has a file that is not exactly a path, a sha256 and steps",
  steps: "has a file whose steps are not of their form, or more than 64",
  order: "has its files out of order, or one twice",
};

function malformedWords(reason: MalformedReason): string {
  if (reason === "too-large") return explainMalformed({ limit: MAX_FILE_PROOF_BYTES, unit: "bytes" });
  return isOwn(reason) ? REASONS[reason] : explainMalformed(reason);
}

function isOwn(reason: MalformedReason): reason is OwnReason {
  return reason in REASONS;
}
