/** `runseal trust revoke KEY-OR-NAME`: nothing that the key sealed is trusted after that. @module */

import { parseMoment, quoteIfNeeded } from "../../../core/internal.ts";
import { placeOfTrustFile, revokeTrustLinesOf } from "../../../node/keys/trust/edit-trust-file.ts";
import { trustEditReport } from "../../output/failure-report.ts";
import type { Io } from "../../output/io.ts";
import { doneReport, type Report } from "../../output/report.ts";
import { trustFileLines } from "../../verdict/trust-sentences.ts";
import { lineFacts } from "./line-facts.ts";
import { readWanted, type TrustFileOptions } from "./trust.ts";
import type { TrustRevokeResult } from "./trust-results.ts";

/** The options as parsed. */
export interface TrustRevokeOptions extends TrustFileOptions {
  readonly at?: string | undefined;
}

/** Revokes a key with all its lines, or a name with all of its. */
export async function runTrustRevoke(
  words: readonly string[],
  options: TrustRevokeOptions,
  io: Io,
): Promise<Report> {
  const { at } = options;
  const seconds = at === undefined ? undefined : parseMoment(at);
  const moment = at === undefined || seconds === undefined ? undefined : { text: at, seconds };
  const place = placeOfTrustFile(options.trust, io.environment);
  const wanted = readWanted(words, place, io);
  if ("report" in wanted) return wanted.report;
  const done = await revokeTrustLinesOf(place, wanted, moment, io);
  if (!done.ok) return trustEditReport(done);
  const { revoked, unchanged } = done.value;
  const { address } = place;
  const was =
    unchanged.length === 0 ? "" : `was revoked before, for that moment too\n${trustFileLines(unchanged)}`;
  const now = revoked.length === 0 ? "" : `revoked in ${quoteIfNeeded(address)}\n${trustFileLines(revoked)}`;
  return doneReport<TrustRevokeResult>(
    "revoked",
    { trust_file: address, revoked: revoked.map(lineFacts), unchanged: unchanged.map(lineFacts) },
    now + was,
  );
}
