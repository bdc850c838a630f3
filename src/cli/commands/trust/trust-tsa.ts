/** `runseal trust add-tsa` and `remove-tsa`: which timestamp authorities the user trusts. @module */

import {
  MAX_TRUST_LINE_BYTES,
  matchesDigest,
  type NewAuthorityBreach,
  quote,
  quoteIfNeeded,
  type TrustAuthority,
  type TrustFile,
  writeAuthority,
} from "../../../core/internal.ts";
import { nodeCrypto } from "../../../node/runtime/node-crypto.ts";
import { readNamedCertificate } from "../../../node/time/named-certificate.ts";
import { addTrustLine, placeOfTrustFile, removeTrustLinesOf } from "../../../node/trust/edit-trust-file.ts";
import { UsageError } from "../../options/usage-error.ts";
import { operationReport, trustEditReport } from "../../output/failure-report.ts";
import type { Io } from "../../output/io.ts";
import { doneReport, type Report } from "../../output/report.ts";
import { trustFileLines } from "../../verdict/trust-text.ts";
import { authorityFacts } from "./authority-facts.ts";
import type { TrustFileOptions } from "./trust.ts";
import type { TrustAddTsaResult, TrustRemoveTsaResult } from "./trust-results.ts";

/** The options of a new line, as parsed. */
export interface TrustAddTsaOptions extends TrustFileOptions {
  readonly validAfter?: string | undefined;
  readonly validBefore?: string | undefined;
}

/** Adds one authority, by a certificate or its fingerprint. Throws usage errors. */
export async function runTrustAddTsa(
  name: string,
  certificate: string,
  options: TrustAddTsaOptions,
  io: Io,
): Promise<Report> {
  const { validAfter, validBefore } = options;
  const digest = readNamedCertificate(certificate);
  if (!digest.ok) return operationReport(digest);
  const written = writeAuthority({ name, digest: digest.value, validAfter, validBefore });
  if (typeof written === "string") throw new UsageError(BREACHES[written](name));
  const place = placeOfTrustFile(options.trust, io.environment);
  const { text } = written;
  const isSame = (line: TrustAuthority): boolean => matchesDigest(line.certificate, digest.value, nodeCrypto);
  const added = await addTrustLine(place, { text, linesOf: ({ authorities }) => authorities, isSame }, io);
  if (!added.ok) return trustEditReport(added);
  return doneReport<TrustAddTsaResult>(
    "added",
    { trust_file: place.address, added: authorityFacts(added.value) },
    `added to ${quoteIfNeeded(place.address)}\n${trustFileLines([], [], [added.value])}`,
  );
}

/** Removes every line of an authority. */
export async function runTrustRemoveTsa(name: string, options: TrustFileOptions, io: Io): Promise<Report> {
  const place = placeOfTrustFile(options.trust, io.environment);
  const wantedOf = ({ authorities }: TrustFile): readonly TrustAuthority[] =>
    authorities.filter((authority) => authority.name === name);
  const done = await removeTrustLinesOf(place, wantedOf, io);
  if (!done.ok) return trustEditReport(done);
  const { removed } = done.value;
  return doneReport<TrustRemoveTsaResult>(
    "removed",
    { trust_file: place.address, removed: removed.map(authorityFacts) },
    `removed from ${quoteIfNeeded(place.address)}\n${trustFileLines([], [], removed)}`,
  );
}

const BREACHES: Readonly<Record<NewAuthorityBreach, (name: string) => string>> = {
  name: (name) =>
    `${quote(name)} can't be an authority's name: no spaces, commas, quotation marks, * ? ! or ], no # [ or - at its beginning`,
  digest: (name) => `the line of ${quote(name)} can't be written`,
  "valid-after": () => "--valid-after is not a moment",
  "valid-before": () => "--valid-before is not a moment",
  "too-long": () => `the line would be longer than ${MAX_TRUST_LINE_BYTES} bytes: give a shorter name`,
};
