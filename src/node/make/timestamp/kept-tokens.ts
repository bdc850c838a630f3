/**
 * Which tokens a bundle keeps when one is added.
 *
 * Tokens that do not hold are dropped, so that planted ones block nothing. A token of an authority that the policy does not name may
 * count for another reader: it is kept while there is room.
 *
 * @module
 */

import {
  isSameBytes,
  type ListedAuthority,
  MAX_TIMESTAMPS,
  ok,
  type Result,
  readTimestamps,
  type TimestampsReading,
} from "../../../core/internal.ts";
import { findAuthority, judgeToken } from "../../keys/time/node-time.ts";

/** The tokens of the file, in its order. */
export interface KeptTokens {
  readonly tokens: readonly Uint8Array[];
  /** How many are dropped. */
  readonly dropped: number;
}

/** Why nothing can be added. */
export interface KeepFault {
  readonly ok: false;
  readonly code: "TIMESTAMPS_MALFORMED" | "NOTHING_TO_ADD";
}

type Standing = "trusted" | "sound" | "fails";

/**
 * Adds a token, which holds, at the end; without one, says whether one could be added. Fails with TIMESTAMPS_MALFORMED if the file
 * is not of its form, and with NOTHING_TO_ADD if 16 tokens of trusted authorities are there.
 */
export function addToken(
  reading: TimestampsReading,
  added: Uint8Array | undefined,
  signature: Uint8Array,
  authorities: readonly ListedAuthority[],
): Result<KeptTokens, KeepFault> {
  const before = readTimestamps(reading);
  if (typeof before === "string") return { ok: false, code: "TIMESTAMPS_MALFORMED" };
  const others = before.filter((token) => added === undefined || !isSameBytes(token, added));
  const judged = others.map((token) => ({ token, standing: standingOf(token, signature, authorities) }));
  const trusted = judged.filter(({ standing }) => standing === "trusted");
  if (trusted.length >= MAX_TIMESTAMPS) return { ok: false, code: "NOTHING_TO_ADD" };
  let excess = judged.filter(({ standing }) => standing !== "fails").length - (MAX_TIMESTAMPS - 1);
  const kept = judged.filter(({ standing }) => {
    if (standing !== "sound") return standing === "trusted";
    // The oldest make room.
    return excess-- <= 0;
  });
  const tokens = [...kept.map(({ token }) => token), ...(added === undefined ? [] : [added])];
  return ok({ tokens, dropped: others.length - kept.length });
}

function standingOf(
  token: Uint8Array,
  stamped: Uint8Array,
  authorities: readonly ListedAuthority[],
): Standing {
  const sound = judgeToken(token, { stamped });
  if (!sound.ok) return "fails";
  return findAuthority(sound.value, authorities).ok ? "trusted" : "sound";
}
