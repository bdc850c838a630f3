/** Words for runs in a history. @module */

import {
  type HistoryPlace,
  printable,
  quoteIfNeeded,
  saidFailure,
  saidWords,
} from "../../../core/internal.ts";
import { countOf, numberOf } from "../../../core/system/bytes/count-text.ts";
import type { SeenRun } from "../../../node/judge/history/inspect-run.ts";
import type { TrustAnswer } from "../../options/trust-options.ts";
import { paint } from "../../text/paint.ts";
import { GUARDS_OWN_KEY } from "../../verdict/trust-sentences.ts";
import { type Cell, type Form, fitRow, plainForm } from "./fit-row.ts";
import { type ListColumns, nameColumn, timeColumn } from "./list-columns.ts";
import { cutEnd } from "./text-width.ts";

/** A name is cut in a list; `show` has the whole of it. */
const MAX_NAME_CHARACTERS = 40;

/** How long a name is where the terminal is narrow. */
const BRIEF_NAME_CHARACTERS = 12;

/** How a list shows its rows. */
export interface RowStyle {
  readonly columns: ListColumns;
  readonly colour: boolean;
  /** Whether the outputs were hashed too. */
  readonly isVerified: boolean;
}

/** One run, on one line; of a failed one, why it failed on another. */
export function runLine(
  seen: SeenRun,
  trust: TrustAnswer | undefined,
  place: HistoryPlace,
  { colour, columns, isVerified }: RowStyle,
): string {
  const { run, sealed } = seen;
  const size = sealed === undefined ? "" : sizeWords(sealed.claims.length, sealed.bytes);
  const fewer = sealed === undefined ? "" : countOf(sealed.claims.length, "file");
  const cells: readonly Cell[] = [
    [plainForm(nameColumn(run.runId, columns))],
    [plainForm(timeColumn(run.sealedAt, columns))],
    signerCell(seen, trust, colour),
    [plainForm(size), plainForm(fewer), plainForm("")],
    [
      {
        plain: verdictWords(seen, isVerified, false),
        shown: verdictWords(seen, isVerified, colour),
      },
    ],
    placeCell(place, run),
  ];
  const said = sealed === undefined ? undefined : saidFailure(sealed.status);
  const why = said === undefined ? "" : `${cutEnd(`  ${saidWords(said)}`, columns.room)}\n`;
  return `${fitRow(cells, SHORTENED, columns.room)}\n${why}`;
}

/** Which cells of a row are shortened, in this order: size, place, signer. */
const SHORTENED = [3, 5, 2];

/** How much a bundle holds. Only a binding says how many bytes. */
export function sizeWords(files: number, bytes: number | undefined): string {
  const count = countOf(files, "file");
  return bytes === undefined ? count : `${count}, ${countOf(bytes, "byte")}`;
}

/** How many of the runs are listed, and what was verified of them. */
export function listedWords(shown: number, total: number, isVerified: boolean): string {
  const left = shown === total ? "" : ` of ${numberOf(total)}`;
  const done = isVerified
    ? "the bundles and their files were verified"
    : "the bundles were verified, their files were not (--verify does)";
  return `${countOf(shown, "run")}${left}; ${done}`;
}

/** The verdict in one or two words. */
export function verdictWords({ failure, run }: SeenRun, isVerified: boolean, colour: boolean): string {
  if (failure === undefined) return paint(isVerified ? "verified" : "bundle ok", "good", colour);
  if (run.standing === "failed") return paint("FAILED RUN", "doubtful", colour);
  return paint(failure.code, "bad", colour);
}

/** If a bundle could not be read, its signature may still be valid. */
function unsignedCell(failure: SeenRun["failure"]): Cell {
  const isUnread = failure !== undefined && (!("phase" in failure) || failure.code === "READ_FAILED");
  if (isUnread) return [plainForm("signer unknown")];
  return [plainForm("no valid signature"), plainForm("not trusted")];
}

function signerCell({ failure, sealed }: SeenRun, trust: TrustAnswer | undefined, colour: boolean): Cell {
  if (sealed === undefined || trust === undefined) return unsignedCell(failure);
  const { keyId } = sealed.signer;
  const name = trust.name === undefined ? undefined : short(trust.name, MAX_NAME_CHARACTERS);
  const brief = trust.name === undefined ? keyId : short(trust.name, BRIEF_NAME_CHARACTERS);
  const isGuards = trust.guards_own_key === true;
  const word = trust.ok ? (trust.code === "OK" ? "trusted" : "anybody") : "not trusted";
  const words = isGuards ? GUARDS_OWN_KEY : trust.ok ? word : `${word}: ${trust.code}`;
  const brieflySaid = isGuards ? "guard's key" : word;
  const meaning = trust.ok ? "good" : isGuards ? "doubtful" : "bad";
  const form = (who: string, said: string): Form => ({
    plain: `${who} (${said})`,
    shown: `${who} (${paint(said, meaning, colour)})`,
  });
  const whole = name === undefined ? keyId : `${keyId} ${name}`;
  return [
    form(whole, words),
    form(name ?? keyId, words),
    form(name ?? keyId, brieflySaid),
    form(brief, brieflySaid),
    { plain: brieflySaid, shown: paint(brieflySaid, meaning, colour) },
  ];
}

function short(name: string, most: number): string {
  const characters = Array.from(name);
  return quoteIfNeeded(characters.length > most ? `${characters.slice(0, most).join("")}…` : name);
}

/** A failed run is never in the line: if there is no room, `FAILED RUN` says enough. */
function placeCell(place: HistoryPlace, { standing }: SeenRun["run"]): Cell {
  const { brief, whole } = PLACES[place];
  const isSaid = place === "beside" && standing === "failed";
  return [plainForm(whole), plainForm(isSaid ? "" : brief)];
}

/** How much room a list's rows need for the places that are always shown, in their fewest words. */
export function placeWidth(places: Iterable<HistoryPlace>): number {
  let widest = 0;
  for (const place of places) if (place !== "beside") widest = Math.max(widest, PLACES[place].brief.length);
  return widest === 0 ? 0 : widest + 2;
}

/** Where a run stands, if not simply in the line. */
const PLACES: Readonly<Record<HistoryPlace, { readonly whole: string; readonly brief: string }>> = {
  line: { whole: "", brief: "" },
  unknown: { whole: "", brief: "" },
  beside: { whole: "[not in the history]", brief: "[outside]" },
  unfinished: { whole: "[HEAD does not name it yet]", brief: "[unfinished]" },
  following: { whole: "[behind HEAD]", brief: "[behind HEAD]" },
  branch: { whole: "[on another branch]", brief: "[branch]" },
  forgotten: { whole: "[forgotten]", brief: "[forgotten]" },
  beyond: { whole: "[beyond a gap]", brief: "[gap]" },
  foreign: { whole: "[no place in the history]", brief: "[no place]" },
};

/** Text of many lines from outside, each escaped and cut to a readable length; `--json` has all of it. */
export function boundedText(text: string, maxLines: number, maxCharacters: number, indent: string): string {
  const lines = text.split("\n");
  const shown = lines.slice(0, maxLines).map((line) => {
    const cut = line.length > maxCharacters ? `${line.slice(0, maxCharacters)}…` : line;
    return `${indent}${printable(cut)}\n`;
  });
  const more = lines.length - shown.length;
  return shown.join("") + (more > 0 ? `${indent}… and ${countOf(more, "more line")}\n` : "");
}
