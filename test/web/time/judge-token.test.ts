import { createHash, createPrivateKey, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ListedAuthority } from "../../../src/core/internal.ts";
import { findAuthority, judgeToken } from "../../../src/node/keys/time/node-time.ts";
import {
  Authority,
  type AuthorityForm,
  childrenOf,
  reasonWithoutAuthority,
  sequence,
  tlv,
} from "../../support/evidence/authority.ts";
import {
  FORGERIES,
  hidingPem,
  STAMPED,
  WRONG_CHAINS,
  WRONG_USAGES,
} from "../../support/evidence/hostile-tokens.ts";
import { HAS_CHROMIUM, type OpenBrowser, openBrowser } from "../../support/page/chromium.ts";
import { ProbePage } from "../../support/page/probe-page.ts";
import { LONG_TEST_MS, ofRing, sampleOf } from "../../support/rings/ring.ts";

const reason = HAS_CHROMIUM ? reasonWithoutAuthority() : "there is no Chromium";

/** So many changed certificates of each kind, drawn by the seed. */
const CHANGES = ofRing(200, 800);

const made: Authority[] = [];
function authority(form?: AuthorityForm): Authority {
  const one = new Authority(form);
  made.push(one);
  return one;
}

/** An authority of a policy, by the digest of its certificate. */
function listing(digest: string, limits: Partial<ListedAuthority> = {}): ListedAuthority {
  return {
    line: 1,
    name: "tsa",
    certificate: digest as ListedAuthority["certificate"],
    validAfter: undefined,
    validBefore: undefined,
    decided_by: { source: "trust", line: 1 },
    ...limits,
  };
}

