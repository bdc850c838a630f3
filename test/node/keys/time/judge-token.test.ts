import { afterAll, describe, expect, it } from "vitest";
import type { ListedAuthority, TimestampFlaw } from "../../../../src/core/internal.ts";
import { findAuthority, judgeToken } from "../../../../src/node/keys/time/node-time.ts";
import {
  Authority,
  type AuthorityForm,
  integer,
  reasonWithoutAuthority,
  sequence,
  tlv,
} from "../../../support/evidence/authority.ts";
import {
  FORGERIES,
  hidingPem,
  NONCE,
  STAMPED,
  WRONG_CHAINS,
  WRONG_USAGES,
} from "../../../support/evidence/hostile-tokens.ts";

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

/** The flaw of a token for a policy that names one certificate; "OK" if it holds. */
function codeOf(
  token: Uint8Array,
  { digest, validAfter, validBefore }: Pin,
  nonce?: Uint8Array,
): TimestampFlaw | "OK" {
  const listed: ListedAuthority = {
    line: 1,
    name: "tsa",
    certificate: digest as ListedAuthority["certificate"],
    validAfter,
    validBefore,
    decided_by: { source: "trust", line: 1 },
  };
  const sound = judgeToken(token, { stamped: STAMPED, nonce });
  if (!sound.ok) return sound.flaw;
  const found = findAuthority(sound.value, [listed]);
  return found.ok ? "OK" : found.flaw;
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

    it.each(FORGERIES)("with %s fails with %s", (what, code, forgery) => {
      const token = honest.forge(STAMPED, forgery(honest, other));
      expect(codeOf(token, pin)).toBe(code);
      expect(honest.opensslAccepts(token, STAMPED)).toBe(STRICTER.includes(what));
    });

    it.each(WRONG_USAGES)(
      "by a certificate with %s fails with TIMESTAMP_INVALID, and for openssl too",
      (_what, extensions) => {
        const one = authority({ extensions });
        const token = one.forge(STAMPED);
        expect(codeOf(token, { digest: one.digest("ca") })).toBe("usage");
        expect(codeOf(token, { digest: one.digest("leaf") })).toBe("usage");
        expect(one.opensslAccepts(token, STAMPED)).toBe(false);
      },
    );

    it.each(WRONG_CHAINS)("by %s fails with %s", (what, code, form) => {
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
      expect(codeOf(token, { digest: other.digest("ca") })).toBe("authority-unknown");
      expect(codeOf(token, { ...pin, validAfter: seconds })).toBe("OK");
      expect(codeOf(token, { ...pin, validAfter: seconds + 1 })).toBe("expired");
      // One second of accuracy: the stamp may be as late as that.
      expect(codeOf(token, { ...pin, validBefore: seconds + 2 })).toBe("OK");
      expect(codeOf(token, { ...pin, validBefore: seconds + 1 })).toBe("expired");
    });

    it("does not hold by a named certificate that only stands beside its chain", () => {
      const token = honest.forge(STAMPED, {
        certificates: [honest.der("leaf"), honest.der("ca"), other.der("ca")],
      });
      expect(codeOf(token, { digest: other.digest("ca") })).toBe("chain");
      expect(codeOf(token, pin)).toBe("OK");
    });

    it("does not hold by a certificate that hides another one of its issuer in PEM, which node:crypto would read", () => {
      const one = authority({ extensions: ["extendedKeyUsage=critical,codeSigning"] });
      const outer = hidingPem(one.der("leaf"));
      const token = one.forge(STAMPED, { certificates: [outer, one.der("ca")], named: outer });
      expect(codeOf(token, { digest: one.digest("ca") })).toBe("form");
    });

    it("must have the nonce that was sent, where one was", () => {
      expect(codeOf(honest.forge(STAMPED, { nonce: NONCE }), pin, NONCE)).toBe("OK");
      expect(codeOf(honest.forge(STAMPED, { nonce: NONCE }), pin, Buffer.from([5]))).toBe("nonce");
      expect(codeOf(honest.forge(STAMPED), pin, NONCE)).toBe("nonce");
    });

    it("is read up to the last second of the year 9999", () => {
      const codeAt = (time: string): string => codeOf(honest.forge(STAMPED, { time }), pin);
      expect(codeAt("99991231235958Z")).toBe("expired");
      expect(codeAt("99991231235958.999Z")).toBe("expired");
      expect(codeAt("99991231235958.9991Z")).toBe("form");
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
