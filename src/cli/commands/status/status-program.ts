/** `runseal status` as data; see define-command.ts. @module */

import { type MakeCommand, newCommand } from "../../options/define-command.ts";
import { flag } from "../../options/option-kinds.ts";
import { PROJECT, TRUST, WORK } from "../../options/shared-options.ts";

/** The command `status`. */
export const statusCommand: MakeCommand = newCommand({
  name: "status",
  summary: "say whether a project is as its last run sealed it, and what changed",
  options: {
    acceptHistory: flag("--accept-history", "remember this history instead of another one; asks"),
    yes: flag("--yes", "with --accept-history: don't ask"),
    ...TRUST,
    ...WORK,
    project: PROJECT,
  },
  rules: [{ refused: ["--yes"], without: ["--accept-history"], why: "it answers the question of that" }],
  examples: ["runseal status", "runseal status --project /srv/data"],
  more: `
The outputs of the last run are hashed and compared with what was sealed, and the
artifacts of the last 20 runs up to HEAD are judged, of all runs where these do not
fit into one history: runseal verify --history judges all of them. The exit code is 0
whatever the state is: runseal verify judges.
`,
  exitCodes: [0, 2, 3, 4, 70, 130],
  call: async (_none, options, io) => (await import("./status.ts")).runStatus(options, io),
});
