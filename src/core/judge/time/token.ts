/**
 * A TimeStampToken: CMS SignedData around a TSTInfo (RFC 5652, RFC 3161 section 2.4.2). Only its form is read here.
 *
 * @module
 */

import { compareRanges } from "../../system/bytes/bytes.ts";
import { type Certificate, parseCertificate } from "./certificate.ts";
import { contextTag, type DerNode, parseDer, TAG } from "./der.ts";
import { integerBytes, partsIn, plainAlgorithm, smallInteger } from "./der-values.ts";
import type { TimePlatform } from "./time-platform.ts";
import { parseTstInfo, type TstInfo } from "./tst-info.ts";

/** A token as parsed. Nothing in it was checked. */
export interface ParsedToken {
  readonly info: TstInfo;
  /** TSTInfo in DER. */
  readonly infoBytes: Uint8Array;
  readonly certificates: readonly Certificate[];
  readonly signer: TokenSigner;
}

/** What signed the token. */
export interface TokenSigner {
  /** The issuer's name in DER and the serial number of its certificate. */
  readonly issuer: Uint8Array;
  readonly serial: Uint8Array;
  readonly digestOid: string | undefined;
  readonly signatureOid: string | undefined;
  /** Values by the type of the attribute, each with exactly one. */
  readonly attributes: ReadonlyMap<string, DerNode>;
  /** What was signed: the attributes as a SET. */
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}

const SIGNED_DATA = "1.2.840.113549.1.7.2";
const TST_INFO = "1.2.840.113549.1.9.16.1.4";

/** Certificates in a token. A chain has three. */
const MAX_CERTIFICATES = 16;

/** Parses a token in DER. Gives the code if it is not of its form, or does not have exactly one signer. */
export function parseToken(der: Uint8Array, platform: TimePlatform): ParsedToken | "form" | "signer-count" {
  const signed = signedData(parseDer(der, platform.readBer));
  const parts = signed && splitSignedData(signed);
  if (parts === undefined) return "form";
  const { content, digests, certificates, signers } = parts;
  const infoBytes = readContent(content);
  const info = infoBytes && parseTstInfo(parseDer(infoBytes, platform.readBer));
  const chain = readCertificates(certificates, platform);
  if (infoBytes === undefined || info === undefined || chain === undefined) return "form";
  const [first, ...others] = signers;
  if (first === undefined || others.length > 0) return "signer-count";
  const signer = readSigner(first);
  // The digests are not signed. A list that lacks the signer's is not what a signer wrote.
  const isListed =
    signer !== undefined && digests.some((digest) => plainAlgorithm(digest) === signer.digestOid);
  return isListed ? { info, infoBytes, certificates: chain, signer } : "form";
}

function signedData(token: DerNode | undefined): readonly DerNode[] | undefined {
  const [type, content, ...rest] = partsIn(token, TAG.sequence);
  if (type?.oid !== SIGNED_DATA || rest.length > 0) return undefined;
  const [data, ...more] = partsIn(content, contextTag(0, "constructed"));
  return data?.tag === TAG.sequence && more.length === 0 ? data.children : undefined;
}

interface SignedParts {
  readonly digests: readonly DerNode[];
  readonly content: DerNode;
  readonly certificates: readonly DerNode[];
  readonly signers: readonly DerNode[];
}

function splitSignedData(parts: readonly DerNode[]): SignedParts | undefined {
  const [version, digests, content, ...rest] = parts;
  const signers = rest.pop();
  const [first, second, ...more] = rest;
  const hasCertificates = first?.tag === contextTag(0, "constructed");
  const lists = hasCertificates ? second : first;
  const isForm =
    smallInteger(version) === 3 &&
    digests?.tag === TAG.set &&
    signers?.tag === TAG.set &&
    more.length === 0 &&
    (hasCertificates || second === undefined) &&
    (lists === undefined || lists.tag === contextTag(1, "constructed"));
  if (!isForm || content === undefined || digests === undefined || signers === undefined) return undefined;
  const certificates = hasCertificates ? first.children : [];
  return { digests: digests.children, content, certificates, signers: signers.children };
}

/** The content of a TSTInfo's OCTET STRING. */
function readContent(content: DerNode): Uint8Array | undefined {
  const [type, holder, ...rest] = partsIn(content, TAG.sequence);
  const [octets, ...more] = partsIn(holder, contextTag(0, "constructed"));
  const isForm = type?.oid === TST_INFO && rest.length === 0 && more.length === 0;
  return isForm && octets?.tag === TAG.octetString ? octets.content : undefined;
}

function readCertificates(
  nodes: readonly DerNode[],
  platform: TimePlatform,
): readonly Certificate[] | undefined {
  if (nodes.length > MAX_CERTIFICATES) return undefined;
  const certificates = nodes.map(({ bytes }) => parseCertificate(bytes, platform));
  const found = certificates.filter((certificate) => certificate !== undefined);
  return found.length === certificates.length ? found : undefined;
}

function readSigner(node: DerNode): TokenSigner | undefined {
  const [version, id, digest, attributes, algorithm, signature, unsigned, ...rest] = partsIn(
    node,
    TAG.sequence,
  );
  const [issuer, serialNumber, ...more] = partsIn(id, TAG.sequence);
  const serial = integerBytes(serialNumber);
  const isForm =
    smallInteger(version) === 1 &&
    more.length === 0 &&
    attributes?.tag === contextTag(0, "constructed") &&
    signature?.tag === TAG.octetString &&
    (unsigned === undefined || unsigned.tag === contextTag(1, "constructed")) &&
    rest.length === 0;
  if (!isForm || issuer === undefined || serial === undefined) return undefined;
  const values = readAttributes(attributes);
  if (values === undefined) return undefined;
  // The signature is over the attributes as a SET, not as they stand (RFC 5652, section 5.4).
  const message = Uint8Array.from(attributes.bytes);
  message[0] = TAG.set;
  return {
    issuer: issuer.bytes,
    serial,
    digestOid: plainAlgorithm(digest),
    signatureOid: plainAlgorithm(algorithm),
    attributes: values,
    message,
    signature: signature.content,
  };
}

/** Each attribute once, with one value, in the order of DER. */
function readAttributes({ children }: DerNode): ReadonlyMap<string, DerNode> | undefined {
  const values = new Map<string, DerNode>();
  let last: Uint8Array = new Uint8Array();
  for (const child of children) {
    const [type, set, ...rest] = partsIn(child, TAG.sequence);
    const [value, ...more] = partsIn(set, TAG.set);
    if (type?.oid === undefined || value === undefined || rest.length > 0 || more.length > 0)
      return undefined;
    if (values.has(type.oid) || !isInOrder(last, child.bytes)) return undefined;
    values.set(type.oid, value);
    last = child.bytes;
  }
  return values;
}

/** Whether two encodings stand in the order of a SET OF. */
function isInOrder(left: Uint8Array, right: Uint8Array): boolean {
  return compareRanges(left, 0, left.length, right, 0, right.length) <= 0;
}
