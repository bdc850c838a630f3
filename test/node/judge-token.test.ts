import { createHash, randomBytes } from "node:crypto";
import { afterAll, describe, expect, it } from "vitest";
import type { TimestampCode } from "../../src/core/internal.ts";
import { judgeToken } from "../../src/node/time/judge-token.ts";
import { findAuthority, type ListedAuthority } from "../../src/node/time/trust-token.ts";
import {
  Authority,
  type AuthorityForm,
  childrenOf,
  type Forgery,
  integer,
  reasonWithoutAuthority,
  sequence,
  tlv,
} from "../support/authority.ts";

const STAMPED = createHash("sha512").update("a signature").digest();
const reason = reasonWithoutAuthority();

const made: Authority[] = [];
function authority(form?: AuthorityForm): Authority {
  const one = new Authority(form);
  made.push(one);
  return one;
}
afterAll(() => {
  for (const one of made) one[Symbol.dispose]();
});

interface Pin {
  readonly digest: string;
  readonly validAfter?: number;
  readonly validBefore?: number;
}

/** The code of a token for a policy that names one certificate; "OK" if it holds. */
function codeOf(
  token: Uint8Array,
  { digest, validAfter, validBefore }: Pin,
  nonce?: Uint8Array,
): TimestampCode | "OK" {
  const listed: ListedAuthority = {
    line: 1,
    name: "tsa",
    certificate: digest as ListedAuthority["certificate"],
    validAfter,
    validBefore,
    decided_by: { source: "trust", line: 1 },
  };
  const sound = judgeToken(token, { stamped: STAMPED, nonce });
  if (!sound.ok) return sound.code;
  const found = findAuthority(sound.value, [listed]);
  return found.ok ? "OK" : found.code;
}

/** A certificate of the same names and number for timestamps, signed by no CA, with the given one in an extension, in PEM. */
function hidingPem(der: Buffer): Buffer {
  const [tbs = der, ...signature] = childrenOf(der);
  const fields = childrenOf(tbs).slice(0, -1);
  const pem = `\n-----BEGIN CERTIFICATE-----\n${der.toString("base64")}\n-----END CERTIFICATE-----\n`;
  const timeStamping = Buffer.from("2b06010505070308", "hex");
  const extensions = [
    sequence(
      tlv(6, Buffer.from("551d25", "hex")),
      tlv(1, Buffer.from([255])),
      tlv(4, sequence(tlv(6, timeStamping))),
    ),
    sequence(tlv(6, Buffer.from([42, 3])), tlv(4, Buffer.from(pem))),
  ];
  return sequence(sequence(...fields, tlv(0xa3, sequence(...extensions))), ...signature);
}

