/** `runseal doctor` as data; see define-command.ts. @module */

import { type MakeCommand, newCommand } from "../../options/define-command.ts";

/** The command `doctor`. */
export const doctorCommand: MakeCommand = newCommand({
  name: "doctor",
  summary: "say what runseal needs of this machine, and what each missing thing costs",
  examples: ["runseal doctor", "runseal doctor --json"],
  call: async (_none, _options, io) => (await import("./doctor.ts")).runDoctor(io),
});
