import { createHash, randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ListedAuthority } from "../../../../src/core/internal.ts";
import { parseDer } from "../../../../src/node/keys/time/asn1-reader.ts";
import { findAuthority, judgeToken } from "../../../../src/node/keys/time/node-time.ts";
import { readAnswer } from "../../../../src/node/make/timestamp/time-stamp-protocol.ts";
import { Authority, reasonWithoutAuthority, sequence, tlv } from "../../../support/evidence/authority.ts";
import { fc, runs } from "../../../support/rings/properties.ts";
import { LONG_TEST_MS, ofRing } from "../../../support/rings/ring.ts";

const STAMPED = createHash("sha512").update("a signature").digest();
const reason = reasonWithoutAuthority();

describe.skipIf(reason !== undefined)(
  `mutated tokens${reason === undefined ? "" : ` (skipped: ${reason})`}`,
  () => {
    let authority: Authority;
    let tokens: readonly Buffer[];
    let pinned: ListedAuthority;

    beforeAll(() => {
      authority = new Authority();
      pinned = {
        line: 1,
        name: "ours",
        certificate: authority.digest("ca") as ListedAuthority["certificate"],
        validAfter: undefined,
        validBefore: undefined,
        decided_by: { source: "trust", line: 1 },
      };
      tokens = [authority.token(STAMPED), authority.forge(STAMPED, { nonce: Buffer.of(1, 2, 3) })];
    });
    afterAll(() => authority[Symbol.dispose]());

    /** Whether a token holds by the CA, so that every certificate in it is needed. */
    function holds(token: Uint8Array): boolean {
      const sound = judgeToken(token, { stamped: STAMPED });
      return sound.ok && findAuthority(sound.value, [pinned]).ok;
    }

    it("hold only where nothing was mutated: each byte of two tokens", { timeout: LONG_TEST_MS }, () => {
      const held: string[] = [];
      for (const [index, token] of tokens.entries()) {
        expect(holds(token)).toBe(true);
        for (let place = 0; place < token.length; place += ofRing(16, 1)) {
          for (const change of [1 << (place % 8), 0xff]) {
            const mutated = Buffer.from(token);
            mutated[place] = (mutated[place] ?? 0) ^ change;
            if (holds(mutated)) held.push(`token ${index}, byte ${place}, xor ${change}`);
          }
        }
      }
      expect(held).toEqual([]);
    });

    it("hold only where nothing was mutated: bytes cut out, put in and moved", () => {
      const edit = fc.record({
        which: fc.nat(1),
        at: fc.nat(),
        length: fc.nat(40),
        more: fc.uint8Array({ maxLength: 40 }),
      });
      fc.assert(
        fc.property(edit, ({ at, length, more, which }) => {
          const token = tokens[which] ?? Buffer.of();
          const start = at % token.length;
          const mutated = Buffer.concat([token.subarray(0, start), more, token.subarray(start + length)]);
          expect(holds(mutated)).toBe(mutated.equals(token));
        }),
        { numRuns: runs(4000) },
      );
    });

    it("and any other bytes make no parser throw", () => {
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
          expect(holds(bytes)).toBe(false);
          expect(readAnswer(bytes).kind).not.toBe("too-large");
        }),
        { numRuns: runs(4000) },
      );
    });

    it("that are deep, wide or long are refused within bounds", () => {
      let deep: Uint8Array = tlv(0x05);
      for (let level = 0; level < 10_000; level++) deep = level < 40 ? tlv(0x30, deep) : deep;
      expect(parseDer(deep)).toBeUndefined();
      expect(
        parseDer(Buffer.concat(Array.from({ length: 30_000 }, () => Buffer.of(0x30, 0x80)))),
      ).toBeUndefined();
      expect(parseDer(sequence(...Array.from({ length: 20_000 }, () => Buffer.of(0x05, 0))))).toBeUndefined();
      expect(parseDer(tlv(0x04, randomBytes(65_536)))).toBeUndefined();
      expect(parseDer(tlv(0x04, randomBytes(65_000)))).toBeDefined();
    });

    it.each([
      ["a padded length", [0x04, 0x81, 0x01, 0x00]],
      ["an indefinite length", [0x30, 0x80, 0x00, 0x00]],
      ["bytes behind it", [0x05, 0x00, 0x00]],
      ["too few bytes", [0x04, 0x02, 0x00]],
      ["a length of four octets", [0x04, 0x84, 0x00, 0x00, 0x00, 0x01, 0x00]],
      ["a tag of several octets", [0x1f, 0x81, 0x00, 0x00]],
      ["nothing", []],
    ])("do not parse with %s, which DER does not have", (_what, bytes) => {
      expect(parseDer(Buffer.from(bytes))).toBeUndefined();
    });
  },
);
