/** The codes of failed operations, and how they are put into words. @module */

import { quote } from "../../core/internal.ts";
import type { OperationCode, OperationFault } from "../../node/index.ts";
import { boundedList } from "../text/bounded-list.ts";
import { countOf } from "../text/count-text.ts";
import { because } from "../text/machine-words.ts";
import { ARCHIVE_RECORDS } from "./archive-codes.ts";
import { CARRY_RECORDS } from "./carry-codes.ts";
import { EVIDENCE_RECORDS } from "./evidence-codes.ts";
import { GUARD_RECORDS } from "./guard-codes.ts";
import { KEY_RECORDS } from "./key-codes.ts";
import { PROJECT_RECORDS } from "./project-codes.ts";
import { hintsOf, messageOf, type OperationFacts, type OperationRecord } from "./record.ts";
import { REGISTRY_RECORDS } from "./registry-codes.ts";
import { EXPECTATION_RECORD, UNSUPPORTED_RECORD } from "./restore-codes.ts";
import { RUN_RECORDS } from "./run-codes.ts";
import { SEAL_RECORDS } from "./seal-codes.ts";
import { SIGNER_RECORDS } from "./signer-codes.ts";
import { TIME_RECORDS } from "./time-codes.ts";
import { TRUST_EDIT_RECORDS } from "./trust-codes.ts";
import { UNSIGNED_RECORDS } from "./unsigned-codes.ts";

/** One record for each code. */
export const OPERATION_RECORDS: Readonly<Record<OperationCode, OperationRecord>> = {
  ...SEAL_RECORDS,
  ...KEY_RECORDS,
  ...SIGNER_RECORDS,
  ...TRUST_EDIT_RECORDS,
  ...PROJECT_RECORDS,
  ...RUN_RECORDS,
  ...EVIDENCE_RECORDS,
  ...ARCHIVE_RECORDS,
  ...UNSIGNED_RECORDS,
  ...GUARD_RECORDS,
  ...TIME_RECORDS,
  ...CARRY_RECORDS,
  ...REGISTRY_RECORDS,
  EXPECTATION_FAILED: EXPECTATION_RECORD,
  SYSTEM_UNSUPPORTED: UNSUPPORTED_RECORD,
  DECLINED: {
    exit: 1,
    message: "nothing was changed: the answer was not yes",
    meaning:
      "runseal asked on the terminal before it signed an unsigned bundle or removed a key, and the user did not type yes.",
    remedy: "Nothing: all is as it was. Type the whole word yes to confirm.",
  },
  REPORT_EXISTS: {
    message: ({ shown }) => `there is already something at ${shown}`,
    hints: ["name another file; a report replaces only a regular file of yours"],
    meaning:
      "What is at the place of the report that was asked for is not a regular file of this user: a folder, a link, a device, or a file of another user. It was not changed, and nothing was verified.",
    remedy: "Name another file, or remove what is there.",
  },
  EXACT_NEEDS_TREE: {
    exit: 2,
    message: "--exact needs a bundle with a tree, whose files are below the root",
    meaning:
      "Nothing that is signed says which folders the seal took in, so nothing can be an extra in them.",
    remedy: "Leave --exact out, or have the run sealed with a tree, as runseal seals it.",
  },
  RUN_AMBIGUOUS: {
    exit: 2,
    message: ({ more = 0, names = [] }) =>
      `there are several runs, and this command is about one: ${boundedList(names.map(quote)).join(", ")}${more > 0 ? ` and ${countOf(more, "other")}` : ""}`,
    meaning: "The archive has several runs, and the command works on one of them.",
    remedy:
      "Choose one with --run ID. For diff, unpack the archive with tar, and name the folder of the run in it.",
  },
  UNBOUND_NEEDS_FILE: {
    exit: 2,
    message:
      "the bundle does not say how many bytes its files have, so it is not read from a stream or a registry",
    meaning: "Its signature has no binding, so nothing bounds what a pipe or a registry sends.",
    remedy:
      "Save an archive to a file first, and name that file. Of a registry, pull the run into a project with runseal pull, and verify it there with --stored.",
  },
};

/** One sentence for a failed operation. */
export function operationMessage({ code, details }: OperationFault): string {
  return messageOf(OPERATION_RECORDS[code], factsOf(details));
}

/** What to do about a failed operation. */
export function operationHints({ code, details }: OperationFault): readonly string[] {
  return hintsOf(OPERATION_RECORDS[code], factsOf(details));
}

function factsOf(details: OperationFault["details"]): OperationFacts {
  const { names = [], path = "", reason } = details;
  return { ...details, shown: quote(path), named: names.map(quote).join(", "), because: because(reason) };
}
