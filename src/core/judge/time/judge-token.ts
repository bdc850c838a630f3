/**
 * Whether a token holds by itself: what it stamps, and that its signer's certificate is one for timestamps (RFC 3161, section 2.4.2).
 * Which authority to believe is in `trust-token.ts`.
 *
 * @module
 */

import type { Fault, Result } from "../../system/bytes/result.ts";
import type { TimestampFlaw } from "../../system/codes/codes.ts";
import { countedDigest, digestName, SHA256_OID } from "./algorithms.ts";
import { type Certificate, isForTimestamps, isValidAt } from "./certificate.ts";
import { contextTag, type DerNode, TAG } from "./der.ts";
import { integerBytes, partsIn, plainAlgorithm } from "./der-values.ts";
import { isSame, type TimePlatform } from "./time-platform.ts";
import { parseToken, type TokenSigner } from "./token.ts";

/** Why a token does not hold, and in words. */
export interface TokenFault extends Fault<"TIMESTAMP_INVALID"> {
  readonly flaw: TimestampFlaw;
  readonly reason: string;
}

/** A token that holds by itself. */
export interface SoundToken {
  /** Milliseconds since 1970, rounded up. */
  readonly at: number;
  /** Milliseconds, rounded up. */
  readonly accuracy: number;
  readonly signer: Certificate;
  readonly certificates: readonly Certificate[];
}

/** What a token must be over. */
export interface TokenDemand {
  /** The bytes whose SHA-256 must be the imprint. */
  readonly stamped: Uint8Array;
  /** Content bytes of the nonce that was sent; undefined for a token that is kept. */
  readonly nonce?: Uint8Array | undefined;
}

const CONTENT_TYPE = "1.2.840.113549.1.9.3";
const MESSAGE_DIGEST = "1.2.840.113549.1.9.4";
const SIGNING_CERTIFICATE = "1.2.840.113549.1.9.16.2.12";
const SIGNING_CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.47";
const TST_INFO = "1.2.840.113549.1.9.16.1.4";

/** Judges one token in DER. Never throws on what it reads. */
export function judgeToken(
  der: Uint8Array,
  demand: TokenDemand,
  platform: TimePlatform,
): Result<SoundToken, TokenFault> {
  const token = parseToken(der, platform);
  if (token === "signer-count") return fail(token, "it is not signed by exactly one signer");
  if (typeof token === "string") return fail(token, "it is not a timestamp token in DER");
  const { certificates, info, infoBytes, signer } = token;
  const wrong =
    checkImprint(info.imprint, demand.stamped, platform) ?? checkNonce(info.nonce, demand.nonce, platform);
  if (wrong !== undefined) return wrong;
  const certificate = certificates.find(
    ({ issuer, serial }) =>
      isSame(issuer, signer.issuer, platform) && isSame(serial, signer.serial, platform),
  );
  if (certificate === undefined)
    return fail("certificate-missing", "the certificate of its signer is not in it");
  const failure =
    checkSigner(signer, certificate, infoBytes, platform) ??
    (isForTimestamps(certificate)
      ? undefined
      : fail("usage", "its signer's certificate is not for timestamps alone")) ??
    (isValidAt(certificate, info.at)
      ? undefined
      : fail("expired", "its signer's certificate was not valid at its time"));
  if (failure !== undefined) return failure;
  return { ok: true, value: { at: info.at, accuracy: info.accuracy, signer: certificate, certificates } };
}

function checkImprint(
  imprint: Uint8Array | undefined,
  stamped: Uint8Array,
  platform: TimePlatform,
): TokenFault | undefined {
  if (imprint !== undefined && isSame(imprint, platform.crypto.sha256(stamped), platform)) return undefined;
  return fail("imprint", "it is not over this bundle's signature");
}

function checkNonce(
  nonce: Uint8Array | undefined,
  sent: Uint8Array | undefined,
  platform: TimePlatform,
): TokenFault | undefined {
  if (sent === undefined || (nonce !== undefined && isSame(nonce, sent, platform))) return undefined;
  return fail("nonce", "it answers another request");
}

/** The attributes, which say what was signed and by which certificate, and the signature over them. */
function checkSigner(
  signer: TokenSigner,
  certificate: Certificate,
  infoBytes: Uint8Array,
  platform: TimePlatform,
): TokenFault | undefined {
  const { attributes, digestOid, message, signature, signatureOid } = signer;
  const beside = digestName(digestOid);
  const digest = beside && countedDigest(signatureOid, certificate.key, beside);
  if (digest === undefined)
    return fail(
      "algorithm",
      "its signature is neither RSA of at least 2048 bits nor ECDSA, with SHA-256 or stronger",
    );
  const type = attributes.get(CONTENT_TYPE)?.oid;
  const said = attributes.get(MESSAGE_DIGEST);
  const expected = platform.digest(digest, infoBytes);
  const isOverInfo = said?.tag === TAG.octetString && isSame(said.content, expected, platform);
  if (type !== TST_INFO || !isOverInfo)
    return fail("attributes", "what its signer signed is not its content");
  if (!namesCertificate(attributes, certificate, platform))
    return fail("certificate-mismatch", "its signer names another certificate");
  if (platform.signatureHolds(digest, message, certificate, signature)) return undefined;
  return fail("signature", "the authority's signature does not hold");
}

/** Whether the signer names its certificate, as RFC 5035 or RFC 2634 asks; where both are there, by both. */
function namesCertificate(
  attributes: ReadonlyMap<string, DerNode>,
  certificate: Certificate,
  platform: TimePlatform,
): boolean {
  const first = attributes.get(SIGNING_CERTIFICATE);
  const second = attributes.get(SIGNING_CERTIFICATE_V2);
  if (first === undefined && second === undefined) return false;
  return (
    (first === undefined || namesIt(first, "v1", certificate, platform)) &&
    (second === undefined || namesIt(second, "v2", certificate, platform))
  );
}

function namesIt(
  attribute: DerNode,
  version: "v1" | "v2",
  certificate: Certificate,
  platform: TimePlatform,
): boolean {
  const [list] = partsIn(attribute, TAG.sequence);
  const [id] = partsIn(list, TAG.sequence);
  const parts = [...partsIn(id, TAG.sequence)];
  const hasAlgorithm = version === "v2" && parts[0]?.tag === TAG.sequence;
  const algorithm = hasAlgorithm ? plainAlgorithm(parts.shift()) : SHA256_OID;
  // Version 1 knows only SHA-1. It names a certificate that the signature and the policy bind too.
  const name = version === "v1" ? "sha1" : digestName(algorithm);
  const [hash, issuerSerial, ...rest] = parts;
  if (name === undefined || hash?.tag !== TAG.octetString || rest.length > 0) return false;
  return (
    isSame(hash.content, platform.digest(name, certificate.der), platform) &&
    (issuerSerial === undefined || isIssuedAs(issuerSerial, certificate, platform))
  );
}

function isIssuedAs(issuerSerial: DerNode, { issuer, serial }: Certificate, platform: TimePlatform): boolean {
  const [names, number] = partsIn(issuerSerial, TAG.sequence);
  const [name, ...others] = partsIn(names, TAG.sequence);
  const [directory] = partsIn(name, contextTag(4, "constructed"));
  const stated = integerBytes(number);
  return (
    others.length === 0 &&
    directory !== undefined &&
    stated !== undefined &&
    isSame(directory.bytes, issuer, platform) &&
    isSame(stated, serial, platform)
  );
}

function fail(flaw: TimestampFlaw, reason: string): TokenFault {
  return { ok: false, code: "TIMESTAMP_INVALID", flaw, reason };
}
