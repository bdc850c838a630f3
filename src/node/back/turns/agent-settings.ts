/**
 * The file that names `runseal hook` to an agent. It is the user's own file: what a project holds is in the agent's reach.
 *
 * @module
 */

import { existsSync, lstatSync, readFileSync, realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { decodeUtf8, encodeUtf8, ok, type Result } from "../../../core/internal.ts";
import { openOrMakePrivateFolders } from "../../system/files/make-folders.ts";
import { FileEdit } from "../../system/locks/file-edit.ts";
import { errnoOf, reasonOf } from "../../system/runtime/machine-reason.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";
import {
  type Environment,
  folderOfVariable,
  homeFolder,
  SHOWN_HOME,
} from "../../system/runtime/user-home.ts";

/** An agent with settings of its own. */
export type SettingAgent = "claude" | "codex" | "opencode";

const MOST_BYTES = 1024 * 1024;

/** The variable that names an agent's folder, the usual one below the home folder, and the file in it. */
const PLACES: Readonly<Record<SettingAgent, readonly [string, readonly string[], readonly string[]]>> = {
  claude: ["CLAUDE_CONFIG_DIR", [".claude"], ["settings.json"]],
  codex: ["CODEX_HOME", [".codex"], ["hooks.json"]],
  opencode: ["XDG_CONFIG_HOME", [".config"], ["opencode", "plugins", "runseal.js"]],
};

/** A settings file, and what it holds now. */
export interface AgentSettings {
  /** Its real path. */
  readonly path: string;
  readonly shown: string;
  /** Undefined if it is missing. */
  readonly text: string | undefined;
}

/** Node and this program, by absolute paths: PATH may lead into a project. */
export function hookWords(): readonly [node: string, program: string] {
  return [process.execPath, realpathSync(process.argv[1] ?? "")];
}

/** Whether the user has a folder of this agent's. */
export function hasFolder(agent: SettingAgent, environment: Environment): boolean {
  const { path } = placeOf(agent, environment);
  return existsSync(agent === "opencode" ? dirname(dirname(path)) : dirname(path));
}

function placeOf(agent: SettingAgent, environment: Environment): Pick<AgentSettings, "path" | "shown"> {
  const [variable, usual, names] = PLACES[agent];
  const named = folderOfVariable(environment, variable);
  if (named !== undefined)
    return { path: join(named, ...names), shown: [`$${variable}`, ...names].join("/") };
  const below = [...usual, ...names];
  return { path: join(homeFolder(environment), ...below), shown: [SHOWN_HOME, ...below].join("/") };
}

/** Reads the settings of an agent, also through a link. Fails with NOT_A_FILE for what is not a regular file of this user, and with READ_FAILED. */
export function readSettings(
  agent: SettingAgent,
  environment: Environment,
): Result<AgentSettings, OperationFault> {
  const { path, shown } = placeOf(agent, environment);
  try {
    if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return ok({ path, shown, text: undefined });
    const real = realpathSync(path);
    const stats = lstatSync(real);
    const text =
      stats.isFile() && stats.size <= MOST_BYTES && stats.uid === (process.geteuid?.() ?? stats.uid)
        ? decodeUtf8(readFileSync(real))
        : undefined;
    return text === undefined
      ? operationFault("NOT_A_FILE", { path: shown })
      : ok({ path: real, shown, text });
  } catch (thrown) {
    return operationFault("READ_FAILED", { path: shown, reason: reasonOf(thrown) });
  }
}

/**
 * Puts other settings in the place of those that were read; `undefined` removes the file. Fails with CHANGED_WHILE_READ if the file is not as
 * it was read, with LOCKED, IN_DOUBT and WRITE_FAILED. Throws an Interruption.
 */
export async function writeSettings(
  { path, shown, text: before }: AgentSettings,
  after: string | undefined,
  signal: AbortSignal,
): Promise<Result<undefined, OperationFault>> {
  try {
    openOrMakePrivateFolders(dirname(path)).close();
    const opened = await FileEdit.open(path, shown, signal);
    if (!opened.ok) return opened;
    using edit = opened.value;
    const found = edit.read(MOST_BYTES);
    const now = found.kind === "file" ? decodeUtf8(found.bytes) : undefined;
    if (now !== before || (found.kind !== "file" && found.kind !== "missing"))
      return operationFault("CHANGED_WHILE_READ", { path: shown });
    if (found.kind === "file") edit.checkWritable();
    if (after === undefined) {
      edit.folder.unlink(basename(path));
      return edit.sync() ? ok(undefined) : operationFault("IN_DOUBT", { path: shown });
    }
    edit.stage(encodeUtf8(after), found.kind === "file" ? found : { mode: 0o600 });
    return edit.commit(found.kind === "missing");
  } catch (thrown) {
    if (errnoOf(thrown) === undefined) throw thrown;
    return operationFault("WRITE_FAILED", { path: shown, reason: reasonOf(thrown) });
  }
}
