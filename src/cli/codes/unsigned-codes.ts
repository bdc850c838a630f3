/** The codes of bundles that were sealed without a signer, and of signing them. @module */

import { quote } from "../../core/internal.ts";
import type { OperationRecords } from "./code-record.ts";

/** One record for each code. */
export const UNSIGNED_RECORDS: OperationRecords<"SIGNING_UNCONFIRMED" | "UNSIGNED_INVALID"> = {
  UNSIGNED_INVALID: {
    exit: 1,
    meaning: "The unsigned bundle is not as a sealer writes it, or not one to sign.",
    remedy:
      "Have the outputs sealed again with seal --unsigned or run --unsigned, and carry all of the folder.",
    reasons: {
      missing: ({ shown }) => `the unsigned bundle lacks ${shown}`,
      extra: {
        message: ({ shown }) => `the unsigned bundle holds ${shown}, which no sealer puts there`,
        meaning: "A bundle that is signed already is refused in this way.",
        remedy:
          "Look at the entry. A signer signs nothing beside what it knows; remove the entry if it is yours.",
      },
      malformed: {
        message: ({ field, shown }) => `${shown} is not as a sealer writes it${fieldOf(field)}`,
        meaning: "A file is not of its form, or has a member that the signer would have to trust.",
      },
      mismatch: {
        message: ({ field, shown }) => `${shown} contradicts what it stands for${fieldOf(field)}`,
        meaning: "A digest, count, run id or time is another: the bundle was changed, or copied in parts.",
      },
      "run-failed": {
        message: "the unsigned bundle says that its run failed; a failed run is not signed",
        meaning: "In the project where it ran, the next bundle of the history lists it.",
        remedy: "Look into its STATUS.json for the reason, and run the command again under another id.",
      },
      "from-later": {
        message: ({ run_id }) => `${quote(run_id)} says that it was sealed later than now`,
        meaning: "No verifier would accept the bundle: one of two clocks is wrong.",
        remedy: "Set the clocks of both machines, or wait until that time has passed.",
      },
    },
  },
  SIGNING_UNCONFIRMED: {
    exit: 2,
    message: "nothing was signed: there is no terminal to ask on, and --yes was not given",
    remedy: "Look at what is to be signed, then give --yes.",
  },
};

function fieldOf(field: string | undefined): string {
  return field === undefined ? "" : `: ${quote(field)}`;
}
