/** `runseal push` as data; see define-command.ts. @module */

import { isTag } from "../../../core/move/registry/reference.ts";
import { type MakeCommand, newCommand } from "../../options/define-command.ts";
import { choice, flag, repeatable } from "../../options/option-kinds.ts";
import {
  FILES,
  PROJECT,
  REGISTRY,
  SIGNER,
  SIGNER_FLAGS,
  TRUST,
  TRUST_FLAGS,
  WORK,
} from "../../options/shared-options.ts";

/** The command `push`. */
export const pushCommand: MakeCommand = newCommand({
  name: "push",
  summary: "send runs with the bytes of their outputs, to an archive or a registry",
  operands: [
    [
      "<run-or-target...>",
      "runs' folders or their ids in the project, and last where to: FILE.runseal, HOST/REPO[:TAG] or oci-layout:DIR[:TAG]; - is an archive on stdout",
    ],
  ],
  options: {
    all: flag("--all", "send the whole history, oldest run first, and name no run"),
    tag: repeatable("--tag <tag>", "a tag for the run", "r- and its bundle root", {
      takes: "at most 128 of A-Z a-z 0-9 _ . -, and no . or - first",
      parse: (tag) => (isTag(tag) ? [tag] : undefined),
    }),
    attest: choice("--attest <format>", "attest the run with your key, as cosign reads it: sigstore", [
      "sigstore",
    ]),
    files: FILES,
    ...SIGNER,
    ...TRUST,
    ...REGISTRY,
    ...WORK,
    project: PROJECT,
  },
  rules: [
    { refused: SIGNER_FLAGS, without: ["--attest"], why: "nothing is signed otherwise" },
    {
      refused: TRUST_FLAGS,
      without: ["--attest"],
      why: "without it, the user who pulls the run judges its signer",
    },
  ],
  examples: ["runseal push build-42 registry.example/team/runs", "runseal push --all history.runseal"],
  more: `
The form of the last operand says where to: oci-layout:DIR, or a host with a dot or a
port before the first slash, is a registry; - , FILE.runseal or any other path with a
slash is an archive. A run is verified before it is sent. An existing file is never
overwritten.

An archive is a tar file. Unpacked by tar into an empty folder, it is a project.

What a registry has already is not sent again. A push that is stopped goes on where it
was when it is run again. runseal logs in as docker does, by ~/.docker/config.json and
its credential helpers. docs/carry.md says more.
`,
  exitCodes: [0, 1, 2, 3, 4, 70, 130],
  call: async ([texts], options, io) => (await import("./push.ts")).runPush(texts, options, io),
});
