import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  parseNumberedKey,
  parsePublicKeyText,
} from "../../../../src/core/make/evidence/reading/public-key.ts";
import { EVIDENCE_SIGNER, KEY_NUMBER } from "../../../support/evidence/signed-evidence.ts";

const { publicKey } = EVIDENCE_SIGNER;
const NUMBERED = Buffer.concat([Buffer.from("Ed"), KEY_NUMBER, publicKey]).toString("base64");
const FILE = `untrusted comment: a key\n${NUMBERED}\n`;

function pem(der: Uint8Array, label = "PUBLIC KEY"): string {
  const lines = (
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? []
  ).join("\n");
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}

function ecPem(namedCurve: string): string {
  return generateKeyPairSync("ec", { namedCurve })
    .publicKey.export({ format: "pem", type: "spki" })
    .toString();
}

function ed25519Spki(key: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), key]);
}

const PEM = pem(ed25519Spki(publicKey));

describe("a public key of another tool", () => {
  it("is read from PEM: Ed25519, P-256 and P-384", () => {
    expect(parsePublicKeyText(PEM)).toMatchObject({ algorithm: "ed25519", number: undefined });
    expect(parsePublicKeyText(ecPem("prime256v1"))).toMatchObject({ algorithm: "ecdsa-p256" });
    expect(parsePublicKeyText(ecPem("secp384r1"))).toMatchObject({ algorithm: "ecdsa-p384" });
  });

  it("is read from the two lines of minisign and signify, with its number", () => {
    const number = KEY_NUMBER.toString("hex");
    expect(parsePublicKeyText(FILE)).toMatchObject({ algorithm: "ed25519", number });
    expect(parsePublicKeyText(FILE.trimEnd())).toMatchObject({ number });
    expect(parseNumberedKey(NUMBERED)).toMatchObject({ number });
  });

  it.each([
    ["a private key", pem(ed25519Spki(publicKey), "PRIVATE KEY")],
    ["two keys", PEM + PEM],
    ["text behind it", `${PEM}a\n`],
    ["an empty line", PEM.replace("\n", "\n\n")],
    ["a longer key", pem(Buffer.concat([ed25519Spki(publicKey), Buffer.alloc(1)]))],
    ["another curve", ecPem("secp521r1")],
    ["the identity point", pem(ed25519Spki(Buffer.concat([Buffer.from([1]), Buffer.alloc(31)])))],
    ["a y beyond the field", pem(ed25519Spki(Buffer.alloc(32, 0xff)))],
    [
      "a compressed point",
      pem(Buffer.from(`3039301306072a8648ce3d020106082a8648ce3d03010703220002${"11".repeat(32)}`, "hex")),
    ],
    [
      "another algorithm of minisign",
      FILE.replace(NUMBERED, Buffer.concat([Buffer.from("ED"), KEY_NUMBER, publicKey]).toString("base64")),
    ],
    ["a carriage return in the comment", FILE.replace("a key", "a\rkey")],
    ["no comment", `${NUMBERED}\n`],
    ["a third line", `${FILE}more\n`],
  ])("is not read from %s", (_, text) => {
    expect(parsePublicKeyText(text)).toBeUndefined();
  });
});