describe.skipIf(reason !== undefined)(
  `a timestamp token${reason === undefined ? "" : ` (skipped: ${reason})`}`,
  () => {
    const honest = authority();
    const other = authority();
    const pin = { digest: honest.digest("ca") };

    it("of openssl ts holds for its issuer, and for its signer's certificate", () => {
      const token = honest.token(STAMPED);
      expect(codeOf(token, pin)).toBe("OK");
      expect(codeOf(token, { digest: honest.digest("leaf") })).toBe("OK");
      expect(honest.opensslAccepts(token, STAMPED)).toBe(true);
      const sound = judgeToken(token, { stamped: STAMPED });
      expect(sound.ok && Math.abs(sound.value.at - Date.now())).toBeLessThan(60_000);
      expect(sound.ok && sound.value.accuracy).toBe(1000);
    });

    it("that the test forges without any fault holds, so that each forgery below fails for its one fault", () => {
      const token = honest.forge(STAMPED);
      expect(codeOf(token, pin)).toBe("OK");
      expect(honest.opensslAccepts(token, STAMPED)).toBe(true);
    });

    it.each(["rsa2048", "p384"] as const)("holds by a key of the kind %s", (key) => {
      const one = authority({ key, caKey: key });
      const token = one.forge(STAMPED, { digest: "sha512" });
      expect(codeOf(token, { digest: one.digest("ca") })).toBe("OK");
      expect(one.opensslAccepts(token, STAMPED)).toBe(true);
    });

    /** Cases that openssl accepts all the same. In all others it must refuse too. */
    const STRICTER: readonly string[] = [
      "an imprint by another digest",
      "SHA-1 in its signature",
      "a signature over another type",
      "a month that no year has",
      "a local time",
      "a time whose accuracy ends beyond the year 9999",
      "an accuracy of 1000 milliseconds",
      "a critical extension",
      "RSA of 1024 bits",
      "a curve that does not count",
      "an issuer of RSA of 1024 bits",
      "an issuer's signature with SHA-1",
      "an issuer's Ed25519 key",
    ];

    const nonce = Buffer.from([1, 2, 3, 4]);
    const FORGERIES: readonly (readonly [what: string, code: TimestampCode, forgery: () => Forgery])[] = [
      ["the imprint of other bytes", "TIMESTAMP_IMPRINT_MISMATCH", () => ({ imprint: randomBytes(32) })],
      [
        "an imprint by another digest",
        "TIMESTAMP_IMPRINT_MISMATCH",
        () => ({ imprintOid: "1.3.14.3.2.26", imprint: createHash("sha1").update(STAMPED).digest() }),
      ],
      ["two signers", "TIMESTAMP_SIGNER_COUNT", () => ({ signers: 2 })],
      ["no signer", "TIMESTAMP_SIGNER_COUNT", () => ({ signers: 0 })],
      ["no certificates", "TIMESTAMP_CERTIFICATE_MISSING", () => ({ certificates: [] })],
      [
        "another's certificate alone",
        "TIMESTAMP_CERTIFICATE_MISSING",
        () => ({ certificates: [honest.der("ca")] }),
      ],
      [
        "the name of another certificate",
        "TIMESTAMP_CERTIFICATE_MISMATCH",
        () => ({ named: other.der("leaf") }),
      ],
      ["no name of a certificate", "TIMESTAMP_CERTIFICATE_MISMATCH", () => ({ unnamed: true })],
      ["SHA-1 in its signature", "TIMESTAMP_ALGORITHM_REFUSED", () => ({ digest: "sha1" })],
      [
        "other content than was signed",
        "TIMESTAMP_ATTRIBUTES_INVALID",
        () => ({ signedInfo: Buffer.from("other") }),
      ],
      [
        "a signature over another type",
        "TIMESTAMP_ATTRIBUTES_INVALID",
        () => ({ contentType: "1.2.840.113549.1.7.1" }),
      ],
      ["a signature by another key", "TIMESTAMP_SIGNATURE_INVALID", () => ({ key: other.key })],
      ["a month that no year has", "TIMESTAMP_MALFORMED", () => ({ time: "20261332000000Z" })],
      ["a local time", "TIMESTAMP_MALFORMED", () => ({ time: "20261101000000+0100" })],
      [
        "a time whose accuracy ends beyond the year 9999",
        "TIMESTAMP_MALFORMED",
        () => ({ time: "99991231235959Z" }),
      ],
      [
        "an accuracy of 1000 milliseconds",
        "TIMESTAMP_MALFORMED",
        () => ({ accuracy: sequence(tlv(0x80, Buffer.from([3, 232]))) }),
      ],
      [
        "a critical extension",
        "TIMESTAMP_MALFORMED",
        () => ({
          later: [tlv(0xa1, sequence(tlv(6, Buffer.from([42, 3])), tlv(1, Buffer.from([255])), tlv(4)))],
        }),
      ],
      ["members out of order", "TIMESTAMP_MALFORMED", () => ({ nonce, later: [tlv(1, Buffer.from([255]))] })],
      ["a TSTInfo of another version", "TIMESTAMP_MALFORMED", () => ({ info: sequence(integer(2)) })],
    ];
    it.each(FORGERIES)("with %s fails with %s", (what, code, forgery) => {
      const token = honest.forge(STAMPED, forgery());
      expect(codeOf(token, pin)).toBe(code);
      expect(honest.opensslAccepts(token, STAMPED)).toBe(STRICTER.includes(what));
    });

    it.each([
      ["another extended usage besides", ["extendedKeyUsage=critical,timeStamping,codeSigning"]],
      ["only another extended usage", ["extendedKeyUsage=critical,codeSigning"]],
      ["an extended usage that is not critical", ["extendedKeyUsage=timeStamping"]],
      ["no extended usage", ["keyUsage=critical,digitalSignature"]],
      [
        "a key usage for certificates",
        ["extendedKeyUsage=critical,timeStamping", "keyUsage=critical,keyCertSign"],
      ],
      [
        "an unknown critical extension",
        ["extendedKeyUsage=critical,timeStamping", "1.2.3.4=critical,ASN1:NULL"],
      ],
    ])(
      "by a certificate with %s fails with TIMESTAMP_USAGE_WRONG, and for openssl too",
      (_what, extensions) => {
        const one = authority({ extensions });
        const token = one.forge(STAMPED);
        expect(codeOf(token, { digest: one.digest("ca") })).toBe("TIMESTAMP_USAGE_WRONG");
        expect(codeOf(token, { digest: one.digest("leaf") })).toBe("TIMESTAMP_USAGE_WRONG");
        expect(one.opensslAccepts(token, STAMPED)).toBe(false);
      },
    );

    const PINNED: readonly (readonly [string, TimestampCode, AuthorityForm])[] = [
      ["RSA of 1024 bits", "TIMESTAMP_ALGORITHM_REFUSED", { key: "rsa1024" }],
      ["a curve that does not count", "TIMESTAMP_ALGORITHM_REFUSED", { key: "secp256k1" }],
      ["an issuer of RSA of 1024 bits", "TIMESTAMP_ALGORITHM_REFUSED", { caKey: "rsa1024" }],
      ["an issuer's signature with SHA-1", "TIMESTAMP_ALGORITHM_REFUSED", { caDigest: "sha1" }],
      ["an issuer's Ed25519 key", "TIMESTAMP_ALGORITHM_REFUSED", { caKey: "ed25519" }],
      [
        "an issuer that is not a CA",
        "TIMESTAMP_CHAIN_INVALID",
        { caExtensions: ["basicConstraints=critical,CA:FALSE"] },
      ],
      [
        "an issuer without basic constraints",
        "TIMESTAMP_CHAIN_INVALID",
        { caExtensions: ["subjectKeyIdentifier=hash"] },
      ],
      ["a certificate that expired before", "TIMESTAMP_AUTHORITY_EXPIRED", { notAfter: "20250101000000Z" }],
      ["a certificate of the future", "TIMESTAMP_AUTHORITY_EXPIRED", { notBefore: "20480101000000Z" }],
      ["an issuer that expired before", "TIMESTAMP_AUTHORITY_EXPIRED", { caNotAfter: "20250101000000Z" }],
    ];
    it.each(PINNED)("by %s fails with %s", (what, code, form) => {
      const one = authority(form);
      const token = one.forge(STAMPED);
      expect(codeOf(token, { digest: one.digest("ca") })).toBe(code);
      expect(one.opensslAccepts(token, STAMPED)).toBe(STRICTER.includes(what));
    });

    it("of a certificate that expired after it holds for good", () => {
      const one = authority({ notAfter: "20250101000000Z" });
      const at = Date.UTC(2024, 5, 1);
      const token = one.forge(STAMPED, { at });
      expect(codeOf(token, { digest: one.digest("ca") })).toBe("OK");
      expect(one.opensslAccepts(token, STAMPED, new Date(at))).toBe(true);
      expect(one.opensslAccepts(token, STAMPED)).toBe(false);
    });

    it("holds only by an authority that is named, and only while the line trusts it", () => {
      const at = Date.UTC(2026, 5, 1);
      const seconds = at / 1000;
      const token = honest.forge(STAMPED, { at });
      expect(codeOf(token, { digest: other.digest("ca") })).toBe("TIMESTAMP_AUTHORITY_UNKNOWN");
      expect(codeOf(token, { ...pin, validAfter: seconds })).toBe("OK");
      expect(codeOf(token, { ...pin, validAfter: seconds + 1 })).toBe("TIMESTAMP_AUTHORITY_EXPIRED");
      // One second of accuracy: the stamp may be as late as that.
      expect(codeOf(token, { ...pin, validBefore: seconds + 2 })).toBe("OK");
      expect(codeOf(token, { ...pin, validBefore: seconds + 1 })).toBe("TIMESTAMP_AUTHORITY_EXPIRED");
    });

    it("does not hold by a named certificate that only stands beside its chain", () => {
      const token = honest.forge(STAMPED, {
        certificates: [honest.der("leaf"), honest.der("ca"), other.der("ca")],
      });
      expect(codeOf(token, { digest: other.digest("ca") })).toBe("TIMESTAMP_CHAIN_INVALID");
      expect(codeOf(token, pin)).toBe("OK");
    });

    it("does not hold by a certificate that hides another one of its issuer in PEM, which node:crypto would read", () => {
      const one = authority({ extensions: ["extendedKeyUsage=critical,codeSigning"] });
      const outer = hidingPem(one.der("leaf"));
      const token = one.forge(STAMPED, { certificates: [outer, one.der("ca")], named: outer });
      expect(codeOf(token, { digest: one.digest("ca") })).toBe("TIMESTAMP_MALFORMED");
    });

    it("must have the nonce that was sent, where one was", () => {
      expect(codeOf(honest.forge(STAMPED, { nonce }), pin, nonce)).toBe("OK");
      expect(codeOf(honest.forge(STAMPED, { nonce }), pin, Buffer.from([5]))).toBe(
        "TIMESTAMP_NONCE_MISMATCH",
      );
      expect(codeOf(honest.forge(STAMPED), pin, nonce)).toBe("TIMESTAMP_NONCE_MISMATCH");
    });

    it("is read up to the last second of the year 9999", () => {
      const codeAt = (time: string): string => codeOf(honest.forge(STAMPED, { time }), pin);
      expect(codeAt("99991231235958Z")).toBe("TIMESTAMP_AUTHORITY_EXPIRED");
      expect(codeAt("99991231235958.999Z")).toBe("TIMESTAMP_AUTHORITY_EXPIRED");
      expect(codeAt("99991231235958.9991Z")).toBe("TIMESTAMP_MALFORMED");
    });

    it("rounds its time and accuracy up to milliseconds", () => {
      const moments = [
        ["20260601000000.5Z", 500],
        ["20260601000000.0001Z", 1],
        ["20260601000000.123000000000000001Z", 124],
      ] as const;
      for (const [time, milliseconds] of moments) {
        const sound = judgeToken(honest.forge(STAMPED, { time }), { stamped: STAMPED });
        expect(sound.ok && sound.value.at).toBe(Date.UTC(2026, 5, 1) + milliseconds);
      }
      const accuracy = sequence(integer(2), tlv(0x80, Buffer.from([5])), tlv(0x81, Buffer.from([1])));
      const sound = judgeToken(honest.forge(STAMPED, { accuracy }), { stamped: STAMPED });
      expect(sound.ok && sound.value.accuracy).toBe(2006);
    });
  },
);