describe.skipIf(reason !== undefined)(
  `the page, judging timestamp tokens (Chromium)${reason === undefined ? "" : ` (skipped: ${reason})`}`,
  () => {
    let browser: OpenBrowser;
    let probe: ProbePage;
    const honest = authority();
    const other = authority();
    beforeAll(async () => {
      browser = await openBrowser();
      probe = await ProbePage.open(browser);
    });
    afterAll(async () => {
      await browser[Symbol.asyncDispose]();
      for (const one of made) one[Symbol.dispose]();
    });

    function nodeCode(token: Uint8Array, pin: ListedAuthority): string {
      const sound = judgeToken(token, { stamped: STAMPED });
      const found = sound.ok ? findAuthority(sound.value, [pin]) : sound;
      return found.ok ? "OK" : found.flaw;
    }

    async function pageCode(token: Uint8Array, pin: ListedAuthority): Promise<string> {
      const [code = ""] = await pageCodes([[token, pin]]);
      return code;
    }

    async function pageCodes(
      tokens: readonly (readonly [Uint8Array, ListedAuthority])[],
    ): Promise<readonly string[]> {
      const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
      const sent = tokens.map(([token, pin]) => [base64(token), pin] as const);
      return await probe.call("tokenCodes", base64(STAMPED), sent);
    }

    /** The code on the page, which must be that of the command. */
    async function codeOf(token: Uint8Array, pin: ListedAuthority): Promise<string> {
      const code = await pageCode(token, pin);
      expect(code).toBe(nodeCode(token, pin));
      return code;
    }

    const ca = (one: Authority): ListedAuthority => listing(one.digest("ca"));

    it("accepts a token of openssl ts for its issuer, and for its signer's certificate", async () => {
      const token = honest.token(STAMPED);
      expect(await codeOf(token, ca(honest))).toBe("OK");
      expect(await codeOf(token, listing(honest.digest("leaf")))).toBe("OK");
    });

    it.each([
      ["ec", "sha256"],
      ["ec", "sha512"],
      ["p384", "sha384"],
      ["p384", "sha512"],
      ["p521", "sha256"],
      ["p521", "sha512"],
      ["rsa2048", "sha256"],
      ["rsa2048", "sha384"],
      ["rsa2048", "sha512"],
    ] as const)("accepts a token by a key of the kind %s with %s", async (key, digest) => {
      const one = authority({ key, caKey: key, caDigest: digest === "sha384" ? "sha256" : digest });
      expect(await codeOf(one.forge(STAMPED, { digest }), ca(one))).toBe("OK");
    });

    it.each(FORGERIES)("refuses a token with %s: %s", async (_what, code, forgery) => {
      expect(await codeOf(honest.forge(STAMPED, forgery(honest, other)), ca(honest))).toBe(code);
    });

    it.each(WRONG_USAGES)("refuses a token by a certificate with %s", async (_what, extensions) => {
      const one = authority({ extensions });
      expect(await codeOf(one.forge(STAMPED), ca(one))).toBe("usage");
      expect(await codeOf(one.forge(STAMPED), listing(one.digest("leaf")))).toBe("usage");
    });

    it.each(WRONG_CHAINS)("refuses a token by %s: %s", async (_what, code, form) => {
      const one = authority(form);
      expect(await codeOf(one.forge(STAMPED), ca(one))).toBe(code);
    });

    it("refuses a certificate that hides another one in PEM", async () => {
      const one = authority({ extensions: ["extendedKeyUsage=critical,codeSigning"] });
      const outer = hidingPem(one.der("leaf"));
      const token = one.forge(STAMPED, { certificates: [outer, one.der("ca")], named: outer });
      // OpenSSL reads the DER alone, as the page does: its signature does not hold.
      expect(await pageCode(token, ca(one))).toBe("chain");
      expect(nodeCode(token, ca(one))).toBe("form");
    });

    it("accepts a token only by an authority that is named, and only while the line trusts it", async () => {
      const at = Date.UTC(2026, 5, 1);
      const seconds = at / 1000;
      const token = honest.forge(STAMPED, { at });
      const { digest } = { digest: honest.digest("ca") };
      expect(await codeOf(token, ca(other))).toBe("authority-unknown");
      expect(await codeOf(token, listing(digest, { validAfter: seconds }))).toBe("OK");
      expect(await codeOf(token, listing(digest, { validAfter: seconds + 1 }))).toBe("expired");
      expect(await codeOf(token, listing(digest, { validBefore: seconds + 2 }))).toBe("OK");
      expect(await codeOf(token, listing(digest, { validBefore: seconds + 1 }))).toBe("expired");
    });

    it("refuses a named certificate that only stands beside the chain", async () => {
      const certificates = [honest.der("leaf"), honest.der("ca"), other.der("ca")];
      const token = honest.forge(STAMPED, { certificates });
      expect(await codeOf(token, ca(other))).toBe("chain");
      expect(await codeOf(token, ca(honest))).toBe("OK");
    });

    /** Certificates with every extension that OpenSSL reads of one that was issued. */
    const rich = authority({
      extensions: [
        "basicConstraints=critical,CA:FALSE",
        "keyUsage=critical,digitalSignature",
        "extendedKeyUsage=critical,timeStamping",
        "subjectKeyIdentifier=hash",
        "authorityKeyIdentifier=keyid:always,issuer:always",
        "subjectAltName=DNS:a.example,URI:http://a.example/,email:a@a.example,IP:127.0.0.1,RID:1.2.3,otherName:1.2.3;UTF8:a",
        "crlDistributionPoints=URI:http://a.example/a.crl",
        "certificatePolicies=1.2.3.4",
        "authorityInfoAccess=OCSP;URI:http://a.example/",
      ],
      caExtensions: [
        "basicConstraints=critical,CA:TRUE,pathlen:0",
        "keyUsage=critical,keyCertSign,cRLSign",
        "subjectKeyIdentifier=hash",
      ],
    });

    /** A certificate with other contents, which the CA signed. */
    function signedAgain(der: Buffer, changed: Buffer): Buffer {
      const [, algorithm = der] = childrenOf(der);
      const signature = sign("sha256", changed, createPrivateKey(readFileSync(rich.caKey)));
      return sequence(changed, algorithm, tlv(0x03, Buffer.of(0), signature));
    }

    it("accepts a token whose certificates have all extensions that are usual", async () => {
      expect(await codeOf(rich.forge(STAMPED), ca(rich))).toBe("OK");
    });

    /** Tokens with another certificate in place of the signer's or the CA's, which the policy names. */
    function tokensWith(
      which: "leaf" | "ca",
      changed: readonly (readonly [name: string, certificate: Buffer])[],
    ): readonly (readonly [name: string, token: Buffer, pin: ListedAuthority])[] {
      return changed.map(([name, certificate]) => {
        const [leaf, root] =
          which === "leaf" ? [certificate, rich.der("ca")] : [rich.der("leaf"), certificate];
        const pin = listing(createHash("sha256").update(root).digest("hex"));
        const token = rich.forge(STAMPED, { certificates: [leaf, root], named: leaf });
        return [`${which}, ${name}`, token, pin] as const;
      });
    }

    /** Fails for a token that the page accepts and the command does not, and if the page accepts none at all. */
    async function expectNothingLooser(
      cases: readonly (readonly [name: string, token: Buffer, pin: ListedAuthority])[],
    ): Promise<void> {
      const codes = await pageCodes(cases.map(([, token, pin]) => [token, pin]));
      const accepted = cases.filter((_case, index) => codes[index] === "OK");
      expect(accepted.length).toBeGreaterThan(0);
      const looser = accepted.map(([name, token, pin]) => [name, nodeCode(token, pin)] as const);
      expect(looser.filter(([, code]) => code !== "OK")).toEqual([]);
    }

    it.each(["leaf", "ca"] as const)(
      "accepts no token that the command refuses, whatever byte of a certificate differs: %s",
      async (which) => {
        const der = rich.der(which);
        const changed = flippedBytes(childrenOf(der)[0] ?? der).map(
          ([name, signed]) => [name, signedAgain(der, signed)] as const,
        );
        await expectNothingLooser(tokensWith(which, [["nothing changed", der], ...changed]));
      },
      LONG_TEST_MS,
    );

    it.each(["leaf", "ca"] as const)(
      "accepts no token that the command refuses, whatever value in a certificate is missing, twice or another: %s",
      async (which) => {
        const der = rich.der(which);
        const changed = sampleOf([...changedValues(childrenOf(der)[0] ?? der)], CHANGES).map(
          ([name, signed]) => [name, signedAgain(der, signed)] as const,
        );
        await expectNothingLooser(tokensWith(which, [["nothing changed", der], ...changed]));
      },
      LONG_TEST_MS,
    );

    it.each(["ec", "rsa2048", "ed25519", "secp256k1"] as const)(
      "accepts no token that the command refuses, whatever differs in a certificate beside the chain: %s",
      async (key) => {
        const der = authority({ key }).der("leaf");
        const beside = [
          ["nothing changed", der] as const,
          ...sampleOf([...changedValues(der)], CHANGES),
          ...flippedBytes(der),
        ];
        const chain = [rich.der("leaf"), rich.der("ca")];
        await expectNothingLooser(
          beside.map(([name, one]) => [
            name,
            rich.forge(STAMPED, { certificates: [...chain, one] }),
            ca(rich),
          ]),
        );
      },
      LONG_TEST_MS,
    );
  },
);

