/**
 * The core's port for timestamps in a browser: asn1js, WebCrypto, and what OpenSSL does for the command. Wherever the rules of OpenSSL are
 * not reproduced exactly, these are stricter.
 *
 * @module
 */

import { fromBER } from "asn1js";
import {
  type CertificateFields,
  type CertificateKey,
  countedDigest,
  type DigestName,
  isSame,
  plainAlgorithm,
  type ReadBer,
  type TimePlatform,
  toHex,
  type WebCrypto,
} from "../../src/core/internal.ts";
import { splitCertificate } from "./certificate-form.ts";
import { HASHES, isTaken, type StatedKey, signatureHolds, statedKey } from "./certificate-key.ts";
import { toP1363 } from "./ecdsa-signature.ts";
import { namesIssuer } from "./names-issuer.ts";

const readBer: ReadBer = (bytes, limits) => fromBER(bytes, limits);

/**
 * The port. Its answers hold only within `settle` of the page's cryptography: a digest, a key or a signature that WebCrypto was not asked for
 * yet is wrong, missing or invalid, until it was.
 */
export class PageTime implements TimePlatform {
  readonly crypto: TimePlatform["crypto"];
  readonly readBer: ReadBer = readBer;
  readonly #page: WebCrypto;
  readonly #digests = new Map<string, Uint8Array>();
  readonly #keys = new Map<string, boolean>();
  readonly #signatures = new Map<string, boolean>();

  constructor(page: WebCrypto) {
    this.#page = page;
    this.crypto = page.port;
  }

  digest(name: DigestName | "sha1", bytes: Uint8Array): Uint8Array {
    if (name === "sha256") return this.crypto.sha256(bytes);
    const ask = async (): Promise<Uint8Array> =>
      new Uint8Array(await crypto.subtle.digest(HASHES[name], new Uint8Array(bytes)));
    return (
      this.#page.questions.recall(this.#digests, `${name} ${this.#nameOf(bytes)}`, ask) ?? new Uint8Array()
    );
  }

  keyOf(certificate: CertificateFields): CertificateKey | undefined {
    const stated = this.#statedKey(certificate);
    if (stated === undefined) return undefined;
    const ask = (): Promise<boolean> => isTaken(stated);
    const isKey = this.#page.questions.recall(this.#keys, this.#nameOf(stated.spki), ask) ?? false;
    return isKey ? stated.key : undefined;
  }

  readonly namesIssuer: TimePlatform["namesIssuer"] = (certificate, issuer) =>
    namesIssuer(certificate, issuer, this);

  readonly isSignedBy: TimePlatform["isSignedBy"] = (certificate, issuer) => {
    const parts = splitCertificate(certificate);
    const digest = countedDigest(certificate.signatureOid, issuer.key, undefined);
    if (parts === undefined || digest === undefined) return false;
    const { algorithm, signature, signed, signedAlgorithm } = parts;
    const isPlain =
      plainAlgorithm(algorithm) !== undefined && isSame(algorithm.bytes, signedAlgorithm.bytes, this);
    return (
      isPlain && signature[0] === 0 && this.signatureHolds(digest, signed, issuer, signature.subarray(1))
    );
  };

  readonly signatureHolds: TimePlatform["signatureHolds"] = (digest, message, signer, signature) => {
    const stated = this.#statedKey(signer);
    const { key } = signer;
    const form =
      key.type === "ec"
        ? key.curve && toP1363(signature, key.curve, this.readBer)
        : Uint8Array.from(signature);
    if (stated === undefined || form === undefined) return false;
    const name = [stated.spki, message, form].map((bytes) => this.#nameOf(bytes)).join(" ");
    const ask = (): Promise<boolean> =>
      signatureHolds(stated, digest, new Uint8Array(message), new Uint8Array(form));
    return this.#page.questions.recall(this.#signatures, `${digest} ${name}`, ask) ?? false;
  };

  #statedKey(certificate: CertificateFields): StatedKey | undefined {
    const parts = splitCertificate(certificate);
    return parts && statedKey(parts.publicKey, this.readBer);
  }

  #nameOf(bytes: Uint8Array): string {
    return toHex(this.crypto.sha256(bytes));
  }
}
