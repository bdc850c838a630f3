/**
 * One key signs in several formats. No signature of one may be accepted as another's: neither the evidence itself, nor what an
 * attacker can make of the signed bytes and the signature. docs/evidence.md has the reasons.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { encodeCountersigningMessage } from "../../../../src/core/judge/bundle/countersignature.ts";
import { IN_TOTO_PAYLOAD_TYPE, preAuthEncoding } from "../../../../src/core/make/evidence/dsse.ts";
import {
  encodeMinisignGlobal,
  encodeMinisignSignature,
} from "../../../../src/core/make/evidence/minisign.ts";
import { judgeEvidence } from "../../../../src/core/make/evidence/reading/judge-evidence.ts";
import { encodeSignifySignature } from "../../../../src/core/make/evidence/signify.ts";
import {
  encodeSshSignature,
  encodeSshSignedData,
  SUMS_NAMESPACE,
} from "../../../../src/core/make/evidence/ssh-signature.ts";
import { encodeSigningMessage } from "../../../../src/core/records/artifacts/signing-message.ts";
import type { HexDigest } from "../../../../src/core/system/bytes/hex.ts";
import { evidenceCrypto } from "../../../../src/node/judge/check/node-evidence-crypto.ts";
import { sha256 } from "../../../support/bundles/bundle.ts";
import { readForeign } from "../../../support/evidence/read-foreign.ts";
import {
  EVIDENCE_SIGNER,
  KEY_NUMBER,
  signatureOf,
  statementOf,
} from "../../../support/evidence/signed-evidence.ts";
import { ofRing } from "../../../support/rings/ring.ts";

const MESSAGES = ofRing(100, 1000);
const { publicKey } = EVIDENCE_SIGNER;
const KEY = { algorithm: "ed25519", publicKey } as const;

/** The bytes that a format signs for a number. */
type Signs = (index: number) => Uint8Array;

function hashed(name: string, bytes: Uint8Array): Buffer {
  return createHash(name).update(bytes).digest();
}

function plainList(index: number): Buffer {
  return Buffer.from(`${sha256(String(index))}  file-${index}\n`);
}

function taggedList(index: number): Buffer {
  return Buffer.from(`SHA256 (file-${index}) = ${sha256(String(index))}\n`);
}

function statement(index: number): Buffer {
  return statementOf({ [`file-${index}`]: sha256(String(index)) });
}

/** A classic link is an envelope of the same payload type. */
function link(index: number): Buffer {
  return Buffer.from(JSON.stringify({ _type: "link", name: `run-${index}`, products: {}, materials: {} }));
}

function minisignHash(index: number): Buffer {
  return hashed("blake2b512", plainList(index));
}

function factsOf(index: number): { readonly bundleRoot: HexDigest; readonly validatorId: HexDigest } {
  return {
    bundleRoot: sha256(String(index)) as HexDigest,
    validatorId: EVIDENCE_SIGNER.validatorId as HexDigest,
  };
}

/** Everything that runseal signs with one key, and in which formats it is evidence. */
const SIGNED: Readonly<Record<string, { readonly signs: Signs; readonly own: readonly string[] }>> = {
  "a bundle": { signs: (index) => encodeSigningMessage(factsOf(index)), own: [] },
  "a countersignature": {
    signs: (index) => encodeCountersigningMessage({ ...factsOf(index), signedAt: "2026-11-28T00:00:00Z" }),
    own: [],
  },
  "a statement": {
    signs: (index) => preAuthEncoding(IN_TOTO_PAYLOAD_TYPE, statement(index)),
    own: ["dsse", "sigstore"],
  },
  "a link": { signs: (index) => preAuthEncoding(IN_TOTO_PAYLOAD_TYPE, link(index)), own: [] },
  "an SSH signature": {
    signs: (index) => encodeSshSignedData(SUMS_NAMESPACE, hashed("sha512", plainList(index))),
    own: ["sshsig"],
  },
  "a minisign signature": { signs: minisignHash, own: ["minisign"] },
  "a minisign comment": {
    signs: (index) => encodeMinisignGlobal(signatureOf(minisignHash(index)), `timestamp:${index}`),
    own: [],
  },
  "a signify signature": { signs: taggedList, own: ["signify"] },
};

