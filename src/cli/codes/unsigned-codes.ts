/** The codes of bundles that were sealed without a signer, and of signing them. @module */

import { quote, quoteIfNeeded } from "../../core/internal.ts";
import type { OperationCode } from "../../node/index.ts";
import type { OperationFacts, OperationRecord } from "./record.ts";

type UnsignedCode = Extract<OperationCode, `UNSIGNED_${string}` | `SIGNING_${string}`>;

const AGAIN =
  "Have the outputs sealed again with seal --unsigned or run --unsigned, and carry all of the folder.";

/** One record for each code. */
export const UNSIGNED_RECORDS: Readonly<Record<UnsignedCode, OperationRecord>> = {
  UNSIGNED_NOT_FOUND: {
    message: ({ shown }) => `there is no unsigned bundle ${shown}`,
    meaning: "What was named is not the folder of an unsigned bundle, or is not there.",
    remedy:
      "Name a run id below .runseal/unsigned of the project of --project, or the folder of an unsigned bundle with a slash in its path: ./ID, not ID.",
  },
  UNSIGNED_ARTIFACT_MISSING: {
    exit: 1,
    message: (facts) => `the unsigned bundle lacks ${artifactOf(facts)}`,
    meaning: "A file that every unsigned bundle has, or that its STATUS.json names, is not in its folder.",
    remedy: AGAIN,
  },
  UNSIGNED_ARTIFACT_EXTRA: {
    exit: 1,
    message: (facts) => `the unsigned bundle holds ${artifactOf(facts)}, which no sealer puts there`,
    meaning:
      "There is another entry in the folder of an unsigned bundle than the files that seal --unsigned writes. A bundle that is signed already is refused in this way.",
    remedy:
      "Look at the entry. A signer signs nothing beside what it knows; remove the entry if it is yours.",
  },
  UNSIGNED_ARTIFACT_MALFORMED: {
    exit: 1,
    message: (facts) => `${artifactOf(facts)} is not as a sealer writes it${fieldOf(facts)}`,
    meaning:
      "A file of an unsigned bundle is not a regular file, is beyond a limit, is not strict JSON in the form that seal --unsigned writes, or has a member that the signer would have to trust.",
    remedy: AGAIN,
  },
  UNSIGNED_MISMATCH: {
    exit: 1,
    message: (facts) => `${artifactOf(facts)} contradicts what it stands for${fieldOf(facts)}`,
    meaning:
      "A digest, a count, a run id or a time in an unsigned bundle is not that of the file that it names: the bundle was changed, or copied in parts.",
    remedy: AGAIN,
  },
  UNSIGNED_RUN_FAILED: {
    exit: 1,
    message: "the unsigned bundle says that its run failed; a failed run is not signed",
    meaning:
      "The command of an unsigned run failed, or did not leave its scratch folders as it found them. In the project where it ran, the next bundle of the line lists it.",
    remedy: "Look into its STATUS.json for the reason, and run the command again under another id.",
  },
  UNSIGNED_FROM_LATER: {
    exit: 1,
    message: ({ run_id = "" }) => `${quote(run_id)} says that it was sealed later than now`,
    meaning:
      "The sealer's time is after the signer's, so no verifier would accept the bundle: one of two clocks is wrong.",
    remedy: "Set the clocks of both machines, or wait until that time has passed.",
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
