/** `runseal log` and `runseal show` as data; see define-command.ts. @module */

import { type MakeCommand, newCommand } from "../../options/define-command.ts";
import { count, flag, text } from "../../options/option-kinds.ts";
import {
  CARRIED,
  EXPECTED,
  PROGRESS,
  PROJECT,
  REGISTRY,
  RUN_OR_NEWEST,
  STORE,
  TRUST,
} from "../../options/shared-options.ts";

/** The command `log`. */
export const logCommand: MakeCommand = newCommand({
  name: "log",
  summary: "list the runs of a project, a guarded folder or a repository, newest first",
  operands: [["[reference]", "a repository, HOST/REPO or oci-layout:DIR (default: what is here)"]],
  options: {
    limit: count("--limit <count>", "list only so many of the newest (default, of a guard: 100 runs)"),
    verify: flag("--verify", "hash the outputs too, not only judge the artifacts"),
    guard: text("--guard <dir>", "list the snapshots and runs of the guarded folder at or above this one"),
    session: text(
      "--session <id>",
      "list the turns of this agent's session: its id, or the digits of a turn's name",
    ),
    ...STORE,
    ...TRUST,
    ...REGISTRY,
    ...PROGRESS,
    project: PROJECT,
  },
  rules: [
    {
      refused: ["--project"],
      beside: ["--guard", "--store", "--session"],
      why: "that names a guard's snapshots",
    },
  ],
  examples: ["runseal log", "runseal log --project /srv/data --limit 10 --verify"],
  more: `
Each run is judged by its artifacts: its signature holds, nothing in the bundle was
changed. Whether its files are still what was sealed, only --verify looks. A run that
failed says so itself; no verifier accepts it. The exit code is 0 where the list
could be made, whatever is in it: runseal verify --history judges the history.
`,
  exitCodes: [0, 2, 4, 70, 130],
  call: async ([reference], options, io) => (await import("./log.ts")).runLog(reference, options, io),
});

/** The command `show`. */
export const showCommand: MakeCommand = newCommand({
  name: "show",
  summary: "show everything that the bundle of a run holds",
  operands: [["[run]", RUN_OR_NEWEST]],
  options: { ...EXPECTED, ...TRUST, ...CARRIED, project: PROJECT },
  examples: ["runseal show .runseal/runs/build-42", "runseal show build-42 --json"],
  call: async ([run], options, io) => {
    const { runShow } = await import("./show.ts");
    const { onNamedOrNewest } = await import("../../options/default-run.ts");
    return await onNamedOrNewest(run, options.project, io, (named) => runShow(named, options, io));
  },
});
