/** The codes of bundles that were sealed without a signer, and of signing them. @module */

import { quote, quoteIfNeeded } from "../../core/internal.ts";
import type { OperationFacts, OperationRecords } from "./record.ts";

const AGAIN =
  "Have the outputs sealed again with seal --unsigned or run --unsigned, and carry all of the folder.";

/** One record for each code. */
export const UNSIGNED_RECORDS: OperationRecords<"SIGNING_UNCONFIRMED" | "UNSIGNED_INVALID"> = {
  UNSIGNED_INVALID: {
    exit: 1,
    meaning: "The unsigned bundle is not as a sealer writes it, or not one to sign.",
    remedy: AGAIN,
    reasons: {
      missing: {
        message: (facts) => `the unsigned bundle lacks ${artifactOf(facts)}`,
        meaning: "Every unsigned bundle has the file, or its STATUS.json names it.",
      },
      extra: {
        message: (facts) => `the unsigned bundle holds ${artifactOf(facts)}, which no sealer puts there`,
        meaning: "A bundle that is signed already is refused in this way.",
        remedy:
          "Look at the entry. A signer signs nothing beside what it knows; remove the entry if it is yours.",
      },
      malformed: {
        message: (facts) => `${artifactOf(facts)} is not as a sealer writes it${fieldOf(facts)}`,
        meaning:
          "A file is not a regular file, is beyond a limit, is not strict JSON in the form that seal --unsigned writes, or has a member that the signer would have to trust.",
      },
      mismatch: {
        message: (facts) => `${artifactOf(facts)} contradicts what it stands for${fieldOf(facts)}`,
        meaning:
          "A digest, a count, a run id or a time is not that of the file that it names: the bundle was changed, or copied in parts.",
      },
      "run-failed": {
        message: "the unsigned bundle says that its run failed; a failed run is not signed",
        meaning:
          "Its command failed, or did not leave its scratch folders as it found them. In the project where it ran, the next bundle of the history lists it.",
        remedy: "Look into its STATUS.json for the reason, and run the command again under another id.",
      },
      "from-later": {
        message: ({ run_id = "" }) => `${quote(run_id)} says that it was sealed later than now`,
        meaning: "No verifier would accept the bundle: one of two clocks is wrong.",
        remedy: "Set the clocks of both machines, or wait until that time has passed.",
      },
    },
  },
  SIGNING_UNCONFIRMED: {
    exit: 2,
    message: "nothing was signed: there is no terminal to ask on, and --yes was not given",
    meaning: "A signer is asked whether to sign what it is shown, and there was no terminal to ask on.",
    remedy: "Look at what is to be signed, then give --yes.",
  },
};

function artifactOf({ artifact = "the folder" }: OperationFacts): string {
  return quoteIfNeeded(artifact);
}

function fieldOf({ field }: OperationFacts): string {
  return field === undefined ? "" : `: ${quote(field)}`;
}
