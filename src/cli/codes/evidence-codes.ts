/** The codes of evidence for other tools. @module */

import type { OperationCode } from "../../node/index.ts";
import { countOf } from "../text/count-text.ts";
import type { OperationFacts, OperationRecord } from "./record.ts";

/** The codes of exports. */
type EvidenceCode = Extract<OperationCode, `EXPORT_${string}`>;

/** One record for each code. */
export const EVIDENCE_RECORDS: Readonly<Record<EvidenceCode, OperationRecord>> = {
  EXPORT_EMPTY: {
    exit: 2,
    message: "the run has no files, so there is nothing that another tool could check",
    meaning: "The bundle has no files. A list of no files is malformed to the tools that read it.",
    remedy: "Hand over the bundle itself: runseal verify judges its links and empty folders too.",
  },
  EXPORT_EXISTS: {
    message: ({ shown }) => `there is already something at ${shown}`,
    meaning:
      "There is already something at the place of the folder or file to make. An export never changes what is there.",
    remedy: "Name a new one with -o PATH.",
  },
  EXPORT_IN_OWN_FOLDER: {
    exit: 2,
    message: ({ shown }) => `${shown} is inside of a folder .runseal, which holds a project's own files`,
    meaning:
      "The folder or file to make is inside of a folder .runseal. Other commands would take the evidence for a part of the project.",
    remedy: "Name a place elsewhere with -o PATH.",
  },
  EXPORT_NAMES_UNSUPPORTED: {
    exit: 2,
    message: ({ format = "", more = 0, named }) =>
      `the format ${format} can't hold these names: ${named}${more > 0 ? ` and ${countOf(more, "other")}` : ""}`,
    hints: namesHints,
    meaning:
      "The format has no way to write the names of some outputs, or gives them another meaning. signify reads no control characters, no closing bracket and at most 1,023 bytes. sha256sum --check, which all formats but signify and link need, reads standard input for the name -. In a statement of dsse and sigstore the names bundle-root, OUTPUT_HASHES.json and SHA256SUMS mean something else. Verifiers of link write files-as-sealed.link into the folder where the paths begin.",
    remedy: "Choose another format, or have the run sealed with other names.",
  },
  EXPORT_NAME_TOO_LONG: {
    exit: 2,
    message: ({ format, shown }) =>
      format === undefined
        ? `the folder to make would have a name of more than 255 bytes: ${shown}`
        : `the format ${format} would write a file with a name of more than 255 bytes: ${shown}`,
    hints: ({ format }) => [
      format === undefined
        ? "name a shorter folder with -o PATH"
        : "the name begins with the run id; choose sums, sshsig, minisign or signify, whose files have fixed names",
    ],
    meaning:
      "The folder to make, or a file in it that is named after the run, would have a name of more than 255 bytes. No usual disk takes it.",
    remedy: "Name a shorter folder with -o PATH, or choose a format whose files are not named after the run.",
  },
  EXPORT_NEEDS_COMMAND: {
    exit: 2,
    message: "the bundle records no command, and provenance says how something was built",
    meaning:
      "SLSA provenance says which command built the outputs from which inputs. The bundle was sealed without a command.",
    remedy: "Leave --predicate slsa out, or have the outputs made by runseal run.",
  },
};

/** What to do about names, by what the format makes of them. */
function namesHints({ format, names = [] }: OperationFacts): readonly string[] {
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
