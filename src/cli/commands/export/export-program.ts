/** `runseal export` as data; see define-command.ts. @module */

import { type MakeCommand, newCommand } from "../../options/define-command.ts";
import { choice, text, words } from "../../options/option-kinds.ts";
import {
  CARRIED,
  EXPECTED,
  FILES,
  PROJECT,
  SIGNER,
  TREE,
  TRUST,
  WORK,
} from "../../options/shared-options.ts";
import { FORMATS } from "./chosen-formats.ts";

/** The command `export`. */
export const exportCommand: MakeCommand = newCommand({
  name: "export",
  summary: "write evidence of a run that other tools verify",
  operands: [
    [
      "[run]",
      "the run's folder, or its id in the project; for a verdict also an archive, or a registry's reference (default: the newest run of the project)",
    ],
  ],
  options: {
    format: words(
      "--format <format>",
      "what to write, several with commas",
      "sums, which opens no key",
      FORMATS,
    ),
    out: text("-o, --out <path>", "the folder or file to make; - is stdout, the default of sums"),
    predicate: choice("--predicate <which>", "what dsse and sigstore claim (default: link)", ["slsa"]),
    files: FILES,
    ...TRUST,
    ...SIGNER,
    ...EXPECTED,
    ...TREE,
    ...CARRIED,
    ...WORK,
    project: PROJECT,
  },
  examples: [
    "runseal export build-42 > SHA256SUMS",
    "runseal export build-42 --format minisign -o ../release",
    "runseal export build-42 --format verdict -o verdict.json",
    "runseal export --format page -o verify.html",
  ],
  more: `
The run is verified in whole first; its signer must be trusted. Then the evidence is
written into a new folder, all of it or nothing, and for each format the line is printed
with which others verify it. Give them the key's fingerprint in another way.

  sums      SHA256SUMS, not signed        sha256sum
  sshsig    SHA256SUMS.sig                ssh-keygen
  minisign  SHA256SUMS.minisig            minisign
  signify   SHA256.sig                    signify
  dsse      RUN.intoto.jsonl              cosign
  sigstore  RUN.sigstore.json             cosign
  link      RUN.layout and a link         in-toto-golang
  all       the formats above
  verdict   that you verified the run     cosign
  page      verifies runs in a browser

docs/evidence.md says what each of them promises.
`,
  exitCodes: [0, 1, 2, 3, 4, 70, 130],
  call: async ([run], options, io) => (await import("./export.ts")).runExport(run, options, io),
});
