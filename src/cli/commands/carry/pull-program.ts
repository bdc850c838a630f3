/** `runseal pull` as data; see define-command.ts. @module */

import { type MakeCommand, newCommand } from "../../options/define-command.ts";
import { text } from "../../options/option-kinds.ts";
import { CARRIED, EXPECTED, HERE, PROGRESS, PROJECT, TRUST } from "../../options/shared-options.ts";

/** The command `pull`. */
export const pullCommand: MakeCommand = newCommand({
  name: "pull",
  summary: "fetch a run into a project, or its files into a new folder, and verify it",
  operands: [
    [
      "<source>",
      "HOST/REPO:TAG, HOST/REPO@sha256:DIGEST, oci-layout:DIR:TAG, an archive's file, or - for one on stdin",
    ],
  ],
  options: {
    to: text("--to <dir>", "put the files into this new folder, and keep nothing in the project"),
    ...EXPECTED,
    ...TRUST,
    ...CARRIED,
    here: HERE,
    ...PROGRESS,
    project: PROJECT,
  },
  rules: [{ refused: ["--project", "--here"], beside: ["--to"], why: "that keeps nothing in a project" }],
  examples: [
    "runseal pull registry.example/team/runs:latest",
    "runseal pull 2026-11.runseal",
    "runseal pull registry.example/team/runs@sha256:45cbd2e9540ab858… --to site",
  ],
  more: `
The run is verified in whole, and its signer judged, before it appears in the project.
It is kept apart from the project's history: status, seal and HEAD pass over it, and log
names it in a note at its end.
runseal verify --stored RUN and runseal restore RUN then work without the source.

With --to the files are put into a new folder, all or none, as runseal restore does it.
Nothing is kept in a project. --json prints what restore prints.
`,
  exitCodes: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 70, 130],
  call: async ([source], options, io) => (await import("./pull.ts")).runPull(source, options, io),
});
