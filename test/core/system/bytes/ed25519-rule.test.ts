import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Crypto } from "../../../../src/core/system/bytes/crypto.ts";
import { isRefusedPoint, verifyStrictly } from "../../../../src/core/system/bytes/ed25519-rule.ts";
import { nodeCrypto } from "../../../../src/node/system/runtime/node-crypto.ts";
import { FIRST_SEED, testSigner } from "../../../support/bundles/bundle.ts";

interface EdgeCase {
  readonly group: string;
  readonly id: string;
  readonly public_key: string;
  readonly message: string;
  readonly signature: string;
  readonly valid: boolean;
}

const EDGE_CASES: readonly EdgeCase[] = JSON.parse(
  readFileSync(new URL("../../../data/ed25519-edge.json", import.meta.url), "utf8"),
);
const GROUPS = [...new Set(EDGE_CASES.map(({ group }) => group))];

const P = 2n ** 255n - 19n;
const L = 2n ** 252n + 27742317777372353535851937790883648493n;
const SIGN_BIT = 2n ** 255n;

/** The curve's own numbers (RFC 8032, section 5.1): −x² + y² = 1 + d·x²·y². */
const D = modulo(-121665n * inverse(121666n));
/** y of the points of order 8: doubling gives y = 0, hence d·y⁴ + 2y² − 1 = 0. */
const ORDER_8_Y = [
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
].map((hex) => fromLittleEndian(Buffer.from(hex, "hex")));

function modulo(value: bigint): bigint {
  return ((value % P) + P) % P;
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let bits = exponent, factor = modulo(base); bits > 0n; bits >>= 1n, factor = modulo(factor * factor)) {
    if (bits & 1n) result = modulo(result * factor);
  }
  return result;
}

function inverse(value: bigint): bigint {
  return power(value, P - 2n);
}

/** Whether some x makes a point of the curve with this y. */
function isOnCurve(y: bigint): boolean {
  const xSquared = modulo((y * y - 1n) * inverse(modulo(D * y * y + 1n)));
  return xSquared === 0n || power(xSquared, (P - 1n) / 2n) === 1n;
}

function littleEndian(value: bigint): Buffer {
  return Buffer.from(value.toString(16).padStart(64, "0"), "hex").reverse();
}

