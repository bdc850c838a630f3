/** Words for trust files. @module */

import {
  formatUtcSecond,
  parsePublicKey,
  quoteIfNeeded,
  type TrustAuthority,
  type TrustLine,
  type TrustThreshold,
} from "../../core/internal.ts";
import { nodeCrypto } from "../../node/system/runtime/node-crypto.ts";
import { namesWords } from "../text/trust-line-words.ts";

/** A signer that is the own key of the guard at hand, in few words. */
export const GUARDS_OWN_KEY = "this guard's own key";

/** A line of any kind. */
export type AnyTrustLine = TrustLine | TrustThreshold | TrustAuthority;

/** The lines of a trust file, each with its number, key id, names and options. */
export function trustFileLines(lines: readonly AnyTrustLine[]): string {
  return lines
    .toSorted((a, b) => a.line - b.line)
    .map((line) => `${String(line.line).padStart(4)}  ${lineWords(line)}\n`)
    .join("");
}

function lineWords(line: AnyTrustLine): string {
  if ("need" in line) return `require ${line.need} of ${namesWords(line.names)}`;
  return "certificate" in line ? authorityWords(line) : signerLineWords(line);
}

function signerLineWords(line: TrustLine): string {
  const keyId = parsePublicKey(line.publicKeyHex, nodeCrypto)?.keyId ?? "";
  const options = optionWords(line);
  return `${keyId}  ${namesWords(line.names)}${options === "" ? "" : `  ${options}`}`;
}

function authorityWords({ certificate, name, validAfter, validBefore }: TrustAuthority): string {
  const options = windowWords({ validAfter, validBefore }).join(", ");
  return `tsa ${quoteIfNeeded(name)}  sha256:${certificate}${options === "" ? "" : `  ${options}`}`;
}

function windowWords({
  validAfter,
  validBefore,
}: Pick<TrustLine, "validAfter" | "validBefore">): readonly string[] {
  return [
    ...(validAfter === undefined ? [] : [`from ${formatUtcSecond(validAfter)} on`]),
    ...(validBefore === undefined ? [] : [`until ${formatUtcSecond(validBefore)}`]),
  ];
}

function optionWords({
  boundOnly,
  namespaces,
  revoked,
  revokedAt,
  validAfter,
  validBefore,
}: TrustLine): string {
  return [
    ...(revoked
      ? [revokedAt === undefined ? "revoked" : `revoked from ${formatUtcSecond(revokedAt)} on`]
      : []),
    ...windowWords({ validAfter, validBefore }),
    ...(namespaces === undefined ? [] : [`namespaces ${namesWords(namespaces)}`]),
    ...(boundOnly ? ["only bundles that sign their run id and time"] : []),
  ].join(", ");
}

/** The other lines of a removed key: without its revocation, a key may be trusted again. */
export function stillListedLines(lines: readonly TrustLine[]): string {
  if (lines.length === 0) return "";
  return `note: the same key is still listed, and this is what decides about it now\n${trustFileLines(lines)}`;
}
