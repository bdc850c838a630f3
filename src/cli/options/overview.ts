/** The commands on one screen: what `runseal` alone prints. @module */

import type { CommandUnknownOpts } from "@commander-js/extra-typings";

/** Each command in a line, with its group before the first of them. Of what it does the line has the first clause. */
export function overviewOf(program: CommandUnknownOpts): string {
  let last = "";
  const lines = program.commands.map((command) => {
    const group = command.helpGroup().replace(/:$/, "");
    const shown = group === last ? "" : group;
    last = group;
    const [clause] = command.description().split(/[,:] /);
    return `  ${shown.padEnd(10)}  ${command.name().padEnd(10)}  ${clause}\n`;
  });
  return `${program.description()}\n\n${lines.join("")}\n${FURTHER}`;
}

const FURTHER = "runseal COMMAND -h shows a command on a screen, and --help all of it.\n";