/** Evidence in a format, with the list of a detached one. */
interface Forged {
  readonly evidence: Uint8Array;
  readonly list?: Uint8Array;
}

function envelope(payload: Uint8Array, signature: Uint8Array): object {
  const signatures = [{ sig: Buffer.from(signature).toString("base64") }];
  return { payload: Buffer.from(payload).toString("base64"), payloadType: IN_TOTO_PAYLOAD_TYPE, signatures };
}

/** What an attacker makes of signed bytes and their signature: they stand in the place of what the format signs. */
const FORGERIES: Readonly<Record<string, (signed: Uint8Array, signature: Uint8Array) => Forged>> = {
  dsse: (signed, signature) => ({ evidence: Buffer.from(JSON.stringify(envelope(signed, signature))) }),
  sigstore: (signed, signature) => ({
    evidence: Buffer.from(
      JSON.stringify({
        mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json",
        verificationMaterial: { publicKey: {} },
        dsseEnvelope: envelope(signed, signature),
      }),
    ),
  }),
  sshsig: (list, signature) => ({
    evidence: Buffer.from(encodeSshSignature({ namespace: SUMS_NAMESPACE, publicKey, signature })),
    list,
  }),
  minisign: (list, signature) => ({
    evidence: Buffer.from(
      encodeMinisignSignature({
        keyNumber: KEY_NUMBER,
        signature,
        globalSignature: signature,
        trustedComment: "timestamp:1",
      }),
    ),
    list,
  }),
  signify: (list, signature) => ({
    evidence: encodeSignifySignature({ keyNumber: KEY_NUMBER, signature }, list),
  }),
  "signify, detached": (list, signature) => ({
    evidence: encodeSignifySignature({ keyNumber: KEY_NUMBER, signature }, new Uint8Array()),
    list,
  }),
};

function accepts({ evidence, list }: Forged): boolean {
  const read = readForeign(evidence, SUMS_NAMESPACE);
  return read.ok && judgeEvidence(read.value, list ?? plainList(0), [KEY], evidenceCrypto).ok;
}

/** The bytes that a format would take for the signed ones, where these are known: the list or payload itself. */
function contents(index: number): readonly Uint8Array[] {
  return [plainList(index), taggedList(index), statement(index)];
}

describe.each(Object.entries(SIGNED))(`${MESSAGES} signed messages of %s`, (what, { own, signs }) => {
  const signed = Array.from({ length: MESSAGES }, (_, index) => {
    const message = signs(index);
    return { message, signature: signatureOf(message), index };
  });

  it.each(Object.keys(FORGERIES).filter((format) => !own.some((name) => format.startsWith(name))))(
    "are not accepted as %s",
    (format) => {
      const forge = FORGERIES[format];
      if (forge === undefined) throw new TypeError("there is a forgery for each format");
      const accepted = signed.flatMap(({ index, message, signature }) =>
        // Over the signed bytes themselves, and over what the signed bytes stand for.
        [message, ...contents(index)]
          .filter((content) => accepts(forge(content, signature)))
          .map(() => index),
      );
      expect(accepted, what).toEqual([]);
    },
  );

  if (own.length === 0) return;

  it("are accepted as what they are", () => {
    const forge = FORGERIES[own[0] ?? ""];
    if (forge === undefined) throw new TypeError("there is a forgery for each format");
    const accepted = signed.slice(0, 10).map(({ index, message, signature }) => {
      if (own[0] !== "minisign") return contents(index).some((content) => accepts(forge(content, signature)));
      const trustedComment = `timestamp:${index}`;
      const globalSignature = signatureOf(encodeMinisignGlobal(signature, trustedComment));
      const parts = { keyNumber: KEY_NUMBER, signature, globalSignature, trustedComment };
      expect(message).toHaveLength(64);
      return accepts({ evidence: Buffer.from(encodeMinisignSignature(parts)), list: plainList(index) });
    });
    expect(accepted).toEqual(Array.from({ length: 10 }, () => true));
  });
});
