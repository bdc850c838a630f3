/** The codes of trust decisions, trust files and countersignatures. @module */

import {
  type CountersignatureCode,
  MAX_TIMESTAMPS,
  MAX_TRUST_FILE_BYTES,
  quote,
  type TrustCode,
} from "../../core/internal.ts";
import { countOf } from "../../core/system/bytes/count-text.ts";
import type { TrustRequestFault } from "../../node/keys/trust/read-trust.ts";
import { OWN_LABEL } from "../../node/keys/trust/read-trust.ts";
import { machineWords } from "../text/machine-words.ts";
import { namesWords, trustLineWords } from "../text/trust-line-words.ts";
import { type ErrorRecord, type MeaningRecord, messageOf, type OperationRecords } from "./code-record.ts";

/** The code of a request for a trust policy that failed. */
type RequestCode = TrustRequestFault["code"];

/** The codes of an edit that failed: of a trust file, or of a bundle's countersignatures. */
type EditCode =
  | "COUNTERSIGNATURES_MALFORMED"
  | "COUNTERSIGNER_IS_SIGNER"
  | "NOTHING_TO_ADD"
  | "TRUST_LINE_NOT_FOUND"
  | "TRUST_LINE_REFUSED";

/** The facts of each failed request. */
type RequestFaults = {
  readonly [Code in RequestCode]: Extract<TrustRequestFault, { readonly code: Code }>;
};

/** One record for each decision; the reason is the core's. */
export const TRUST_RECORDS: Readonly<
  Record<Exclude<TrustCode | CountersignatureCode, RequestCode | EditCode>, MeaningRecord>
> = {
  SIGNER_UNKNOWN: {
    meaning: "The bundle is sound, but no line of the trust policy vouches for its signer.",
    remedy: "Ask the signer for the public key over a way you trust, and add it to the trust file.",
  },
  SIGNER_REVOKED: {
    meaning: "The bundle is sound, but the trust policy revokes the signer's key.",
    remedy: "Don't use it. Ask the signer to seal again with a new key.",
  },
  SIGNER_NOT_YET_VALID: {
    meaning: "The bundle says it was sealed before the moment from which its signer is trusted.",
    remedy: "Check valid-after in the trust file; else ask the signer.",
  },
  SIGNER_EXPIRED: {
    meaning: "The bundle says it was sealed after the moment until which its signer is trusted.",
    remedy: "Check valid-before in the trust file; else ask the signer for a newer key.",
  },
  SIGNER_THRESHOLD_UNMET: {
    meaning: "The bundle is sound, but the trust file requires that more of its signers vouch for it.",
    remedy: "Ask those who are missing to look at the bundle and to run runseal sign --counter on it.",
  },
  TIME_CONTRADICTS: {
    meaning: "The bundle is sound, but a trusted authority saw the signature before the time that it says.",
    remedy: "Ask the signer: its clock was wrong, or it wrote another time. Seal again with the right time.",
  },
  TIMESTAMP_REQUIRED: {
    meaning: "The bundle is sound, but --require-timestamp was given, and no trusted timestamp holds.",
    remedy:
      "Name the authority with runseal trust add NAME --tsa CERT, or add a timestamp with runseal sign --time RUN --tsa URL.",
  },
  TRUST_POLICY_MISSING: {
    meaning: "The bundle is sound, but there is no trust policy: neither a trust file nor --signer.",
    remedy:
      "Ask the signer for the public key over a way you trust. Then give --signer KEY or --trust FILE, or add the key with runseal trust add NAME KEY.",
  },
  COUNTERSIGNATURE_INVALID: {
    exit: 0,
    meaning:
      "A note: a countersignature is not of its form, or does not hold over this bundle. It does not count.",
    remedy: "Nothing to do, unless it should count: then ask its signer to countersign again.",
  },
};

