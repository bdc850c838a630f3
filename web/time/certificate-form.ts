/**
 * The form of a certificate (RFC 5280, section 4.1), as OpenSSL demands it where it reads one, or more strictly.
 *
 * @module
 */

import {
  BASIC_CONSTRAINTS,
  type CertificateFields,
  contextTag,
  type DerNode,
  EXTENDED_KEY_USAGE,
  KEY_USAGE,
  partsIn,
  smallInteger,
  TAG,
} from "../../src/core/internal.ts";
import { areGeneralNames, areMembers, isBitString, isName, isSequenceOf, isSound } from "./der-forms.ts";

/** The parts of a certificate whose form is right. */
export interface CertificateParts {
  /** What its issuer signed. */
  readonly signed: Uint8Array;
  /** The algorithm of the signature, as it stands in what was signed, and beside the signature. */
  readonly signedAlgorithm: DerNode;
  readonly algorithm: DerNode;
  /** Content of the BIT STRING. */
  readonly signature: Uint8Array;
  /** SubjectPublicKeyInfo. */
  readonly publicKey: DerNode;
}

/** SubjectKeyIdentifier and AuthorityKeyIdentifier by their object identifiers. */
export const SUBJECT_KEY = "2.5.29.14";
export const AUTHORITY_KEY = "2.5.29.35";

/** Version 3. */
const VERSION = 2;

/** Splits a certificate of version 3; `undefined` if it is not of its form. */
export function splitCertificate({ tree }: Pick<CertificateFields, "tree">): CertificateParts | undefined {
  const [tbs, algorithm, signature, ...more] = partsIn(tree, TAG.sequence);
  const [version, , signedAlgorithm, issuer, validity, subject, publicKey, ...later] = partsIn(
    tbs,
    TAG.sequence,
  );
  const [number, ...others] = partsIn(version, contextTag(0, "constructed"));
  const isForm =
    more.length === 0 &&
    isSound(tree) &&
    smallInteger(number) === VERSION &&
    others.length === 0 &&
    isName(issuer) &&
    isName(subject) &&
    partsIn(validity, TAG.sequence).length === 2 &&
    signature?.tag === TAG.bitString &&
    areMembers(later, [
      [contextTag(1, "primitive"), ({ content }) => isBitString(content)],
      [contextTag(2, "primitive"), ({ content }) => isBitString(content)],
      [contextTag(3, "constructed"), isExtensionList],
    ]);
  if (!isForm || !isAlgorithm(algorithm) || !isAlgorithm(signedAlgorithm)) return undefined;
  if (tbs === undefined || publicKey === undefined) return undefined;
  return { signed: tbs.bytes, signedAlgorithm, algorithm, signature: signature.content, publicKey };
}

function isAlgorithm(node: DerNode | undefined): node is DerNode {
  const [name, , ...more] = partsIn(node, TAG.sequence);
  return name?.tag === TAG.oid && more.length === 0;
}

function isExtensionList({ children }: DerNode): boolean {
  const [list, ...more] = children;
  return list?.tag === TAG.sequence && more.length === 0;
}

/** Forms of extensions that OpenSSL reads before it says which certificate issued another one. */
const FORMS: ReadonlyMap<string, (value: DerNode) => boolean> = new Map([
  [
    BASIC_CONSTRAINTS,
    (value: DerNode) =>
      isSequenceOf(value, [
        [TAG.boolean, () => true],
        [TAG.integer, (depth) => smallInteger(depth) !== undefined],
      ]),
  ],
  // One of the nine usages is set.
  [
    KEY_USAGE,
    ({ content, tag }) => tag === TAG.bitString && content.subarray(1, 3).some((byte) => byte !== 0),
  ],
  [
    EXTENDED_KEY_USAGE,
    ({ children, tag }) =>
      tag === TAG.sequence && children.length > 0 && children.every((usage) => usage.tag === TAG.oid),
  ],
  [SUBJECT_KEY, ({ content, tag }) => tag === TAG.octetString && content.length > 0],
  [
    AUTHORITY_KEY,
    (value) =>
      isSequenceOf(value, [
        [contextTag(0, "primitive"), ({ content }) => content.length > 0],
        [contextTag(1, "constructed"), ({ children }) => areGeneralNames(children)],
        [contextTag(2, "primitive"), ({ content }) => content.length > 0],
      ]),
  ],
  // Names of the subject.
  ["2.5.29.17", ({ children, tag }) => tag === TAG.sequence && areGeneralNames(children)],
  // Where lists of revoked certificates are.
  ["2.5.29.31", ({ children, tag }) => tag === TAG.sequence && children.every(isDistributionPoint)],
]);

/** OpenSSL reads these too. No authority for timestamps has them: names that are permitted, addresses, proxies, Netscape's types. */
const REFUSED: readonly string[] = [
  "2.5.29.30",
  "1.3.6.1.5.5.7.1.7",
  "1.3.6.1.5.5.7.1.8",
  "1.3.6.1.5.5.7.1.14",
  "2.16.840.1.113730.1.1",
];

/** Whether the extensions of a certificate have the forms that OpenSSL demands of one that was issued or that issues. */
export function hasSoundExtensions({ extensions }: CertificateFields): boolean {
  return [...extensions].every(([name, { value }]) => {
    const isForm = FORMS.get(name);
    if (isForm === undefined) return !REFUSED.includes(name);
    return value !== undefined && isSound(value) && isForm(value);
  });
}

function isDistributionPoint(point: DerNode): boolean {
  const hasName = point.children.some(
    ({ tag }) => tag === contextTag(0, "constructed") || tag === contextTag(2, "constructed"),
  );
  return (
    hasName &&
    isSequenceOf(point, [
      [contextTag(0, "constructed"), ({ children }) => children.length === 1 && children.every(isFullName)],
      [contextTag(1, "primitive"), ({ content }) => isBitString(content)],
      [contextTag(2, "constructed"), ({ children }) => areGeneralNames(children)],
    ])
  );
}

function isFullName({ children, tag }: DerNode): boolean {
  return tag === contextTag(0, "constructed") && areGeneralNames(children);
}
