/**
 * A coding agent that calls `runseal hook` as a real one does: a message on stdin before each prompt and after each answer. In between it
 * works by shell. docs/agents.md says where the form of the messages is from.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { expect } from "vitest";
import type { CliEnd, Project } from "../command/cli.ts";

/** The agents with messages of their own. */
export type FakeKind = "claude" | "codex" | "opencode" | "generic";

/** The events that an agent reports. */
export type FakeEvent = "start" | "prompt" | "stop" | "end";

const NAMES: Readonly<Record<FakeEvent, string>> = {
  start: "SessionStart",
  prompt: "UserPromptSubmit",
  stop: "Stop",
  end: "SessionEnd",
};

/** The words of a prompt, which must be kept nowhere. */
export const PROMPT = "fix the build, and tell no one of 4711";

/** One session of an agent in a folder of a project. */
export class FakeAgent {
  readonly #project: Project;
  readonly #kind: FakeKind;
  readonly #session: string;
  readonly #folder: string;

  /** `folder` is below the project's. */
  constructor(project: Project, kind: FakeKind, session: string, folder = "work") {
    this.#project = project;
    this.#kind = kind;
    this.#session = session;
    this.#folder = project.at(folder);
  }

  /** The message of an event, as this agent sends it. */
  message(event: FakeEvent, cwd: string = this.#folder): Uint8Array {
    const session = this.#session;
    const message =
      this.#kind === "opencode" || this.#kind === "generic"
        ? { cwd, session, event }
        : {
            session_id: session,
            transcript_path: "/nowhere/transcript.jsonl",
            cwd,
            permission_mode: "default",
            hook_event_name: NAMES[event],
            ...(event === "prompt" ? { prompt: PROMPT } : {}),
            ...(this.#kind === "codex" ? { model: "gpt", turn_id: "0b6f" } : {}),
          };
    return Buffer.from(JSON.stringify(message));
  }

  /** Calls the hook. It must never keep the agent from working, or put words into the model's context. */
  async tell(event: FakeEvent, cwd?: string): Promise<CliEnd> {
    const { env } = this.#project;
    const own = this.#kind === "claude" ? { CLAUDE_PROJECT_DIR: this.#folder } : {};
    const end = await this.#project.run(["hook", this.#kind], {
      input: this.message(event, cwd),
      env: { ...env, ...own },
    });
    expect(end).toMatchObject({ exitCode: 0, stderr: "" });
    if (end.stdout !== "") expect(JSON.parse(end.stdout)).toEqual({ systemMessage: expect.any(String) });
    return end;
  }

  /** One turn: a prompt, shell commands, and the answer; without that, the agent was killed. */
  async turn(commands: string, isKilled = false): Promise<void> {
    await this.tell("prompt");
    this.shell(commands);
    if (!isKilled) await this.tell("stop");
  }

  /** Runs commands in the folder. */
  shell(commands: string): void {
    const { status, stderr } = spawnSync("sh", ["-ec", commands], { cwd: this.#folder, encoding: "utf8" });
    expect(status, `${commands}\n${stderr}`).toBe(0);
  }
}
