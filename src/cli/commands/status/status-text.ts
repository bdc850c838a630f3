/** A status in words, in the manner of `git status`. @module */

import { printable, quote, quoteIfNeeded } from "../../../core/internal.ts";
import { countOf, numberOf } from "../../../core/system/bytes/count-text.ts";
import { isPlainName, runName } from "../../../core/system/paths/run-name.ts";
import type { FolderChanges } from "../../../node/back/guard/list-snapshots.ts";
import type { TrustAnswer } from "../../options/trust-options.ts";
import type { ChangeKind } from "../../results/changes.ts";
import { boundedList, someOf } from "../../text/bounded-list.ts";
import { paint } from "../../text/paint.ts";
import { shellWord } from "../../text/shell-word.ts";
import { foldedLines } from "../../text/wrapped.ts";
import { GUARDS_OWN_KEY } from "../../verdict/trust-sentences.ts";
import { failureMessage } from "../../verdict/verify-text.ts";
import type { ComparedFolder } from "../diff/compare-folder.ts";
import { changeWords } from "../diff/diff-text.ts";
import { countChanges, foldChanges } from "../diff/entry-changes.ts";
import { failedTurnsWords, guardLines } from "../history/log-guard.ts";
import { isAsSealed, type LastRun, type Status } from "./status-facts.ts";
import type { OwnKey } from "./status-keys.ts";

const KINDS: Readonly<Record<ChangeKind, string>> = {
  changed: "changed",
  removed: "removed",
  kind: "other kind",
  mode: "mode",
  unreadable: "unreadable",
  added: "added",
};

/** Rows of a guard that are shown; `runseal log` has more. */
const MOST_ROWS = 3;

/** Under a label. */
const LABEL = "         ";

const WIDTH = 12;

/** The whole status. */
export function statusLines(status: Status, colour: boolean, room: number | undefined): string {
  const { faults, key, last, read, signers, unlisted, waiting } = status;
  const { history, unread } = read;
  const runs = countOf(history.line.length, "run");
  const [judged, rest] =
    unread === 0
      ? [runs, ""]
      : [`the last ${runs} up to HEAD`, `; runseal verify --history reads ${numberOf(unread)} more`];
  const first = faults[0];
  const others = faults.length - 1;
  const more = others > 0 ? `, and ${countOf(others, "more finding")}` : "";
  const whole =
    first === undefined
      ? `${judged}, ${paint("whole", "good", colour)}${rest}`
      : `${paint("not whole", "bad", colour)}: ${first.words}${more}`;
  const running = unlisted.filter(({ state }) => state === "running");
  const killed = unlisted.filter(({ state }) => state === "killed");
  const text = [
    lastLines(status, colour),
    guardSection(status, colour, room),
    `history  ${whole}\n`,
    ...running.map(({ runId }) => `running  ${runName(runId)}\n`),
    ...killed.map(({ runId }) => `killed   ${runName(runId)}, which has no bundle\n`),
    ...boundedList(waiting.map((runId) => `unsigned ${runName(runId)}, which waits for a signer\n`)),
    `key      ${keyWords(key)}\n`,
    `trust    ${signersWords(signers)}\n`,
    changeLines(last?.compared, colour),
    nextLines(status),
  ].join("");
  return room === undefined ? text : foldedLines(text, room);
}

function lastLines(status: Status, colour: boolean): string {
  const { isGuard, last } = status;
  if (last === undefined) return `run      ${noRunWords(status)}\n`;
  const { compared, seen, trust } = last;
  const { run, sealed } = seen;
  const signer = sealed === undefined ? "" : `, by ${quoteIfNeeded(trust?.name ?? sealed.signer.keyId)}`;
  const trusted = trust === undefined ? "" : ` (${trustWords(trust, colour)})`;
  const time = run.sealedAt === undefined ? "" : `, sealed ${run.sealedAt}`;
  const label = isGuard ? "snapshot " : "run      ";
  return `${label}${runName(run.runId)}${time}${signer}${trusted}\nfolder   ${folderWords(last, compared, colour)}\n`;
}

/** What a guard has: its last rows, or in short where the folder is a project of its own too. */
function guardSection({ guard, isGuard }: Status, colour: boolean, room: number | undefined): string {
  if (guard === undefined) return "";
  const { last, listed } = guard;
  const { lines, more } = guardLines(listed, MOST_ROWS, room === undefined ? undefined : room - LABEL.length);
  if (isGuard) {
    const failed = failedTurnsWords(listed.failedTurns);
    const rows = [
      ...lines,
      ...(more > 0 ? [`${numberOf(more)} older; runseal log lists them`] : []),
      ...(failed === undefined ? [] : [failed]),
    ];
    return rows.map((line, index) => `${index === 0 ? "runs     " : LABEL}${line}\n`).join("");
  }
  const words = last === undefined ? "no snapshot was taken yet" : folderWords(last, last.compared, colour);
  const since = last === undefined ? "" : ` since ${runName(last.seen.run.runId)}`;
  return `guard    ${words}${since}; runseal log --guard . lists its runs\n`;
}

function noRunWords({ faults, read: { history }, waiting }: Status): string {
  if (faults.length > 0) return "unknown: no run is known to be the last";
  const failed = [...history.places.keys()].filter(({ standing }) => standing === "failed").length;
  if (failed === 0) return `nothing was ${waiting.length === 0 ? "sealed" : "signed"} here yet`;
  return `none succeeded yet; runseal log shows ${countOf(failed, "failed run")}`;
}

function trustWords({ code, guards_own_key, ok }: TrustAnswer, colour: boolean): string {
  if (guards_own_key === true) return paint(GUARDS_OWN_KEY, "doubtful", colour);
  if (code === "ANY_SIGNER") return "not judged";
  return ok ? paint("trusted", "good", colour) : paint(`not trusted: ${code}`, "bad", colour);
}