function fromLittleEndian(bytes: Buffer): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString("hex")}`);
}

const signer = testSigner(FIRST_SEED);
const message = Buffer.from("message");
const signature = Buffer.from(signer.sign(message), "hex");

/** A platform that says yes to everything, and counts how often it was asked. */
function credulous(): { crypto: Crypto; asked: () => number } {
  let asked = 0;
  const verifyEd25519 = (): boolean => ++asked > 0;
  return { crypto: { ...nodeCrypto, verifyEd25519 }, asked: () => asked };
}

describe("Ed25519 edge cases (PROTOCOL 3)", () => {
  it("include 2,576 cases, some of them valid", () => {
    expect(EDGE_CASES).toHaveLength(2576);
    expect(EDGE_CASES.filter(({ valid }) => valid).length).toBeGreaterThan(0);
  });

  it.each(GROUPS)("have the pinned verdict in Node: group %j", (group) => {
    const cases = EDGE_CASES.filter((edge) => edge.group === group);
    const wrong = cases.filter(({ public_key, message: text, signature: signed, valid }) => {
      const [key, bytes, sig] = [public_key, text, signed].map((hex) => Buffer.from(hex, "hex"));
      if (key === undefined || bytes === undefined || sig === undefined) return true;
      return verifyStrictly(key, bytes, sig, nodeCrypto) !== valid;
    });
    expect(wrong.map(({ id }) => id)).toEqual([]);
  });
});

describe("refused encodings (PROTOCOL 3)", () => {
  it("include points of order 8 that satisfy the curve equation", () => {
    expect(ORDER_8_Y.map((y) => modulo(D * power(y, 4n) + 2n * y * y - 1n))).toEqual([0n, 0n]);
  });

  it.each([
    ["order 4", 0n],
    ["order 1", 1n],
    ["order 2", P - 1n],
    ...ORDER_8_Y.map((y, index): [string, bigint] => [`order 8, ${index + 1} of 2`, y]),
  ])("include the points of %s with both signs", (_order, y) => {
    expect([y, y + SIGN_BIT].map((encoding) => isRefusedPoint(littleEndian(encoding)))).toEqual([true, true]);
  });

  it("include every y from p to 2^255 − 1 with both signs", () => {
    const encodings = Array.from({ length: 19 }, (_none, index) => P + BigInt(index));
    const all = encodings.flatMap((y) => [y, y + SIGN_BIT]);
    expect(all.filter((encoding) => !isRefusedPoint(littleEndian(encoding)))).toEqual([]);
  });

  it("do not include the values next to them", () => {
    const neighbours = [2n, P - 2n, ...ORDER_8_Y.flatMap((y) => [y - 1n, y + 1n])];
    const all = neighbours.flatMap((y) => [y, y + SIGN_BIT]);
    expect(all.filter((encoding) => isRefusedPoint(littleEndian(encoding)))).toEqual([]);
  });

  it("do not include an honest key", () => {
    expect(isRefusedPoint(signer.publicKey)).toBe(false);
  });
});

describe("strict verification (PROTOCOL 3)", () => {
  it("refuses a signature with any bit flipped", () => {
    const accepted = Array.from({ length: 512 }, (_none, bit) => {
      const flipped = Buffer.from(signature);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      return verifyStrictly(signer.publicKey, message, flipped, nodeCrypto);
    });
    expect(accepted).not.toContain(true);
  });

  it("refuses a key that is not a point of the curve, without an exception", () => {
    let y = 2n;
    while (isOnCurve(y)) y++;
    expect(verifyStrictly(littleEndian(y), message, signature, nodeCrypto)).toBe(false);
  });

  const pointR = signature.subarray(0, 32);
  const scalarS = fromLittleEndian(signature.subarray(32));
  const withS = (s: bigint): Buffer => Buffer.concat([pointR, littleEndian(s)]);

  it.each([
    ["L", withS(L)],
    ["L + 1", withS(L + 1n)],
    ["its own S + L", withS(scalarS + L)],
    ["2^256 − 1", withS(2n ** 256n - 1n)],
  ])("refuses S = %s without calling the platform", (_what, forged) => {
    const { crypto, asked } = credulous();
    expect(verifyStrictly(signer.publicKey, message, forged, crypto)).toBe(false);
    expect(asked()).toBe(0);
  });

  it("lets the platform decide about S = L − 1", () => {
    const { crypto, asked } = credulous();
    expect(verifyStrictly(signer.publicKey, message, withS(L - 1n), crypto)).toBe(true);
    expect(asked()).toBe(1);
  });

  it("refuses a refused encoding as R without calling the platform", () => {
    const { crypto, asked } = credulous();
    const forged = Buffer.concat([littleEndian(1n), signature.subarray(32)]);
    expect(verifyStrictly(signer.publicKey, message, forged, crypto)).toBe(false);
    expect(asked()).toBe(0);
  });

  it("refuses a refused encoding as key without calling the platform", () => {
    const { crypto, asked } = credulous();
    expect(verifyStrictly(littleEndian(1n), message, signature, crypto)).toBe(false);
    expect(asked()).toBe(0);
  });

  it.each([0, 31, 33, 64])("refuses a key of %i bytes without calling the platform", (length) => {
    const { crypto, asked } = credulous();
    const key = Buffer.concat([signer.publicKey, signer.publicKey]).subarray(0, length);
    expect(verifyStrictly(key, message, signature, crypto)).toBe(false);
    expect(asked()).toBe(0);
  });

  it.each([0, 32, 63, 65, 128])("refuses a signature of %i bytes without calling the platform", (length) => {
    const { crypto, asked } = credulous();
    const cut = Buffer.concat([signature, signature]).subarray(0, length);
    expect(verifyStrictly(signer.publicKey, message, cut, crypto)).toBe(false);
    expect(asked()).toBe(0);
  });
});
