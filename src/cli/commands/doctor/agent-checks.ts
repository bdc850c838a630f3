/** Whether the agents of this machine call `runseal hook`, and when the last turn was. @module */

import { findGuard } from "../../../node/back/guard/guard-place.ts";
import { readTurnsOf } from "../../../node/back/guard/turns/turn-record.ts";
import { hasFolder, readSettings, type SettingAgent } from "../../../node/back/turns/agent-settings.ts";
import type { Io } from "../../output/io.ts";
import { hasHook } from "../hook/hook-lines.ts";
import type { DoctorCheckFacts as Check } from "./doctor-results.ts";

const NAMES: readonly (readonly [SettingAgent, Check["name"]])[] = [
  ["claude", "Claude Code"],
  ["codex", "codex"],
  ["opencode", "opencode"],
];

/** A check for each agent that has a folder in the user's home. */
export function agentChecks({ cwd, environment }: Io): readonly Check[] {
  const guard = findGuard(cwd, environment);
  const last = guard && readTurnsOf(guard.path).at(-1)?.started;
  const turn = last === undefined ? "no turn in this folder yet" : `the last turn in this folder: ${last}`;
  return NAMES.filter(([agent]) => hasFolder(agent, environment)).map(([agent, name]) => {
    const read = readSettings(agent, environment);
    if (read.ok && hasHook(agent, read.value.text ?? ""))
      return { name, state: "ok", found: `calls runseal hook; ${turn}`, cost: null };
    const cost = `Its turns can't be undone. runseal hook ${agent} --install changes that.`;
    const found = read.ok ? "does not call runseal hook" : `its settings can't be read: ${read.code}`;
    return { name, state: "missing", found, cost };
  });
}