function folderWords({ seen }: LastRun, compared: ComparedFolder | undefined, colour: boolean): string {
  if (compared === undefined) {
    const why = seen.failure === undefined ? "" : `: ${failureMessage(seen.failure)}`;
    return `${paint("unknown", "bad", colour)}, the bundle does not hold${why}`;
  }
  const files = countOf(seen.sealed?.claims.length ?? 0, "file");
  if (isAsSealed(compared)) return `${paint("as it was sealed", "good", colour)}, ${files}`;
  const counts = countChanges(compared.changes);
  const words = Object.entries(KINDS).flatMap(([kind, word]) => {
    const count = counts[kind as ChangeKind];
    return count === 0 ? [] : [`${numberOf(count)} ${word}`];
  });
  const { unsealed } = compared;
  if (unsealed !== undefined && unsealed.files > 0)
    words.push(`${unsealed.isComplete ? "" : "at least "}${numberOf(unsealed.files)} not sealed`);
  return `${paint("changed", "doubtful", colour)}: ${words.join(", ")}`;
}

function changeLines(compared: ComparedFolder | undefined, colour: boolean): string {
  const changes = compared === undefined ? [] : foldChanges(compared);
  if (changes.length === 0) return "";
  const lines = changes.map((change) => {
    const word = KINDS[change.change];
    const meaning = change.change === "added" ? "doubtful" : "bad";
    return `  ${paint(`${word}:`.padEnd(WIDTH), meaning, colour)}${changeWords(change)}`;
  });
  return `\n${boundedList(lines).join("\n")}\n`;
}

function keyWords(key: OwnKey): string {
  if (key.kind === "usable") return `${quoteIfNeeded(key.name)} (${key.keyId})`;
  if (key.kind === "refused")
    return `${quoteIfNeeded(key.name)} is refused: ${key.code}; runseal doctor says more`;
  switch (key.code) {
    case "KEY_NOT_FOUND":
      if (key.wanted !== undefined) return `none called ${quote(key.wanted)}; runseal key list shows yours`;
      return "none; runseal init makes one";
    case "AMBIGUOUS":
      return "several, and none is the default; runseal key default NAME chooses one";
    default:
      return `none that can be read: ${key.code}`;
  }
}

const NO_SIGNERS = {
  "any-signer": "not judged: --any-signer accepts any signer",
  malformed: "no signer: the trust file has a bad line, which runseal trust list names",
  "no-policy": "no trust policy; runseal trust add NAME KEY begins one",
} as const;

function signersWords(signers: Status["signers"]): string {
  if (typeof signers === "string") return NO_SIGNERS[signers];
  if (signers.length === 0) return "no signer";
  return someOf(signers.map(({ keyId, names }) => quoteIfNeeded(names[0] ?? keyId)));
}

/** What can be typed next: commands, and what they do. */
function nextLines(status: Status): string {
  const steps = nextSteps(status);
  const width = Math.max(...steps.map(([command]) => command.length));
  const lines = steps.map(([command, effect]) => `  ${printable(command).padEnd(width)}  ${effect}\n`);
  return lines.length === 0 ? "" : `\n${lines.join("")}`;
}

function nextSteps({
  faults,
  guard,
  isGuard,
  key,
  last,
  waiting,
}: Status): readonly (readonly [command: string, effect: string])[] {
  if (faults.length > 0) return [["runseal verify --history", "lists what does not fit"]];
  const [unsigned] = waiting;
  if (unsigned !== undefined)
    return [[`runseal sign ${shellWord(unsigned)}`, "signs what was sealed without a key"]];
  if (last === undefined) {
    const seal = ["runseal seal FOLDER", "seals what is in a folder"] as const;
    return lacksKey(key) ? [["runseal init", "makes a key"], seal] : [seal];
  }
  const { compared, seen } = last;
  if (isGuard && compared !== undefined) {
    const undo = guard?.listed.runs.find(({ changes }) => changes !== undefined && isChange(changes));
    const steps: (readonly [string, string])[] = [];
    if (!isAsSealed(compared)) steps.push(["runseal diff", "shows what changed"]);
    if (undo === undefined) return steps;
    const id = typedRun(undo.seen.run.runId);
    return [
      ...steps,
      [`runseal diff ${id}`, "shows what the run changed"],
      [`runseal undo ${id}`, "takes it back"],
    ];
  }
  const run = typedRun(seen.run.runId);
  if (compared === undefined) return [[`runseal verify ${run}`, "says more"]];
  if (isAsSealed(compared)) return [];
  return [
    [`runseal restore ${run} --to DIR --mkdir`, "restores what was sealed into a new folder"],
    ["runseal seal FOLDER", "seals what is there now"],
  ];
}

function typedRun(runId: string): string {
  return isPlainName(runId) ? runId : shellWord(runId);
}

function isChange({ added, changed, removed }: FolderChanges): boolean {
  return added + changed + removed > 0;
}

/** Whether the user has no key at all. A key that is refused is to be mended, and one of several to be chosen. */
function lacksKey(key: OwnKey): boolean {
  return key.kind === "none" && key.code === "KEY_NOT_FOUND" && key.wanted === undefined;
}

/** What to type in a folder without a project. */
export function firstSteps(key: OwnKey): readonly string[] {
  const init = lacksKey(key) ? ["runseal init makes your key, once"] : [];
  return [
    ...init,
    "runseal seal FOLDER seals what is in a folder and makes the project here; runseal run --output FOLDER -- COMMAND seals what a command makes",
    "cd into the project, or name it with --project DIR",
  ];
}
