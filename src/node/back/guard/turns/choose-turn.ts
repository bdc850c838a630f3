/** Which turn is meant: of a session, or of the one that was at work last. @module */

import { isSameDigest } from "../../../system/runtime/node-crypto.ts";
import { digitsOf, sessionOf, type Turn } from "./turn-record.ts";

/** What is known of a turn. */
export interface WantedTurn {
  /** The agent's id of the session, or the first digits of its hash, as lists show them; undefined: the session with the newest turn. */
  readonly session: string | undefined;
  /** Undefined: the last one of the session. */
  readonly number: number | undefined;
}

/** The digits of a hash that a person must type at least. */
const LEAST_DIGITS = 4;

/** The turns of one session, of all that a guard has; the newest last. */
export function turnsOfSession(turns: readonly Turn[], session: string): readonly Turn[] {
  const hash = sessionOf(session);
  const exact = turns.filter((turn) => isSameDigest(turn.session, hash));
  if (exact.length > 0 || session.length < LEAST_DIGITS) return exact;
  const named = turns.filter((turn) => digitsOf(turn).startsWith(session));
  // Digits that several sessions begin with name none.
  return named.every((turn) => isSameDigest(turn.session, named[0]?.session)) ? named : [];
}

/** Chooses a turn; undefined if there is none. `turns` are as `readTurns` gives them. */
export function chooseTurn(turns: readonly Turn[], { number, session }: WantedTurn): Turn | undefined {
  const newest = turns.at(-1)?.session;
  const own =
    session === undefined
      ? turns.filter((turn) => isSameDigest(turn.session, newest))
      : turnsOfSession(turns, session);
  return own.findLast((turn) => number === undefined || turn.number === number);
}

/** The next turn of the same session that has a snapshot: an interrupted turn ends there. */
export function turnAfter(turns: readonly Turn[], { number, session }: Turn): Turn | undefined {
  const later = turns.filter(
    (turn) => turn.number > number && turn.before !== undefined && isSameDigest(turn.session, session),
  );
  return later.sort((one, other) => one.number - other.number)[0];
}
