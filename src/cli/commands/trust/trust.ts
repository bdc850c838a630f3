/** `runseal trust list`, `add` and `remove`: shows and changes which signers the user trusts. @module */

import {
  looksLikeKeyDigest,
  MAX_LINE_PATTERNS,
  MAX_TRUST_LINE_BYTES,
  matchesDigest,
  type NewAuthorityBreach,
  type NewTrustLineBreach,
  parseKeyText,
  quote,
  quoteIfNeeded,
  type TrustAuthority,
  type TrustFile,
  type TrustLine,
  writeAuthority,
  writeThreshold,
  writeTrustLine,
} from "../../../core/internal.ts";
import { keyInLine } from "../../../node/keys/named-key.ts";
import { isPublicFileName } from "../../../node/keys/public-file.ts";
import { readNamedCertificate } from "../../../node/keys/time/named-certificate.ts";
import {
  addTrustLine,
  type LinesWanted,
  linesWanted,
  openTrustFile,
  placeOfTrustFile,
  removeTrustLinesOf,
  signerLine,
  type TrustFilePlace,
} from "../../../node/keys/trust/edit-trust-file.ts";
import { unreadable } from "../../../node/keys/trust/read-trust.ts";
import { nodeCrypto } from "../../../node/system/runtime/node-crypto.ts";
import { knownKeys, readKeyArgument } from "../../options/public-key-operand.ts";
import { UsageError } from "../../options/usage-error.ts";
import { operationReport, trustEditReport } from "../../output/failure-report.ts";
import type { Io } from "../../output/io.ts";
import { doneReport, type Report } from "../../output/report.ts";
import { type AnyTrustLine, stillListedLines, trustFileLines } from "../../verdict/trust-sentences.ts";
import { authorityFacts, lineFacts, thresholdFacts } from "./line-facts.ts";
import type {
  TrustAddResult,
  TrustFileFacts,
  TrustListResult,
  TrustRemoveResult,
  TrustRequireResult,
} from "./trust-results.ts";

/** Which trust file. */
export interface TrustFileOptions {
  readonly trust?: string | undefined;
}

/** The options of a new line, as parsed. */
export interface TrustAddOptions extends TrustFileOptions {
  readonly validAfter?: string | undefined;
  readonly validBefore?: string | undefined;
  readonly namespace?: string | undefined;
  readonly bound?: true | undefined;
  readonly tsa?: string | undefined;
}

/** Lists what a trust file says. */
export function runTrustList(options: TrustFileOptions, io: Io): Report {
  const place = placeOfTrustFile(options.trust, io.environment);
  const opened = openTrustFile(place);
  if (!opened.ok) return trustEditReport(opened);
  const { authorities, isThere, lines, thresholds } = opened.value;
  // A file that was named must be there; one's own need not be.
  if (!isThere && options.trust !== undefined) {
    const { label: file } = place;
    return trustEditReport(unreadable(file, "not-there"));
  }
  const none = isThere
    ? "the file lists no signers\n"
    : "no trust file yet; runseal init or runseal trust add makes one\n";
  return doneReport<TrustListResult>(
    "listed",
    {
      trust_file: place.address,
      lines: lines.map(lineFacts),
      thresholds: thresholds.map(thresholdFacts),
      authorities: authorities.map(authorityFacts),
    },
    lines.length + thresholds.length + authorities.length === 0
      ? none
      : trustFileLines([...lines, ...thresholds, ...authorities]),
  );
}

/**
 * Adds one signer, or with `tsa` an authority. The key may come in several words, as it stands in a `.pub` file; or name and key as one text. Succeeds where a
 * line of the file says the same already.
 */
export async function runTrustAdd(
  first: string,
  others: readonly string[],
  options: TrustAddOptions,
  io: Io,
): Promise<Report> {
  if (options.tsa !== undefined) {
    if (others.length > 0) throw new UsageError("with --tsa, trust add takes a name and no key");
    return await addAuthority(first, options.tsa, options, io);
  }
  const [names = "", ...keyWords] = others.length > 0 ? [first, ...others] : first.trim().split(/\s+/);
  if (keyWords.length === 0)
    throw new UsageError("trust add takes a name and a key, or the line that init prints");
  const { bound, namespace: namespaces, validAfter, validBefore } = options;
  const place = placeOfTrustFile(options.trust, io.environment);
  const opened = openTrustFile(place);
  const named = readKeyArgument(keyWords.join(" "), knownKeys(io, opened.ok ? opened.value.lines : []));
  if ("report" in named) return named.report;
  const key = writtenKey(keyWords, named.publicKeyHex);
  const written = writeTrustLine({ names, key, validAfter, validBefore, namespaces, bound }, nodeCrypto);
  if (typeof written === "string") throw new UsageError(BREACHES[written](names, key));
  const says = (line: TrustLine): string => JSON.stringify({ ...lineFacts(line), line: 0 });
  const added = await addTrustLine(place, signerLine(written.text, written.line.publicKeyHex), io);
  if (!added.ok) {
    const same = opened.ok ? opened.value.lines.find((line) => says(line) === says(written.line)) : undefined;
    if (same === undefined || added.code !== "TRUST_LINE_REFUSED") return trustEditReport(added);
    return addedReport(place, same, lineFacts(same), "already there");
  }
  return addedReport(place, added.value, lineFacts(added.value));
}

