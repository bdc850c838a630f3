/** `runseal completion` as data; see define-command.ts. @module */

import { type MakeCommand, newCommand } from "../../options/define-command.ts";
import { doneReport } from "../../output/report.ts";
import type { CompletionResult } from "./completion-results.ts";
import { SHELLS, scriptFor } from "./shell-scripts.ts";

/** The command `completion`. */
export const completionCommand: MakeCommand = newCommand({
  name: "completion",
  summary: "print the script that lets a shell complete runseal's command line",
  operands: [["<shell>", "the shell that reads the script", SHELLS]],
  examples: ['eval "$(runseal completion bash)"', "runseal completion zsh > ~/.zfunc/_runseal"],
  more: `
  bash   ~/.local/share/bash-completion/completions/runseal, or eval "$(runseal completion bash)"
  zsh    _runseal in a folder of $fpath, before compinit
  fish   ~/.config/fish/completions/runseal.fish

Commands, options, runs, keys, codes and formats are completed. The script asks the
runseal of PATH, which reads names of the project and runs nothing. A run or a key whose
name a shell would expand is left out.
`,
  call: async ([shell]) => {
    const script = scriptFor(shell);
    return { ...doneReport<CompletionResult>("printed", { shell, script }, script), isProduct: true };
  },
});
