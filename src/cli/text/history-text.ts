/** Words for runs in a history. @module */

import { type HistoryPlace, printable, quoteIfNeeded, saidFailure } from "../../core/index.ts";
import type { SeenRun } from "../../node/index.ts";
import type { TrustAnswer } from "../trust-options.ts";
import { countOf } from "./count-text.ts";
import { paint } from "./paint.ts";
import { runName } from "./run-name.ts";
import { saidWords } from "./said-failure-text.ts";

/** A name is cut in a list; `show` has the whole of it. */
const MAX_NAME_CHARACTERS = 40;

/** The widest run id for which the others make room. */
const MAX_ID_WIDTH = 32;

/** How wide a list's first column is. */
export function idWidth(runIds: Iterable<string>): number {
  let width = 0;
  for (const runId of runIds) width = Math.max(width, runName(runId).length);
  return Math.min(width, MAX_ID_WIDTH);
}

/** How a list shows its rows. */
export interface RowStyle {
  readonly width: number;
  readonly colour: boolean;
  /** Whether the outputs were hashed too. */
  readonly isVerified: boolean;
}

/** One run, on one line; of a failed one, why it failed on another. */
export function runLine(
  seen: SeenRun,
  trust: TrustAnswer | undefined,
  place: HistoryPlace,
  { colour, isVerified, width }: RowStyle,
): string {
  const { run, sealed } = seen;
  const columns = [
    runName(run.runId).padEnd(width),
    (run.sealedAt ?? "no time").padEnd(20),
    signerColumn(seen, trust, colour),
    sealed === undefined ? "" : sizeWords(sealed.claims.length, sealed.bytes),
    verdictWords(seen, isVerified, colour),
    placeWords(place),
  ];
  const said = sealed === undefined ? undefined : saidFailure(sealed.status);
  const why = said === undefined ? "" : `  ${saidWords(said)}\n`;
  return `${columns.filter((column) => column !== "").join("  ")}\n${why}`;
}

/** How much a bundle holds. Only a binding says how many bytes. */
export function sizeWords(files: number, bytes: number | undefined): string {
  const count = countOf(files, "file");
  return bytes === undefined ? count : `${count}, ${countOf(bytes, "byte")}`;
}

/** How a bundle stands, in a word or two. */
export function verdictWords({ failure, run }: SeenRun, isVerified: boolean, colour: boolean): string {
  if (failure === undefined) return paint(isVerified ? "sound" : "artifacts hold", "good", colour);
  if (run.standing === "failed") return paint("FAILED RUN", "doubtful", colour);
  return paint(failure.code, "bad", colour);
}

function signerColumn({ sealed }: SeenRun, trust: TrustAnswer | undefined, colour: boolean): string {
  if (sealed === undefined || trust === undefined) return "nobody signed";
  const name = trust.name === undefined ? "" : ` ${short(trust.name)}`;
  const words = trust.ok ? (trust.code === "OK" ? "trusted" : "anybody") : `not trusted: ${trust.code}`;
  return `${sealed.signer.keyId}${name} (${paint(words, trust.ok ? "good" : "bad", colour)})`;
}

function short(name: string): string {
  const characters = Array.from(name);
  const cut = characters.length > MAX_NAME_CHARACTERS;
  return quoteIfNeeded(cut ? `${characters.slice(0, MAX_NAME_CHARACTERS).join("")}…` : name);
}

/** Where a run stands, if not simply in the line. */
export function placeWords(place: HistoryPlace): string {
  switch (place) {
    case "line":
    case "unknown":
      return "";
    case "beside":
      return "[beside the line]";
    case "unfinished":
      return "[HEAD does not name it yet]";
    case "following":
      return "[behind HEAD]";
    case "branch":
      return "[on another branch]";
    case "beyond":
      return "[beyond a gap]";
    case "foreign":
      return "[no place in the line]";
  }
}

/** Text of many lines from outside, each made harmless and cut: a bound for the eye, `--json` has the whole. */
export function boundedText(text: string, maxLines: number, maxCharacters: number, indent: string): string {
  const lines = text.split("\n");
  const shown = lines.slice(0, maxLines).map((line) => {
    const cut = line.length > maxCharacters ? `${line.slice(0, maxCharacters)}…` : line;
    return `${indent}${printable(cut)}\n`;
  });
  const more = lines.length - shown.length;
  return shown.join("") + (more > 0 ? `${indent}… and ${countOf(more, "more line")}\n` : "");
}
