/** What is reported of a new timestamp. @module */

import { timeWords } from "../../../core/internal.ts";
import { countOf } from "../../../core/system/bytes/count-text.ts";
import type { TimestampedBundle } from "../../../node/make/timestamp/timestamp-bundle.ts";
import { note, type Remark, warning } from "../../output/report.ts";
import type { StampFacts } from "../../results/signer-facts.ts";

/** A new timestamp for a program. */
export function timestampFacts({ certificates, dropped, time, tokens }: TimestampedBundle): StampFacts {
  const { authority = null, certificate = null, decided_by = null, ...moment } = time;
  return {
    time: { ...moment, authority, certificate, decided_by },
    certificates,
    timestamps: tokens,
    dropped,
  };
}

/** A new timestamp in a line. */
export function timestampLine({ time }: TimestampedBundle): string {
  const { authority, ...moment } = time;
  const by = authority ?? "an authority without a name here";
  return `time     ${timeWords({ ...moment, authority: by })}${authority === undefined ? "" : " (trusted)"}\n`;
}

/**
 * Warns of trust that the timestamp took away. Says of an authority that the trust file does not name which certificates to compare,
 * and how many tokens were dropped.
 */
export function timestampRemarks({
  certificates,
  dropped,
  lostTrust,
  time,
}: TimestampedBundle): readonly Remark[] {
  const were = dropped === 1 ? "was" : "were";
  const gone = `${countOf(dropped, "timestamp")} that did not hold, or had to make room, ${were} dropped`;
  return [
    ...(time.authority === undefined ? [unknownRemark(certificates)] : []),
    ...(lostTrust === undefined ? [] : [lostRemark(lostTrust)]),
    ...(dropped === 0 ? [] : [note(gone)]),
  ];
}

function lostRemark({ code, reason }: NonNullable<TimestampedBundle["lostTrust"]>): Remark {
  return warning(
    `the trust file trusted the bundle without this timestamp, and refuses it with it: ${code}: ${reason}`,
    "to undo it, remove the last timestamp from TIMESTAMPS.json, or the file where it is the only one",
  );
}

function unknownRemark(certificates: readonly string[]): Remark {
  const digests = certificates.map((one) => `sha256:${one}`).join(" ");
  return note(
    "the trust file does not name the authority, so the timestamp counts only for readers whose file does",
    // Never a line to paste: an attacker who answered would have chosen these certificates.
    `compare with what the authority publishes, then runseal trust add NAME --tsa: ${digests}`,
  );
}
