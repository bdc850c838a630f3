/**
 * Whether a certificate names another one as its issuer, as X509_check_issued of OpenSSL decides it, or more strictly.
 *
 * @module
 */

import {
  type Certificate,
  contextTag,
  isSame,
  mayCertify,
  partsIn,
  signatureKind,
  TAG,
  type TimePlatform,
} from "../../src/core/internal.ts";
import { AUTHORITY_KEY, hasSoundExtensions, SUBJECT_KEY } from "./certificate-form.ts";

/**
 * Compares names, key identifiers, key usage and the kind of the signature. Names are compared as bytes: OpenSSL also takes other
 * encodings of the same text.
 */
export function namesIssuer(certificate: Certificate, issuer: Certificate, platform: TimePlatform): boolean {
  const kind = signatureKind(certificate.signatureOid);
  return (
    isSame(certificate.issuer, issuer.subject, platform) &&
    hasSoundExtensions(issuer) &&
    hasSoundExtensions(certificate) &&
    namesKey(certificate, issuer, platform) &&
    // Another kind of signature is refused by the rule of algorithms.
    (kind === undefined || kind === issuer.key.type) &&
    mayCertify(issuer)
  );
}

/** The key identifier of the issuer counts where both have one; its name and number where the certificate states them. */
function namesKey({ extensions }: Certificate, issuer: Certificate, platform: TimePlatform): boolean {
  const members = partsIn(extensions.get(AUTHORITY_KEY)?.value, TAG.sequence);
  const [key, names, serial] = [
    contextTag(0, "primitive"),
    contextTag(1, "constructed"),
    contextTag(2, "primitive"),
  ].map((tag) => members.find((member) => member.tag === tag));
  const own = issuer.extensions.get(SUBJECT_KEY)?.value;
  const [directory, ...others] = partsIn(names?.children[0], contextTag(4, "constructed"));
  const isNamed =
    directory !== undefined && others.length === 0 && isSame(directory.bytes, issuer.issuer, platform);
  return (
    (key === undefined || own === undefined || isSame(key.content, own.content, platform)) &&
    (serial === undefined || isSame(serial.content, issuer.serial, platform)) &&
    (names === undefined || (names.children.length === 1 && isNamed))
  );
}
