/** `runseal hook AGENT`: takes the snapshots of an agent's turns, and never stands in its way. @module */

import { resolve } from "node:path";
import { ok, quote } from "../../../core/internal.ts";
import { openGuardSigner } from "../../../node/back/guard/guard-key.ts";
import { type LocatedGuard, locateGuard } from "../../../node/back/guard/locate-guard.ts";
import { forgetOncePerDay } from "../../../node/back/guard/prune/forget.ts";
import { turnIdOf } from "../../../node/back/guard/turns/turn-record.ts";
import { recoverGuarded } from "../../../node/back/revert/recover-guarded.ts";
import { type Agent, type HookMessage, readHookMessage } from "../../../node/back/turns/hook-message.ts";
import {
  beginTurn,
  endTurn,
  noteFailedTurn,
  type TakenTurn,
  type TakeTurnRequest,
} from "../../../node/back/turns/take-turn.ts";
import { passphrasesFrom } from "../../../node/keys/passphrase/passphrase.ts";
import { AnchoredRoot } from "../../../node/system/files/anchored-root.ts";
import { sealingTime } from "../../options/sealing-options.ts";
import { chooseSigner } from "../../options/signer-options.ts";
import type { Io } from "../../output/io.ts";
import { doneReport, type Report } from "../../output/report.ts";
import { judgeOfGuard } from "../run/guarded.ts";
import type { HookResult } from "./hook-results.ts";

/** The options as parsed. */
export interface HookOptions {
  readonly strict?: true | undefined;
}

/** How long another process may hold the guard: a person waits for an answer. */
const LOCK_MS = 2000;

/** How long an agent may take to send its message. */
const MESSAGE_MS = 2000;

/** Prompts are in the messages, with what was pasted into them. */
const MOST_BYTES = 16 * 1024 * 1024;

/** Hears one message, and does what it asks for. */
export async function runHook(agent: Agent, { strict }: HookOptions, io: Io): Promise<Report> {
  const bytes = await readMessage(io);
  const message = bytes && readHookMessage(agent, bytes);
  // What can't be understood may have been a prompt.
  if (message === undefined) return await refused(agent, strict, io);
  const { event } = message;
  const nothing: HookResult = { event: event ?? null, turn: null, failure: null };
  if (event === undefined) return hookReport(nothing, "");
  const folder = folderOf(agent, message, io);
  const guard = locateGuard(folder, { shown: folder, environment: io.environment });
  const isGuarded = guard.ok || (guard.code !== "GUARD_NOT_FOUND" && guard.code !== "PATH_NOT_FOUND");
  const advice = `this folder is not guarded: runseal snapshot ${quote(folder)} guards it`;
  if (!isGuarded || event === "start")
    return hookReport(nothing, isGuarded || event !== "start" ? "" : advice);
  if (!guard.ok) return failed(guard.code, nothing, strict);
  const request = turnRequest(guard.value, message, folder, io);
  const taken =
    event === "prompt" ? await beginTurn(request, true) : await endTurn(request, event === "stop");
  if (!taken.ok) return failed(taken.code, nothing, strict);
  const forgotten = event === "prompt" ? undefined : await forgetOld(request, io);
  const words = forgotten?.ok === false ? "old turns could not be dropped: runseal prune says why" : "";
  return hookReport({ ...nothing, turn: turnFacts(taken.value) }, words);
}

function failed(failure: string, facts: HookResult, strict: true | undefined): Report {
  const isPrompt = facts.event === "prompt";
  const when = isPrompt ? "before this prompt" : "after this answer";
  return hookReport({ ...facts, failure }, `no snapshot ${when} (${failure})`, strict === true && isPrompt);
}

/** Claude Code's folder of the message follows `cd`. */
function folderOf(agent: Agent, { folder }: Pick<HookMessage, "folder">, { environment }: Io): string {
  return resolve((agent === "claude" ? environment["CLAUDE_PROJECT_DIR"] : undefined) ?? folder);
}

function turnRequest(guard: LocatedGuard, { session }: HookMessage, shown: string, io: Io): TakeTurnRequest {
  const { environment, signal } = io;
  const now = sealingTime(io);
  const signer = chooseSigner({}, io);
  // No terminal is asked: the agent has it.
  const surroundings = { environment, signal, passphrases: passphrasesFrom({ environment, signal }) };
  const work = { environment, jobs: undefined, now, signal, signer, surroundings };
  const recover = recoverGuarded(guard.root, shown, work);
  return { ...work, guard, session, shown, recover, lockMs: LOCK_MS };
}

/** After an answer, once a day: nothing waits for that. */
async function forgetOld(
  { environment, guard, now, signal, signer, surroundings }: TakeTurnRequest,
  io: Io,
): ReturnType<typeof forgetOncePerDay<unknown>> {
  using home = AnchoredRoot.open(guard.home);
  const place = { home, homePath: guard.homePath };
  return await forgetOncePerDay({
    ...place,
    environment,
    now,
    signal,
    judge: judgeOfGuard(() => now, io),
    openSigner: async () => {
      const opened = await openGuardSigner(place, signer, surroundings, true);
      return opened.ok ? ok(opened.value.signer) : opened;
    },
  });
}

function turnFacts(taken: TakenTurn | undefined): HookResult["turn"] {
  if (taken === undefined) return null;
  const { isJoined, turn } = taken;
  return { turn_id: turnIdOf(turn), number: turn.number, joined: isJoined };
}

/** The session of a message that can't be understood is unknown: such turns are of a session without a name. */
async function refused(agent: Agent, strict: true | undefined, io: Io): Promise<Report> {
  const failure = "INPUT_MALFORMED";
  const folder = folderOf(agent, { folder: io.cwd }, io);
  const guard = locateGuard(folder, { shown: folder, environment: io.environment });
  if (guard.ok) await noteFailedTurn({ guard: guard.value, now: sealingTime(io), session: "" }, failure);
  const words = `the agent's message was not understood (${failure}): no snapshot was taken`;
  return hookReport({ event: null, turn: null, failure }, words, strict === true && guard.ok);
}

/** Agents show a person `systemMessage`; any other text on stdout would enter the model's context. */
function hookReport(facts: HookResult, words: string, isRefused = false): Report {
  const said = words === "" ? "" : `runseal: ${words}`;
  const text = said === "" ? "" : `${JSON.stringify({ systemMessage: said })}\n`;
  const report = doneReport<HookResult>(said === "" ? "heard" : said, facts, text);
  if (!isRefused) return { ...report, isProduct: true };
  const code = "SNAPSHOT_REFUSED";
  return {
    facts: { ...report.facts, ok: false, code, exit_code: 2 },
    text: "",
    error: { message: words, hints: ["without --strict, the agent goes on without a snapshot"] },
  };
}

/** The message; undefined if it is too long or does not end in time. What is too long is read all the same: the agent waits for that. */
async function readMessage(io: Io): Promise<Uint8Array | undefined> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<"late">((done) => {
    timer = setTimeout(() => done("late"), MESSAGE_MS);
  });
  const input = io.readIn()[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await Promise.race([input.next(), late]);
      if (next === "late") return undefined;
      if (next.done === true) return length > MOST_BYTES ? undefined : Buffer.concat(pieces);
      length += next.value.length;
      if (length <= MOST_BYTES) pieces.push(next.value);
      else pieces.length = 0;
    }
  } finally {
    clearTimeout(timer);
    await input.return?.();
  }
}
