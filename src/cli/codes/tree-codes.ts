/** The codes of phase 11. Their messages are the core's, as those of other verdicts. @module */

import type { TreeCode } from "../../core/internal.ts";
import type { MeaningRecord } from "./code-record.ts";
import { SUSPECT } from "./verdict-codes.ts";

const CHANGED =
  "Restore the entry from the store or from where the bundle came from, or have the run sealed again. runseal verify --all lists every difference.";

/** One record for each code. */
export const TREE_RECORDS: Readonly<Record<TreeCode, MeaningRecord>> = {
  TREE_MISSING: {
    meaning: "The signature names OUTPUT_TREE.json, and it is not in the run directory (phase 11).",
    remedy: "Check that the bundle was copied whole.",
  },
  TREE_MISMATCH: {
    meaning: "OUTPUT_TREE.json is not the regular file whose digest the signature names (phase 11).",
    remedy: SUSPECT,
  },
  TREE_MALFORMED: {
    meaning:
      "OUTPUT_TREE.json is signed, but is not the canonical JSON of a tree, or is of a newer version (phase 11).",
    remedy: "Use a newer runseal if the version is newer; else ask the signer to seal again.",
  },
  TREE_UNLAWFUL: {
    meaning: "OUTPUT_TREE.json is signed, but no folder can be as it says (phase 11).",
    remedy: "Do not restore from the bundle. Ask the signer how it was made.",
  },
  TREE_ENTRY_MISSING: {
    meaning: "A link, an empty folder or another entry of the sealed tree is missing (phase 11).",
    remedy: CHANGED,
  },
  TREE_ENTRY_DIFFERS: {
    meaning: "An entry of the sealed tree is there with another kind, link target or mode (phase 11).",
    remedy: `${CHANGED} --ignore-modes passes over modes that a copy lost.`,
  },
  TREE_EXTRA: {
    meaning: "There is an entry in the sealed folders that was not sealed, and --exact was given (phase 11).",
    remedy: "Look at the entry. Remove it, or name it with --ignore.",
  },
};
