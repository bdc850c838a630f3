/**
 * When the turns of agents were at work, by the snapshots of a history: between these, the person may have been, or another session.
 *
 * @module
 */

import { DigestIndex, type HexDigest } from "../../../../core/internal.ts";
import { isSameDigest, nodeCrypto } from "../../../system/runtime/node-crypto.ts";
import { turnAfter } from "./choose-turn.ts";
import { digitsOf, parseTurnId, type Turn, turnIdOf } from "./turn-record.ts";

/** A snapshot in a line, which begins with the oldest one. */
interface LineSnapshot {
  readonly runId: string;
  readonly bundleRoot: HexDigest;
  readonly task: {
    readonly moment: string;
    readonly ofRun: string | undefined;
    readonly before: HexDigest | undefined;
  };
}

/** When something was at work, by places in the line. Its length stands for now. */
interface Span {
  readonly from: number;
  readonly to: number;
  /** The turn of another session, or the undo of one; undefined for what is undone. */
  readonly other: string | undefined;
}

/**
 * The parts of a line in which the session of `first` was at work, from that turn on: its turns, and the undos of these. `other` is what was
 * at work at the same moment.
 */
export function segmentsOf(
  line: readonly LineSnapshot[],
  turns: readonly Turn[],
  first: Turn,
): readonly Span[] {
  const spans = spansOf(line, turns, first);
  const ends = [...new Set([0, ...spans.flatMap(({ from, to }) => [from, to])])].sort((a, b) => a - b);
  const segments: Span[] = [];
  for (const [index, to] of ends.slice(1).entries()) {
    const from = ends[index] ?? 0;
    const atWork = spans.filter((span) => span.from <= from && span.to >= to);
    if (atWork.every(({ other }) => other !== undefined)) continue;
    const other = atWork.find((span) => span.other !== undefined)?.other;
    const last = segments.at(-1);
    if (last?.to === from && last.other === other) segments.splice(-1, 1, { ...last, to });
    else segments.push({ from, to, other });
  }
  return segments;
}

/** The turns of the session from `first` on, the turns of other sessions, and all undos. */
function spansOf(line: readonly LineSnapshot[], turns: readonly Turn[], first: Turn): readonly Span[] {
  const places = new DigestIndex<number>(nodeCrypto);
  for (const [place, { bundleRoot }] of line.entries()) places.add(bundleRoot, place);
  const placeOf = (root: HexDigest): number | undefined => places.at(root)[0];
  const spans: Span[] = [];
  for (const turn of turns) {
    const isOwn = isSameDigest(turn.session, first.session);
    if (turn.before === undefined || (isOwn && turn.number < first.number)) continue;
    const from = placeOf(turn.before) ?? 0;
    // One that was interrupted ends where it was undone, or where the next one of its session begins.
    const undone = line.findIndex(({ task }, place) => place > from && isUndoOf(task, turn));
    const end = turn.after ?? turnAfter(turns, turn)?.before;
    const to = end !== undefined ? placeOf(end) : undone < 0 ? line.length : undone;
    // It ended before the line begins.
    if (to === undefined) continue;
    spans.push({ from, to, other: isOwn ? undefined : turnIdOf(turn) });
  }
  const undos = new Set<string>();
  for (const [place, { runId, task }] of line.entries()) {
    const { before, moment, ofRun = "" } = task;
    const session = parseTurnId(ofRun)?.session;
    const isOwn = undos.has(ofRun) || session === digitsOf(first);
    if (moment !== "revert" || before === undefined) continue;
    if (isOwn) undos.add(runId);
    spans.push({ from: placeOf(before) ?? 0, to: place, other: isOwn ? undefined : runId });
  }
  return spans;
}

function isUndoOf({ moment, ofRun = "" }: LineSnapshot["task"], turn: Turn): boolean {
  const undone = parseTurnId(ofRun);
  return moment === "revert" && undone?.session === digitsOf(turn) && undone.number <= turn.number;
}