/** One record for each failed request. */
export const TRUST_REQUEST_RECORDS: {
  readonly [Code in RequestCode]: ErrorRecord<RequestFaults[Code]>;
} = {
  TRUST_FILE_MALFORMED: {
    message: badLineWords,
    meaning: "A line of the trust file is not understood, so nothing in the file is trusted.",
    remedy: "Correct the line that is named.",
  },
  TRUST_FILE_UNREADABLE: {
    exit: 4,
    message: ({ file, reason }) =>
      `could not read ${file === OWN_LABEL ? file : `the trust file ${quote(file)}`}: ${unreadableWords(reason)}`,
    meaning: "The trust file can't be read.",
    remedy: "Check the path and its permissions; runseal doctor looks at your own files.",
  },
  SIGNER_NOT_A_KEY: {
    exit: 2,
    message: ({ text }) => `--signer ${quote(text)} is not a public key`,
    meaning: "The value of --signer is neither an Ed25519 public key nor a .pub or .pem file with one.",
    remedy:
      "Give 64 lowercase hex, 'ssh-ed25519 AAAA…' as one argument, a .pub or .pem file, SHA256:… or id:….",
  },
};

/** One record for each failed edit. */
export const TRUST_EDIT_RECORDS: OperationRecords<EditCode> = {
  TRUST_LINE_REFUSED: {
    meaning: "The trust file can't have the line, or be without it; nothing was changed.",
    remedy:
      "runseal trust list shows the line: edit or remove it by hand, or that of a key with runseal trust remove.",
    reasons: {
      exists: {
        message: ({ line, names, shown }) =>
          `${shown} line ${line} has that already, for ${namesWords(names)}; nothing was changed`,
        meaning: "The trust file has a line for the key, the authority or the same signers already.",
      },
      required: {
        message: ({ shown }) => `a [require …] line of ${shown} could not be met; nothing was changed`,
        remedy:
          "A [require …] line counts signers that the file lists: runseal trust add adds one. Or change that line by hand.",
      },
    },
  },
  TRUST_LINE_NOT_FOUND: {
    message: ({ shown }) => `no line of ${shown} lists that key or name; nothing was changed`,
    remedy: "runseal trust list shows what it lists.",
  },
  COUNTERSIGNATURES_MALFORMED: {
    exit: 1,
    message: ({ shown }) => `nothing can be added to the COUNTERSIGNATURES.json of ${shown}`,
    meaning:
      "COUNTERSIGNATURES.json can't be read, or is not of its form: none in it counts. No verdict depends on it.",
    remedy: "Ask where it came from; without it the countersigners can sign again.",
  },
  COUNTERSIGNER_IS_SIGNER: {
    exit: 2,
    message: ({ shown }) => `${shown} was sealed with this very key`,
    remedy: "Countersign with another key.",
  },
  NOTHING_TO_ADD: {
    meaning: "The bundle has what was to be added; nothing was changed.",
    remedy: "Nothing.",
    reasons: {
      countersigned: {
        message: ({ shown }) => `${shown} is countersigned with this key already; nothing was changed`,
        remedy: "Nothing, or countersign with another key.",
      },
      timestamps: {
        message: ({ shown }) => `${shown} has ${MAX_TIMESTAMPS} timestamps of trusted authorities already`,
        remedy: "Nothing: the earliest of them counts, and a new one would be later.",
      },
    },
  },
};

/** One sentence for a failed request. `code` is a parameter of its own, so that the compiler relates record and facts. */
export function trustRequestMessage<Code extends RequestCode>(
  code: Code,
  fault: RequestFaults[Code],
): string {
  const record: ErrorRecord<RequestFaults[Code]> = TRUST_REQUEST_RECORDS[code];
  return messageOf(record, fault);
}

/** Which line of which file is bad, why, and what follows. */
export function badLineWords({ file, line, reason }: RequestFaults["TRUST_FILE_MALFORMED"]): string {
  return `${file === OWN_LABEL ? file : quote(file)} line ${line}: ${trustLineWords(reason)}; nothing in it is trusted`;
}

function unreadableWords(reason: RequestFaults["TRUST_FILE_UNREADABLE"]["reason"]): string {
  switch (reason) {
    case "not-there":
      return "it is not there";
    case "not-a-file":
      return "it is not a regular file";
    case "too-large":
      return `it is larger than ${countOf(MAX_TRUST_FILE_BYTES, "byte")}`;
    default:
      return machineWords(reason);
  }
}
