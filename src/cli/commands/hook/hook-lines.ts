/** The lines by which an agent calls `runseal hook`, and putting them into its settings. Every other byte stays. @module */

import {
  applyEdits,
  findNodeAtLocation,
  type JSONPath,
  modify,
  type ParseError,
  parse,
  parseTree,
} from "jsonc-parser";
import type { SettingAgent } from "../../../node/back/turns/agent-settings.ts";
import { shellWord } from "../../text/shell-word.ts";

/** The words that start runseal. */
type Words = readonly [node: string, program: string];

const EVENTS: Readonly<Record<"claude" | "codex", readonly string[]>> = {
  claude: ["SessionStart", "UserPromptSubmit", "Stop", "SessionEnd"],
  codex: ["SessionStart", "UserPromptSubmit", "Stop"],
};

/** Seconds after which the agent ends the hook. */
const TIMEOUT = 60;

/** Puts the lines into settings, in the place of older ones; of a file that is missing, or an agent without one, all of it. `undefined` for settings that are not of the form. */
export function withHook(agent: SettingAgent, text: string | undefined, words: Words): string | undefined {
  if (agent === "opencode") return text === undefined || isPlugin(text) ? pluginText(words) : undefined;
  const command = `${words.map(shellWord).join(" ")} hook ${agent}`;
  const group = { hooks: [{ type: "command", command, timeout: TIMEOUT }] };
  const lines = Object.fromEntries(EVENTS[agent].map((event) => [event, [group]]));
  if (text === undefined || text.trim() === "") return `${JSON.stringify({ hooks: lines }, null, 2)}\n`;
  const isThere = (event: string): boolean =>
    JSON.stringify(hooksIn(text)?.[event])?.includes(JSON.stringify(group)) === true;
  if (EVENTS[agent].every(isThere)) return text;
  let changed = withoutHook(agent, text);
  for (const event of EVENTS[agent]) {
    const { hooks = {} } = (changed === undefined ? undefined : settingsIn(changed)) ?? { hooks: [] };
    const groups = isObject(hooks) ? (hooks[event] ?? []) : undefined;
    if (changed === undefined || !Array.isArray(groups)) return undefined;
    const path = isObject(hooks) && event in hooks ? ["hooks", event, -1] : ["hooks", event];
    const value = path.length > 2 ? group : [group];
    changed = applyEdits(changed, modify(changed, path, value, { isArrayInsertion: true }));
  }
  return changed;
}

/** Takes the lines out, and what is empty without them. `undefined` for settings that are not of the form, or that would be empty. */
export function withoutHook(agent: SettingAgent, text: string): string | undefined {
  if (agent === "opencode") return isPlugin(text) ? undefined : text;
  let left = text;
  while (settingsIn(left) !== undefined) {
    const path = pathOfOurs(hooksIn(left), agent);
    if (path === undefined) return left;
    left = without(left, path);
  }
  return undefined;
}

/** Whether settings hold lines of ours. */
export function hasHook(agent: SettingAgent, text: string): boolean {
  return agent === "opencode" ? isPlugin(text) : pathOfOurs(hooksIn(text), agent) !== undefined;
}

/** The place of the first of our lines, or of the topmost list or object that has nothing else. */
function pathOfOurs(hooks: unknown, agent: string): JSONPath | undefined {
  const events = Object.entries(isObject(hooks) ? hooks : {});
  for (const [event, groups] of events)
    for (const [at, group] of listOf(groups).entries()) {
      const handlers = listOf(isObject(group) ? group["hooks"] : undefined);
      const index = handlers.findIndex((handler) => isObject(handler) && isOurs(handler["command"], agent));
      if (index < 0) continue;
      if (handlers.length > 1) return ["hooks", event, at, "hooks", index];
      if (listOf(groups).length > 1) return ["hooks", event, at];
      return events.length > 1 ? ["hooks", event] : ["hooks"];
    }
  return undefined;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Whether a command has two absolute paths and these words, as we write it. */
function isOurs(command: unknown, agent: string): boolean {
  return (
    typeof command === "string" && new RegExp(`^'/[^']+' '/[^']+' hook ${agent}(?: --strict)?$`).test(command)
  );
}

function hooksIn(text: string): Record<string, unknown> | undefined {
  const hooks = settingsIn(text)?.["hooks"];
  return isObject(hooks) ? hooks : undefined;
}

function settingsIn(text: string): Record<string, unknown> | undefined {
  const errors: ParseError[] = [];
  const value: unknown = parse(text, errors, { allowTrailingComma: false });
  return errors.length === 0 && isObject(value) ? value : undefined;
}

/** Takes a member or an item out. `modify` breaks a list without line feeds. */
function without(text: string, path: JSONPath): string {
  const tree = parseTree(text);
  const node = tree && findNodeAtLocation(tree, path);
  const target = node?.parent?.type === "property" ? node.parent : node;
  const siblings = target?.parent?.children ?? [];
  if (target === undefined) throw new TypeError("what was found is there");
  const at = siblings.indexOf(target);
  const [before, next] = [siblings[at - 1], siblings[at + 1]];
  const from = before === undefined ? target.offset : before.offset + before.length;
  const to = before === undefined && next !== undefined ? next.offset : target.offset + target.length;
  return text.slice(0, from) + text.slice(to);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isPlugin(text: string): boolean {
  const words = /^const RUNSEAL = \[("\/[^\n"]+"), ("\/[^\n"]+")\];$/m.exec(text);
  return words !== null && text === pluginText([JSON.parse(words[1] ?? ""), JSON.parse(words[2] ?? "")]);
}

/** A plugin of opencode. Sessions of sub-agents are part of the turn above them. */
function pluginText([node, program]: Words): string {
  return `// Made by: runseal hook opencode --install
import { spawn } from "node:child_process";

const RUNSEAL = [${JSON.stringify(node)}, ${JSON.stringify(program)}];

export const RunsealTurns = async ({ client, directory }) => {
  const children = new Set();
  const tell = (session, event) =>
    new Promise((done) => {
      if (children.has(session)) return done();
      const hook = spawn(RUNSEAL[0], [RUNSEAL[1], "hook", "opencode"], { timeout: ${TIMEOUT}000 });
      let said = "";
      hook.stdout.on("data", (piece) => { said += piece; });
      hook.stdin.on("error", () => {});
      hook.on("error", () => done());
      hook.on("close", () => {
        if (said !== "") client?.tui?.showToast?.({ body: { message: JSON.parse(said).systemMessage, variant: "warning" } })?.catch?.(() => {});
        done();
      });
      hook.stdin.end(JSON.stringify({ cwd: directory, session, event }));
    });
  return {
    "chat.message": async ({ sessionID }) => await tell(sessionID, "prompt"),
    event: async ({ event }) => {
      if (event.type === "session.created" && event.properties.info.parentID) children.add(event.properties.info.id);
      if (event.type === "session.idle") await tell(event.properties.sessionID, "stop");
    },
  };
};
`;
}
