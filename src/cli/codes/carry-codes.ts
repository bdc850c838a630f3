/** The codes of runs that are carried to a registry and back. @module */

import { quote } from "../../core/internal.ts";
import type { OperationCode } from "../../node/index.ts";
import { countOf } from "../text/count-text.ts";
import type { OperationRecord } from "./record.ts";

/** One record for each code. */
export const CARRY_RECORDS: Readonly<
  Record<Extract<OperationCode, "PUSH_TOO_MANY_BLOBS" | "CARRIED_RUN_MALFORMED">, OperationRecord>
> = {
  PUSH_TOO_MANY_BLOBS: {
    message: ({ entries = 0 }) =>
      `the run needs ${countOf(entries, "blob")} in a registry, and one manifest can carry 10,000`,
    meaning:
      "Each output above 1 MiB is a blob of its own, and registries accept manifests of up to 4 MiB. Nothing was sent.",
    remedy:
      "Carry the run as one file: runseal push RUN FILE.runseal. Or seal fewer large outputs in one run, such as a folder a run.",
  },
  CARRIED_RUN_MALFORMED: {
    exit: 1,
    message: ({ reference = "", why = "" }) => `what ${quote(reference)} holds there is not a run: ${why}`,
    meaning:
      "The manifest is not one that a push writes, or one of its packs is not what it names. Nothing of it was used.",
    remedy: "Check the tag or digest. Push the run again from the project that sealed it.",
  },
};
