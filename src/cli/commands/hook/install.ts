/** `runseal hook AGENT --print`, `--install`, `--uninstall`: the lines by which an agent calls runseal. @module */

import {
  hookWords,
  readSettings,
  type SettingAgent,
  writeSettings,
} from "../../../node/back/turns/agent-settings.ts";
import type { Agent } from "../../../node/back/turns/hook-message.ts";
import { operationFault } from "../../../node/system/runtime/operation-fault.ts";
import { type ConsentOptions, confirmed } from "../../options/confirmed.ts";
import { UsageError } from "../../options/usage-error.ts";
import { operationReport } from "../../output/failure-report.ts";
import type { Io } from "../../output/io.ts";
import { doneReport, type Report } from "../../output/report.ts";
import { hasHook, withHook, withoutHook } from "./hook-lines.ts";
import type { HookResult } from "./hook-results.ts";

/** The options as parsed. */
export interface InstallOptions extends ConsentOptions {
  readonly print?: true | undefined;
  readonly install?: true | undefined;
  readonly uninstall?: true | undefined;
}

const LEFT: Readonly<Record<SettingAgent, string>> = {
  claude: "the next session of Claude Code calls it",
  codex: "codex asks once whether to trust the hook: say yes in its next session, or with /hooks",
  opencode: "the next start of opencode loads it",
};

/** Prints the lines, or puts them into the user's settings, or takes them out. Throws usage errors. */
export async function runInstall(agent: Agent, options: InstallOptions, io: Io): Promise<Report> {
  if (agent === "generic")
    throw new UsageError("a generic agent has no settings: docs/agents.md says what it sends");
  const words = hookWords();
  const lines = withHook(agent, undefined, words) ?? "";
  if (options.print === true) return { ...endReport("printed", lines, undefined, false), isProduct: true };
  const read = readSettings(agent, io.environment);
  if (!read.ok) return operationReport(read);
  const { shown, text } = read.value;
  const isInstall = options.install === true;
  const after = isInstall ? withHook(agent, text, words) : text && withoutHook(agent, text);
  const isOurs = text !== undefined && hasHook(agent, text);
  // Only a plugin is a file of runseal's alone.
  if (after === undefined && (isInstall || (text !== undefined && !(isOurs && agent === "opencode"))))
    return operationReport(operationFault("INPUT_MALFORMED", { reason: "settings", path: shown }));
  if (after === text) return endReport("nothing was to be done", `unchanged ${shown}\n`, shown, false);
  const what = isInstall
    ? `these lines come into ${shown}:\n${lines}`
    : `runseal's lines go out of ${shown}\n`;
  if (!(await confirmed(what, "do it?", options, io)))
    return endReport("nothing was done", `unchanged ${shown}\n`, shown, false);
  const written = await writeSettings(read.value, after, io.signal);
  if (!written.ok) return operationReport(written);
  const said = isInstall ? `installed ${shown}\nnext      ${LEFT[agent]}\n` : `removed  ${shown}\n`;
  return endReport(isInstall ? "installed" : "uninstalled", said, shown, true);
}

function endReport(message: string, text: string, file: string | undefined, changed: boolean): Report {
  const settings = file === undefined ? null : { file, changed };
  return doneReport<HookResult>(message, { event: null, turn: null, failure: null, settings }, text);
}
