/**
 * What an agent tells a hook on stdin. Only the event, the session and the folder are used: prompt and transcript are neither read nor kept.
 * docs/agents.md says where these facts are from.
 *
 * @module
 */

import { isAbsolute } from "node:path";
import { publishCause } from "../../system/runtime/cause-channel.ts";

/** The agents whose messages are understood. */
export const AGENTS = ["claude", "codex", "opencode", "generic"] as const;

/** An agent; `generic` for any other, and for scripts. */
export type Agent = (typeof AGENTS)[number];

/** What happened: a session began, a prompt comes, the agent has answered, a session ended. */
export type HookEvent = "start" | "prompt" | "stop" | "end";

/** A message. */
export interface HookMessage {
  /** Undefined for an event that needs no snapshot. */
  readonly event: HookEvent | undefined;
  /** The agent's id of the session. */
  readonly session: string;
  /** The agent's folder, an absolute path. */
  readonly folder: string;
}

const MOST_SESSION_CHARACTERS = 512;
const MOST_PATH_CHARACTERS = 4096;

/** Events of Claude Code and codex. An interrupted turn has ended too, and so has one that ended with an error. */
const EVENTS: ReadonlyMap<string, HookEvent> = new Map([
  ["SessionStart", "start"],
  ["UserPromptSubmit", "prompt"],
  ["Stop", "stop"],
  ["StopFailure", "stop"],
  ["Interrupt", "stop"],
  ["SessionEnd", "end"],
]);

const OWN_EVENTS: readonly HookEvent[] = ["start", "prompt", "stop", "end"];

/** Reads a message; `undefined` for anything else. */
export function readHookMessage(agent: Agent, bytes: Uint8Array): HookMessage | undefined {
  const json = parse(bytes);
  if (typeof json !== "object" || json === null) return undefined;
  const members = new Map<string, unknown>(Object.entries(json));
  const isOwn = agent === "opencode" || agent === "generic";
  const event = members.get(isOwn ? "event" : "hook_event_name");
  const session = members.get(isOwn ? "session" : "session_id");
  const folder = members.get("cwd");
  if (typeof event !== "string" || !isText(session, MOST_SESSION_CHARACTERS)) return undefined;
  if (!isText(folder, MOST_PATH_CHARACTERS) || !isAbsolute(folder) || folder.includes("\0")) return undefined;
  const known = isOwn ? OWN_EVENTS.find((one) => one === event) : EVENTS.get(event);
  // Agents send events that are not known yet; a script's own message has a wrong word.
  if (known === undefined && isOwn) return undefined;
  return { event: known, session, folder };
}

/** Not by the strict reader: half a character in a prompt, which is not used, must not cost the turn its snapshot. */
function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (thrown) {
    publishCause(thrown);
    return undefined;
  }
}

function isText(value: unknown, most: number): value is string {
  return typeof value === "string" && value !== "" && value.length <= most && !/\p{Surrogate}/u.test(value);
}
