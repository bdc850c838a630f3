/** The codes of proofs of files explained: [what it means, what to do]. @module */

import type { FileProofCode } from "../../core/internal.ts";

const NOT_GENUINE = "Don't rely on the file. Ask whoever gave you the proof for a new one, from the bundle.";

/** One entry for each code. */
export const FILE_PROOF_EXPLANATIONS: Readonly<Record<FileProofCode, readonly [string, string]>> = {
  OUTPUTS_ROOT_MISSING: [
    "The bundle has no OUTPUTS_ROOT.json, so its files can't be proven one by one: it was sealed by another program, by an older runseal, or it holds a name such as C:x that no tree takes.",
    "Have the files sealed again, or hand over the whole bundle; runseal verify needs no such file.",
  ],
  OUTPUTS_ROOT_MALFORMED: [
    "OUTPUTS_ROOT.json is not a regular file, not strict JSON, or not of its form. No verdict depends on it.",
    "Get the bundle again from whoever sealed it.",
  ],
  OUTPUTS_ROOT_MISMATCH: [
    "OUTPUTS_ROOT.json says something else than the bundle beside it: it is another bundle's, or false. Nothing is proven by it.",
    "Get the bundle again from whoever sealed it, over another way.",
  ],
  OUTPUTS_ROOT_INVALID: [
    "The signature in OUTPUTS_ROOT.json does not hold with the bundle's key. Nothing is proven by it.",
    "Get the bundle again from whoever sealed it, over another way.",
  ],
  FILE_NOT_IN_BUNDLE: [
    "The bundle has no output of that path, and none at that place below the root.",
    "Name files, not folders, as the bundle does or as they lie below --root; runseal show lists them.",
  ],
  FILE_PROOF_TOO_LARGE: [
    "A proof of so many files would be larger than anybody reads: 64 MiB.",
    "Prove fewer files at a time, or hand over the bundle itself.",
  ],
  FILE_PROOF_MALFORMED: [
    "The proof is not strict JSON, or not of the form of a proof of files.",
    "Check that the file is the proof, whole and unchanged; else ask for it again.",
  ],
  FILE_PROOF_KEY_INVALID: [
    "The proof's public key is not 64 lowercase hex characters, or is one that nobody can hold a private key for.",
    NOT_GENUINE,
  ],
  FILE_PROOF_IDENTITY_INVALID: [
    "The proof's statement names another signer than the key that came with it.",
    NOT_GENUINE,
  ],
  FILE_PROOF_SIGNATURE_INVALID: [
    "The signature does not hold over the proof's statement with its key: one of the three was changed.",
    NOT_GENUINE,
  ],
  FILE_PROOF_NOT_MEMBER: [
    "The steps of a file lead to another root than the signed one: the proof does not show that this file, with this path and digest, was in the run.",
    NOT_GENUINE,
  ],
  FILE_NOT_PROVEN: [
    "The proof is sound, but says nothing of a file of that name, nor of one with those bytes.",
    "Check that it is the right proof, and the right version of the file; without a file, check-proof shows what the proof is about.",
  ],
  FILE_AMBIGUOUS: [
    "The file's name fits several paths of the proof; runseal does not guess.",
    "Say which is meant with --as PATH.",
  ],
  FILE_DIFFERS: [
    "The proof is sound, but the file is not the one that was sealed under that path.",
    "Get the file again from where the proof came from; if it is another one, say which with --as PATH.",
  ],
};
