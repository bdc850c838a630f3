/**
 * A certificate of a token (RFC 5280): its fields, and the checks that need no other one. Its key is read by the platform.
 *
 * @module
 */

import { digestToHex, type HexDigest } from "../../system/bytes/hex.ts";
import type { CertificateKey } from "./algorithms.ts";
import { contextTag, type DerNode, parseDer, TAG } from "./der.ts";
import { booleanOf, certificateMoment, integerBytes, partsIn, smallInteger } from "./der-values.ts";
import type { TimePlatform } from "./time-platform.ts";

/** A parsed certificate whose key the platform reads. */
export interface Certificate extends CertificateFields {
  readonly key: CertificateKey;
}

/** The fields of a certificate. */
export interface CertificateFields {
  readonly der: Uint8Array;
  /** `der` as parsed. */
  readonly tree: DerNode;
  /** SHA-256 of `der`. */
  readonly digest: HexDigest;
  /** The serial number, content bytes. */
  readonly serial: Uint8Array;
  /** Names in DER. */
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  /** Milliseconds since 1970, both inclusive. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** The algorithm of its issuer's signature. */
  readonly signatureOid: string | undefined;
  readonly extensions: ReadonlyMap<string, Extension>;
}

/** An extension. */
export interface Extension {
  readonly isCritical: boolean;
  /** Undefined for a value that is not in DER. */
  readonly value: DerNode | undefined;
}

/** Extensions by their object identifier. */
export const BASIC_CONSTRAINTS = "2.5.29.19";
export const KEY_USAGE = "2.5.29.15";
export const EXTENDED_KEY_USAGE = "2.5.29.37";
const TIME_STAMPING = "1.3.6.1.5.5.7.3.8";

/** Critical extensions that are understood. Subject names and certificate policies restrict nothing that is asked here. */
const UNDERSTOOD: readonly string[] = [
  BASIC_CONSTRAINTS,
  KEY_USAGE,
  EXTENDED_KEY_USAGE,
  "2.5.29.17",
  "2.5.29.32",
];

/** Bits of keyUsage, from the first. */
const USAGE_BITS = { digitalSignature: 0, nonRepudiation: 1, keyCertSign: 5 } as const;

/** Parses a certificate in DER; `undefined` if it is not of its form, or if the platform does not read it. */
export function parseCertificate(der: Uint8Array, platform: TimePlatform): Certificate | undefined {
  const tree = parseDer(der, platform.readBer);
  const [tbs, algorithm, ...rest] = partsIn(tree, TAG.sequence);
  const fields = partsIn(tbs, TAG.sequence);
  const [version, serialNumber, , issuer, validity, subject] = fields;
  const serial = integerBytes(serialNumber);
  const [from, to] = partsIn(validity, TAG.sequence).map(certificateMoment);
  const extensions = readExtensions(
    fields.find(({ tag }) => tag === contextTag(3, "constructed")),
    platform,
  );
  const isForm = version?.tag === contextTag(0, "constructed") && rest.length === 1;
  if (tree === undefined || !isForm || serial === undefined) return undefined;
  if (issuer === undefined || subject === undefined || extensions === undefined) return undefined;
  if (from === undefined || to === undefined) return undefined;
  const certificate: CertificateFields = {
    der,
    tree,
    digest: digestToHex(platform.crypto.sha256(der)),
    serial,
    issuer: issuer.bytes,
    subject: subject.bytes,
    notBefore: from,
    notAfter: to,
    signatureOid: partsIn(algorithm, TAG.sequence)[0]?.oid,
    extensions,
  };
  const key = platform.keyOf(certificate);
  return key === undefined ? undefined : { ...certificate, key };
}

/** Whether a certificate is for timestamps alone: its extended usage is critical and says only that, and its key signs only data. */
export function isForTimestamps(certificate: Certificate): boolean {
  const { extensions } = certificate;
  const extended = extensions.get(EXTENDED_KEY_USAGE);
  const usages = partsIn(extended?.value, TAG.sequence);
  const isOnly = usages.length === 1 && usages[0]?.oid === TIME_STAMPING;
  if (extended?.isCritical !== true || !isOnly || !isUnderstood(certificate)) return false;
  const bits = usageBits(certificate);
  const { digitalSignature, nonRepudiation } = USAGE_BITS;
  return (
    bits === undefined ||
    (bits.length > 0 && bits.every((bit) => bit === digitalSignature || bit === nonRepudiation))
  );
}

/** How many certificates may be between an issuer and the signer; `undefined` for a certificate that may issue none. */
export function issuingDepth(certificate: Certificate): number | undefined {
  const constraints = certificate.extensions.get(BASIC_CONSTRAINTS);
  if (constraints === undefined || !isUnderstood(certificate)) return undefined;
  const [isAuthority, depth] = partsIn(constraints.value, TAG.sequence);
  if (booleanOf(isAuthority) !== true) return undefined;
  if (!mayCertify(certificate)) return undefined;
  return depth === undefined ? Number.POSITIVE_INFINITY : smallInteger(depth);
}

/** Whether the key usage lets a certificate sign others; it does where there is none. */
export function mayCertify(certificate: CertificateFields): boolean {
  return usageBits(certificate)?.includes(USAGE_BITS.keyCertSign) ?? true;
}

/** Whether a moment, milliseconds since 1970, is within the validity. */
export function isValidAt({ notAfter, notBefore }: Certificate, moment: number): boolean {
  return notBefore <= moment && moment <= notAfter;
}

function isUnderstood({ extensions }: Certificate): boolean {
  return [...extensions].every(([oid, { isCritical }]) => !isCritical || UNDERSTOOD.includes(oid));
}

/** The bits of keyUsage that are set; `undefined` for a certificate without the extension. */
function usageBits({ extensions }: CertificateFields): readonly number[] | undefined {
  const extension = extensions.get(KEY_USAGE);
  if (extension === undefined) return undefined;
  const { value } = extension;
  if (value?.tag !== TAG.bitString) return [];
  const [, ...bytes] = value.content;
  return bytes.flatMap((byte, index) =>
    [0, 1, 2, 3, 4, 5, 6, 7].filter((bit) => (byte & (0x80 >> bit)) !== 0).map((bit) => index * 8 + bit),
  );
}

/** Reads the extensions; `undefined` if they are not of their form, or if one occurs twice. */
function readExtensions(
  node: DerNode | undefined,
  { readBer }: TimePlatform,
): ReadonlyMap<string, Extension> | undefined {
  const extensions = new Map<string, Extension>();
  for (const entry of partsIn(node?.children[0], TAG.sequence)) {
    const [name, ...rest] = partsIn(entry, TAG.sequence);
    const value = rest.at(-1);
    const isCritical = rest.length === 2 ? booleanOf(rest[0]) : false;
    if (name?.oid === undefined || value?.tag !== TAG.octetString || rest.length > 2) return undefined;
    if (isCritical === undefined || extensions.has(name.oid)) return undefined;
    extensions.set(name.oid, { isCritical, value: parseDer(value.content, readBer) });
  }
  return extensions;
}
