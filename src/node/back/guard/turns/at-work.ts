/**
 * Whose changes lie between the snapshots of a line: of a session since one of its turns, of the person between two turns, or of another
 * session.
 *
 * @module
 */

import { type ChangeAuthors, DigestIndex, type HexDigest } from "../../../../core/internal.ts";
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
  /** The turn of another session; undefined for what is undone. */
  readonly other: string | undefined;
}

/** Neighbouring snapshots, and whose changes lie between them. */
interface Segment extends ChangeAuthors {
  readonly from: number;
  readonly to: number;
}

/** Parts a line where a turn begins or ends. What is undone are the turns of the session of `first`, from that one on. */
export function partLine(
  line: readonly LineSnapshot[],
  turns: readonly Turn[],
  first: Turn,
): readonly Segment[] {
  const spans = spansOf(line, turns, first);
  const ends = [...new Set([0, ...spans.flatMap(({ from, to }) => [from, to])])].sort((a, b) => a - b);
  return ends.slice(1).map((to, index) => {
    const from = ends[index] ?? 0;
    const atWork = spans.filter((span) => span.from <= from && span.to >= to);
    const other = atWork.find((span) => span.other !== undefined)?.other;
    return { from, to, isOwn: atWork.some((span) => span.other === undefined), other };
  });
}

/** What was at work in a line: the turns of the session from `first` on, their undos, and the turns of other sessions. */
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
    if (moment !== "revert" || before === undefined || !isOwn) continue;
    undos.add(runId);
    spans.push({ from: placeOf(before) ?? 0, to: place, other: undefined });
  }
  return spans;
}

function isUndoOf({ moment, ofRun = "" }: LineSnapshot["task"], turn: Turn): boolean {
  const undone = parseTurnId(ofRun);
  return moment === "revert" && undone?.session === digitsOf(turn) && undone.number <= turn.number;
}