/** Adds one authority, by a certificate or its fingerprint. Throws usage errors. */
async function addAuthority(
  name: string,
  certificate: string,
  { trust, validAfter, validBefore }: TrustAddOptions,
  io: Io,
): Promise<Report> {
  const digest = readNamedCertificate(certificate);
  if (!digest.ok) return operationReport(digest);
  const written = writeAuthority({ name, digest: digest.value, validAfter, validBefore });
  if (typeof written === "string") throw new UsageError(BREACHES[written](name, certificate));
  const place = placeOfTrustFile(trust, io.environment);
  const { text } = written;
  const isSame = (line: TrustAuthority): boolean => matchesDigest(line.certificate, digest.value, nodeCrypto);
  const added = await addTrustLine(place, { text, linesOf: ({ authorities }) => authorities, isSame }, io);
  return added.ok ? addedReport(place, added.value, authorityFacts(added.value)) : trustEditReport(added);
}

/** A line that was added, as `--json` has it. */
type Added = (TrustAddResult | TrustRequireResult)["added"];

function addedReport(
  { address }: TrustFilePlace,
  line: AnyTrustLine,
  added: Added,
  message: "added" | "already there" = "added",
): Report {
  return doneReport<TrustFileFacts & { readonly added: Added }>(
    message,
    { trust_file: address, added },
    `${message === "added" ? "added to" : "already in"} ${quoteIfNeeded(address)}\n${trustFileLines([line])}`,
  );
}

/** Adds the line that requires several signers. Throws usage errors. */
export async function runTrustRequire(
  count: string,
  list: string,
  options: TrustFileOptions,
  io: Io,
): Promise<Report> {
  const written = writeThreshold(count, list);
  if (written === undefined)
    throw new UsageError("trust require takes a number and names, such as 2 of alice,build");
  const { names, need } = written.threshold;
  const place = placeOfTrustFile(options.trust, io.environment);
  const added = await addTrustLine(
    place,
    {
      text: written.text,
      linesOf: ({ thresholds }) => thresholds,
      isSame: (line) => line.need === need && String([...line.names].sort()) === String([...names].sort()),
    },
    io,
  );
  return added.ok ? addedReport(place, added.value, thresholdFacts(added.value)) : trustEditReport(added);
}

/** Removes a key with all its lines, or a name with all of its, also of an authority. */
export async function runTrustRemove(
  words: readonly string[],
  options: TrustFileOptions,
  io: Io,
): Promise<Report> {
  const place = placeOfTrustFile(options.trust, io.environment);
  const wanted = readWanted(words, place, io);
  if ("report" in wanted) return wanted.report;
  const wantedOf = (file: TrustFile): readonly (TrustLine | TrustAuthority)[] => [
    ...linesWanted(file, wanted),
    ...file.authorities.filter(({ name }) => "name" in wanted && name === wanted.name),
  ];
  const done = await removeTrustLinesOf(place, wantedOf, io);
  if (!done.ok) return trustEditReport(done);
  const { left, removed } = done.value;
  const signers = removed.filter((line) => "publicKeyHex" in line);

  const keys = new Set(signers.map((line) => line.publicKeyHex));
  const still = left.lines.filter((line) => keys.has(line.publicKeyHex));
  const lines = trustFileLines(removed) + stillListedLines(still);
  return doneReport<TrustRemoveResult>(
    "removed",
    {
      trust_file: place.address,
      removed: removed.map((line) => ("certificate" in line ? authorityFacts(line) : lineFacts(line))),
      still_listed: still.map(lineFacts),
    },
    `removed from ${quoteIfNeeded(place.address)}\n${lines}`,
  );
}

/** The key in the form in which it was given, where that form can stand in a trust file. */
function writtenKey(words: readonly string[], publicKeyHex: string): string {
  const text = keyInLine(words.join(" "));
  return parseKeyText(text, nodeCrypto) === publicKeyHex ? text : publicKeyHex;
}

/** A key, or a name that lines of the file list. */
export function readWanted(
  words: readonly string[],
  place: TrustFilePlace,
  io: Io,
): LinesWanted | { readonly report: Report } {
  const text = words.join(" ");
  const opened = openTrustFile(place);
  const { authorities, lines } = opened.ok ? opened.value : { authorities: [], lines: [] };
  const isName =
    lines.some(({ names }) => names.includes(text)) || authorities.some(({ name }) => name === text);
  const looksLikeName = words.length === 1 && parseKeyText(text, nodeCrypto) === undefined;
  if (isName || (looksLikeName && !looksLikeKeyDigest(text) && !isPublicFileName(text)))
    return { name: text };
  return readKeyArgument(text, knownKeys(io, lines));
}

const BREACHES: Readonly<
  Record<NewTrustLineBreach | NewAuthorityBreach, (names: string, key: string) => string>
> = {
  name: (names) =>
    `${quote(names)} can't be a name: no spaces, quotation marks, * ? or !, no # [ or - at its beginning; an authority's has no comma or ] either`,
  key: (_names, key) =>
    `${quote(key)} is not a public key\n64 lowercase hex, 'runseal-ed25519 HEX' or 'ssh-ed25519 AAAA…'`,
  digest: (names) => `the line of ${quote(names)} can't be written`,
  "valid-after": () => "--valid-after is not a moment",
  "valid-before": () => "--valid-before is not a moment",
  namespaces: () => `--namespace takes at most ${MAX_LINE_PATTERNS} patterns between commas, such as runseal`,
  "too-long": () =>
    `the line would be longer than ${MAX_TRUST_LINE_BYTES} bytes: give fewer or shorter names`,
};
