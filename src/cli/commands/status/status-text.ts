/** A status in words, in the manner of `git status`. @module */

import { printable, quote, quoteIfNeeded } from "../../../core/internal.ts";
import type { TrustAnswer } from "../../options/trust-options.ts";
import { boundedList } from "../../text/bounded-list.ts";
import { countOf, numberOf } from "../../text/count-text.ts";
import { paint } from "../../text/paint.ts";
import { isPlainName, runName } from "../../text/run-name.ts";
import { shellWord } from "../../text/shell-word.ts";
import { findingWords } from "../../verdict/finding-text.ts";
import { GUARDS_OWN_KEY } from "../../verdict/trust-text.ts";
import { failureMessage } from "../../verdict/verify-text.ts";
import type { Change, ChangeKind, ComparedFolder } from "./compare-folder.ts";
import type { OwnKey } from "./own-keys.ts";
import type { LastRun, Status } from "./status.ts";
import { countChanges, isAsSealed } from "./status-facts.ts";

/** Two letters in the column of `git status --short`, and a word. */
const KINDS: Readonly<Record<ChangeKind, { readonly letters: string; readonly word: string }>> = {
  modified: { letters: " M", word: "modified" },
  missing: { letters: " D", word: "missing" },
  kind: { letters: " T", word: "other kind" },
  mode: { letters: " m", word: "mode" },
  unreadable: { letters: " !", word: "unreadable" },
  new: { letters: "??", word: "new" },
};

/** Signers that a person is shown; `runseal trust list` has them all. */
const MOST_SIGNERS = 5;

const WIDTH = 12;

/** A line for each change. */
export function shortLines({ last }: Status): string {
  return (last?.compared?.changes ?? [])
    .map((change) => `${KINDS[change.change].letters} ${pathOf(change)}\n`)
    .join("");
}

/** The whole status. */
export function statusLines(status: Status, colour: boolean): string {
  const { faults, key, last, read, signers, unlisted, waiting } = status;
  const { line } = read.history;
  const first = faults[0];
  const others = faults.length - 1;
  const more = others > 0 ? `, and ${countOf(others, "more finding")}` : "";
  const whole =
    first === undefined
      ? `${countOf(line.length, "run")}, ${paint("whole", "good", colour)}`
      : `${paint("not whole", "bad", colour)}: ${findingWords(first)}${more}`;
  const running = unlisted.filter(({ state }) => state === "running");
  const killed = unlisted.filter(({ state }) => state === "killed");
  return [
    lastLines(status, colour),
    `line     ${whole}\n`,
    ...running.map(({ runId }) => `running  ${runName(runId)}\n`),
    ...killed.map(({ runId }) => `killed   ${runName(runId)}, which has no bundle\n`),
    ...boundedList(waiting.map((runId) => `unsigned ${runName(runId)}, which waits for a signer\n`)),
    `key      ${keyWords(key)}\n`,
    `trust    ${signersWords(signers)}\n`,
    changeLines(last?.compared, colour),
    nextLines(status),
  ].join("");
}

function lastLines(status: Status, colour: boolean): string {
  const { last } = status;
  if (last === undefined) {
    return `run      ${noRunWords(status)}\n`;
  }
  const { compared, seen, trust } = last;
  const { run, sealed } = seen;
  const signer = sealed === undefined ? "" : `, by ${quoteIfNeeded(trust?.name ?? sealed.signer.keyId)}`;
  const trusted = trust === undefined ? "" : ` (${trustWords(trust, colour)})`;
  const time = run.sealedAt === undefined ? "" : `, sealed ${run.sealedAt}`;
  return `run      ${runName(run.runId)}${time}${signer}${trusted}\nfolder   ${folderWords(last, compared, colour)}\n`;
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
  const counts = countChanges(compared);
  const words = Object.entries(KINDS).flatMap(([kind, { word }]) => {
    const count = counts[kind as ChangeKind];
    return count === 0 ? [] : [`${numberOf(count)} ${word}`];
  });
  const { unsealed } = compared;
  if (unsealed !== undefined && unsealed.files > 0)
    words.push(`${unsealed.isComplete ? "" : "at least "}${numberOf(unsealed.files)} not sealed`);
  return `${paint("changed", "doubtful", colour)}: ${words.join(", ")}`;
}

function changeLines(compared: ComparedFolder | undefined, colour: boolean): string {
  const changes = compared?.changes ?? [];
  if (changes.length === 0) return "";
  const lines = changes.map((change) => {
    const { word } = KINDS[change.change];
    const meaning = change.change === "new" ? "doubtful" : "bad";
    return `  ${paint(`${word}:`.padEnd(WIDTH), meaning, colour)}${pathOf(change)}`;
  });
  return `\n${boundedList(lines)
    .map((line) => `${line}\n`)
    .join("")}`;
}

function pathOf({ isFolder, path }: Change): string {
  return quoteIfNeeded(isFolder ? `${path}/` : path);
}

function keyWords(key: OwnKey): string {
  if (key.kind === "usable") return `${quoteIfNeeded(key.name)} (${key.keyId})`;
  if (key.kind === "refused")
    return `${quoteIfNeeded(key.name)} is refused: ${key.code}; runseal doctor says more`;
  switch (key.code) {
    case "KEY_NOT_FOUND":
      if (key.wanted !== undefined) return `none called ${quote(key.wanted)}; runseal key list shows yours`;
      return "none; runseal init makes one";
    case "KEY_AMBIGUOUS":
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
  const shown = signers
    .slice(0, MOST_SIGNERS)
    .map(({ keyId, names }) => quoteIfNeeded(names[0] ?? keyId))
    .join(", ");
  const more = signers.length - MOST_SIGNERS;
  return `${shown}${more > 0 ? ` and ${countOf(more, "other signer")}` : ""}`;
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
  const run = isPlainName(seen.run.runId) ? seen.run.runId : shellWord(seen.run.runId);
  if (compared === undefined) return [[`runseal verify ${run}`, "says more"]];
  if (isAsSealed(compared)) return [];
  return [
    [`runseal restore ${run} --to DIR --mkdir`, "restores what was sealed into a new folder"],
    ["runseal seal FOLDER", "seals what is there now"],
  ];
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
