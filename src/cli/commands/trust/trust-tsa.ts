/** `runseal trust add NAME --tsa CERT`: which timestamp authorities the user trusts. @module */

import {
  formatUtcSecond,
  MAX_TRUST_LINE_BYTES,
  matchesDigest,
  type NewAuthorityBreach,
  quote,
  quoteIfNeeded,
  type TrustAuthority,
  writeAuthority,
} from "../../../core/internal.ts";
import { readNamedCertificate } from "../../../node/keys/time/named-certificate.ts";
import { addTrustLine, placeOfTrustFile } from "../../../node/keys/trust/edit-trust-file.ts";
import { nodeCrypto } from "../../../node/system/runtime/node-crypto.ts";
import { UsageError } from "../../options/usage-error.ts";
import { operationReport, trustEditReport } from "../../output/failure-report.ts";
import type { Io } from "../../output/io.ts";
import { doneReport, type Report } from "../../output/report.ts";
import { trustFileLines } from "../../verdict/trust-sentences.ts";
import type { AuthorityFacts, TrustAddResult } from "./trust-results.ts";

/** The options of its line, as parsed. */
interface AuthorityOptions {
  readonly trust?: string | undefined;
  readonly validAfter?: string | undefined;
  readonly validBefore?: string | undefined;
}

/** Adds one authority, by a certificate or its fingerprint. Throws usage errors. */
export async function addAuthority(
  name: string,
  certificate: string,
  { trust, validAfter, validBefore }: AuthorityOptions,
  io: Io,
): Promise<Report> {
  const digest = readNamedCertificate(certificate);
  if (!digest.ok) return operationReport(digest);
  const written = writeAuthority({ name, digest: digest.value, validAfter, validBefore });
  if (typeof written === "string") throw new UsageError(BREACHES[written](name));
  const place = placeOfTrustFile(trust, io.environment);
  const { text } = written;
  const isSame = (line: TrustAuthority): boolean => matchesDigest(line.certificate, digest.value, nodeCrypto);
  const added = await addTrustLine(place, { text, linesOf: ({ authorities }) => authorities, isSame }, io);
  if (!added.ok) return trustEditReport(added);
  return doneReport<TrustAddResult>(
    "added",
    { trust_file: place.address, added: authorityFacts(added.value) },
    `added to ${quoteIfNeeded(place.address)}\n${trustFileLines([], [], [added.value])}`,
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

/** A `[tsa …]` line for a program. */
export function authorityFacts({
  certificate,
  line,
  name,
  validAfter,
  validBefore,
}: TrustAuthority): AuthorityFacts {
  return {
    line,
    name,
    certificate,
    ...(validAfter === undefined ? {} : { valid_after: formatUtcSecond(validAfter) }),
    ...(validBefore === undefined ? {} : { valid_before: formatUtcSecond(validBefore) }),
  };
}
