/** The codes of evidence that other tools made. @module */

import {
  type EvidenceCode,
  type EvidenceFacts,
  type EvidencePlace,
  explainMalformed,
  quote,
  type StrictJsonReason,
} from "../../core/internal.ts";
import { countOf } from "../../core/system/bytes/count-text.ts";
import type { ErrorRecord } from "./code-record.ts";

/** One record for each code. */
export const EVIDENCE_RECORDS: { readonly [Code in EvidenceCode]: ErrorRecord<EvidenceFacts[Code]> } = {
  EVIDENCE_MALFORMED: {
    message: (facts) =>
      `the evidence is malformed${lineOf(facts)}${pathOf(facts)}: ${reasonWords(facts.reason)}`,
    meaning: "The evidence is not of the exact form of its format. What it says was not believed.",
    remedy:
      "Don't use the files on its word. Get it again, or have its maker write it in the exact form: docs/check.md.",
    reasons: {
      "too-large": {
        message: ({ limit, unit }) =>
          `the evidence is beyond the limit of ${countOf(limit, unit === "subjects" ? "file" : "byte")}`,
        meaning: "The evidence is beyond a limit.",
        remedy: "Ask its maker for several smaller ones; a bundle of runseal takes five million files.",
      },
      empty: {
        message: "the evidence is about no file",
        remedy: "Ask its maker for one that names the files.",
      },
      key: {
        message: "no private key can exist for the public key in the signature",
        remedy: "Don't use the files. Get them and the evidence again, over another channel.",
      },
    },
  },
  EVIDENCE_UNSUPPORTED: {
    exit: 4,
    message: (facts) =>
      `the evidence is not of a kind that check judges${pathOf(facts)}: ${
        facts.reason === "ssh-namespace"
          ? `the signature is for the namespace ${quote(facts.actual)}, not for ${quote(facts.expected)}`
          : reasonWords(facts.reason)
      }`,
    meaning:
      "The evidence is of a variant that runseal does not judge: it is neither true nor false by that.",
    remedy:
      "See docs/check.md for what is judged; have it signed again in one of those ways, or use its own tool.",
    reasons: {
      unknown: {
        message: "the file is in none of the formats that check judges",
        meaning:
          "It is neither a proof of files, nor a Sigstore bundle, nor a DSSE envelope, nor a signature of ssh-keygen, minisign or signify.",
        remedy: "Name the signature or the proof, not what is signed; a run directory is for runseal verify.",
      },
      unsigned: {
        message: "the file is a list of digests without a signature, so any writer could have made it",
        remedy:
          "Name its signature, such as SHA256SUMS.sig or SHA256SUMS.minisig; the list may lie beside it.",
      },
    },
  },
  EVIDENCE_INCOMPLETE: {
    message: "what the evidence is about is missing",
    remedy: "Put it beside the evidence.",
    reasons: {
      list: {
        message: ({ path, shown }) =>
          path === undefined
            ? "the signature is of a list of digests in another file, and its own name does not say of which"
            : `the list of digests that the signature is about is missing: ${shown}`,
        meaning: "The list of digests that the signature is about is missing, or its name is not known.",
        remedy:
          "Put the list beside its signature, under the name of the signature without .sig or .minisig.",
      },
      run: {
        message: ({ shown }) => `the run whose root was signed is missing: ${shown}`,
        remedy: "Put the run directory into .runseal/runs of --files, or name it with --run DIR.",
      },
    },
  },
  EVIDENCE_KEY_NEEDED: {
    exit: 3,
    message: "the evidence holds no key that could be believed, and no whole key was given to verify it with",
    meaning:
      "Envelopes, bundles and signatures of minisign and signify are verified with a key of yours. A fingerprint is not enough.",
    remedy:
      "Give the signer's public key with --signer: in PEM, minisign's or signify's form, or as an SSH key.",
    reasons: {
      "too-many": {
        message: "the evidence does not say which key made it, and the trust policy lists too many to try",
        remedy: "Name the one key with --signer KEY.",
      },
    },
  },
  EVIDENCE_SIGNATURE_INVALID: {
    message: "the signature does not hold for what is signed, with any key that is believed",
    remedy: "Check that the key is the signer's. If it is, don't use the files.",
  },
  EVIDENCE_EXTRA: {
    message: ({ kind, shown }) => `the ${kind} ${shown} is there and was not signed`,
    meaning: "With --exact: something below the root is in no line of the evidence.",
    remedy: "Look at it. If it belongs there, leave --exact out, or name it with --ignore PATTERN.",
  },
};

/** What is wrong with any strict JSON. */
type JsonReason = StrictJsonReason | "not-an-object";

/** The other reasons whose words need no facts. */
type OwnReason = Exclude<
  EvidenceFacts["EVIDENCE_MALFORMED" | "EVIDENCE_UNSUPPORTED"]["reason"],
  JsonReason | "ssh-namespace"
>;

const REASONS: Readonly<Record<OwnReason, string>> = {
  fields: "its members are not those of the format",
  payload: "its payload is not base64",
  signature: "the signature is not of its form",
  armor: "its armor is not that of an SSH signature",
  blob: "what the armor holds is not an SSH signature",
  comment: "a comment is missing, or holds a control character",
  "trailing-lines": "lines follow behind its last one",
  statement: "the payload is not an in-toto Statement",
  subject: "a subject has no name or no digest",
  digest: "a digest is not 64 lowercase hex characters",
  predicate: "the predicate is not of its type's form",
  inconsistent: "it says two things of the same",
  line: "the line is neither of sha256sum nor of signify",
  "mixed-lines": "its lines are of two forms",
  "last-line": "its last line has no end",
  "control-character": "the line holds a control character",
  duplicate: "the name is there already",
  "too-large": "it is beyond a limit",
  empty: "it is about no file",
  key: "no private key can exist for its key",
  unknown: "it is in none of the formats that check judges",
  unsigned: "it is a list of digests without a signature",
  certificate: "it was signed with a certificate, not with a plain key",
  "message-signature": "it signs the bytes of one file without a name, not a statement",
  "media-type": "its media type is not that of a Sigstore bundle v0.3",
  "payload-type": "its payload is not of in-toto",
  "several-signatures": "it has more than one signature",
  "statement-type": "its payload is not an in-toto Statement of version 1 or 0.1",
  "digest-algorithm": "a file is named by another digest than SHA-256",
  serialization: "the model was not signed file by file",
  "ssh-version": "the SSH signature is of another version than 1",
  "ssh-key-type": "the SSH key is not of type ssh-ed25519",
  "ssh-hash": "the SSH signature is made over another hash than SHA-512 or SHA-256",
  "ssh-reserved": "the SSH signature uses a reserved field",
  "minisign-legacy": "it is in minisign's legacy form; minisign -S -H makes the other one",
  verdict: "it is a verdict on a run, which names no files: give its run to runseal verify",
  "minisign-algorithm": "the algorithm is neither minisign's nor signify's",
};

/** Words for every reason, whatever code it comes with. */
function reasonWords(reason: OwnReason | JsonReason): string {
  return isOwn(reason) ? REASONS[reason] : `it ${explainMalformed(reason)}`;
}

function isOwn(reason: string): reason is OwnReason {
  return Object.hasOwn(REASONS, reason);
}

/** A place, as facts have it that may have none. */
type Placed = EvidencePlace & { readonly reason: string };

function lineOf({ entry, line }: Placed): string {
  if (line !== undefined) return ` in line ${line}`;
  return entry === undefined ? "" : ` in entry ${entry}`;
}

function pathOf({ path }: Placed): string {
  return path === undefined ? "" : ` at ${quote(path)}`;
}