/** Types that a value in a certificate may have, universal and context-specific. */
const TAGS = [
  1, 2, 3, 4, 5, 6, 0x0c, 0x13, 0x1e, 0x30, 0x31, 0x80, 0x81, 0x82, 0x84, 0x87, 0x88, 0xa0, 0xa1, 0xa3, 0xa4,
];

/** Some bytes with one of them changed, at each place. */
function flippedBytes(bytes: Buffer): readonly (readonly [name: string, bytes: Buffer])[] {
  const changes = [...bytes.keys()].flatMap((place) =>
    [1 << (place % 8), 0x80, 0xff].map((mask) => [place, mask] as const),
  );
  return sampleOf(changes, CHANGES).map(([place, mask]) => {
    const changed = Buffer.from(bytes);
    changed[place] = (changed[place] ?? 0) ^ mask;
    return [`byte ${place}, xor ${mask}`, changed];
  });
}

/** A value in DER with one change in it: a value without content, with a byte more, of another type, missing, twice, or in another place. */
function* changedValues(der: Buffer, path = ""): Generator<readonly [name: string, der: Buffer]> {
  const [tag = 0] = der;
  const isExtension = tag === 0x30 && childrenOf(der)[0]?.[0] === 6 && childrenOf(der).at(-1)?.[0] === 4;
  const isConstructed = (tag & 0x20) !== 0;
  const content = contentOf(der);
  yield [`${path} without content`, tlv(tag)];
  yield [`${path} with a byte more`, tlv(tag, content, Buffer.of(0))];
  yield [`${path} with a byte before`, tlv(tag, Buffer.of(0), content)];
  for (const other of TAGS) if (other !== tag) yield [`${path} as ${other}`, tlv(other, content)];
  if (!isConstructed) return;
  const parts = childrenOf(der);
  const [last = der] = parts.slice(-1);
  for (const [index, part] of parts.entries()) {
    const place = `${path}/${index}`;
    const [before, after] = [parts.slice(0, index), parts.slice(index + 1)];
    yield [`${place} missing`, tlv(tag, ...before, ...after)];
    yield [`${place} twice`, tlv(tag, ...before, part, part, ...after)];
    yield [`${place} at the end`, tlv(tag, ...before, ...after, part)];
    for (const [name, changed] of changedValues(part, place))
      yield [name, tlv(tag, ...before, changed, ...after)];
  }
  // The value of an extension is DER in an OCTET STRING.
  if (isExtension)
    for (const [name, changed] of changedValues(contentOf(last), `${path}/value`))
      yield [name, tlv(tag, ...parts.slice(0, -1), tlv(4, changed))];
}

/** What is behind the length of a value. */
function contentOf(der: Buffer): Buffer {
  const first = der[1] ?? 0;
  return der.subarray(first < 0x80 ? 2 : 2 + (first & 0x7f));
}
