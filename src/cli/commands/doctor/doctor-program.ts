/** `runseal doctor` as options; see program.ts. @module */

import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { newCommand } from "../../options/help-text.ts";
import type { Io } from "../../output/io.ts";
import type { Sink } from "../../output/report.ts";

/** Makes the command `doctor`. */
export function doctorCommand(io: Io, report: Sink): CommandUnknownOpts {
  return newCommand(
    "doctor",
    "say what runseal needs of this machine, and what each missing thing costs",
  ).action(async () => {
    const { runDoctor } = await import("./doctor.ts");
    report(runDoctor(io));
  });
}
