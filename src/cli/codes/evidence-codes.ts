/** The codes of evidence for other tools. @module */

import type { FaultFacts } from "../../node/system/runtime/operation-fault.ts";
import { namedAndMore } from "../text/bounded-list.ts";
import type { OperationRecords } from "./code-record.ts";

/** The record of each code of exports. */
export const EXPORT_RECORDS: OperationRecords<"EXPORT_REFUSED"> = {
  EXPORT_REFUSED: {
    exit: 2,
    meaning: "What was asked for can't be written of this run, or not there.",
    remedy: "Choose another format or place.",
    hints: namesHints,
    reasons: {
      empty: {
        message: "the run has no files, so there is nothing that another tool could check",
        remedy: "Hand over the bundle itself: runseal verify judges its links and empty folders too.",
      },
      "own-folder": {
        message: ({ shown }) => `${shown} is inside of a folder .runseal, which holds a project's own files`,
        remedy: "Name a place elsewhere with -o PATH.",
      },
      names: {
        message: ({ format, more, names }) =>
          `the format ${format} can't hold these names: ${namedAndMore(names, more)}`,
        meaning:
          "The format has no way to write them, or gives them another meaning. signify reads no control characters, no closing bracket and at most 1,023 bytes. sha256sum --check, which all formats but signify and link need, reads standard input for the name -. In a statement of dsse and sigstore the names bundle-root, OUTPUT_HASHES.json and SHA256SUMS mean something else. Verifiers of link write files-as-sealed.link into the folder where the paths begin.",
      },
      "name-too-long": {
        message: ({ format, shown }) =>
          format === undefined
            ? `the folder to make would have a name of more than 255 bytes: ${shown}`
            : `the format ${format} would write a file with a name of more than 255 bytes: ${shown}`,
        meaning: "No usual disk takes a name of more than 255 bytes.",
      },
      "no-command": {
        message: "the bundle records no command, and provenance says how something was built",
        remedy: "Leave --predicate slsa out, or have the outputs made by runseal run.",
      },
    },
  },
};

/** What to do about names, by what the format makes of them. */
function namesHints(facts: FaultFacts["EXPORT_REFUSED"]): readonly string[] {
  if (facts.reason === "name-too-long")
    return [
      facts.format === undefined
        ? "name a shorter folder with -o PATH"
        : "the name begins with the run id; choose sums, sshsig, minisign or signify, whose files have fixed names",
    ];
  if (facts.reason !== "names") return [];
  const { format, names } = facts;
  if (format === "signify")
    return [
      "signify reads no name with a control character or a closing bracket, or of more than 1,023 bytes; choose another format",
    ];
  if (format === "link")
    return ["in-toto writes its own file files-as-sealed.link there; choose another format"];
  const hints: string[] = [];
  if (names.includes("-"))
    hints.push("sha256sum --check reads standard input for the name -; choose signify or link");
  if (names.some((name) => name !== "-"))
    hints.push(
      "a statement uses this name for something else; choose sums, sshsig, minisign, signify or link",
    );
  return hints;
}
