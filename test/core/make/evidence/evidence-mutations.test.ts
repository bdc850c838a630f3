import { describe, expect, it } from "vitest";
import { judgeEvidence } from "../../../../src/core/make/evidence/reading/judge-evidence.ts";
import { parsePublicKeyText } from "../../../../src/core/make/evidence/reading/public-key.ts";
import { readDigestList } from "../../../../src/core/make/evidence/reading/read-digest-list.ts";
import { readStatement } from "../../../../src/core/make/evidence/reading/read-statement.ts";
import { evidenceCrypto } from "../../../../src/node/judge/check/node-evidence-crypto.ts";
import { sha256 } from "../../../support/bundles/bundle.ts";
import { readForeign } from "../../../support/evidence/read-foreign.ts";
import {
  bundleOf,
  EVIDENCE_SIGNER,
  envelopeOf,
  minisignOf,
  signifyOf,
  sshSignatureOf,
  statementOf,
} from "../../../support/evidence/signed-evidence.ts";
import { fc, runs } from "../../../support/rings/properties.ts";

const A = sha256("a");
const LIST = Buffer.from(`${A}  x\n\\${A}  a\\nb\n`);
const TAGGED = Buffer.from(`SHA256 (x) = ${A}\n`);
const STATEMENT = statementOf({ x: A, "d/y": A });
const KEY = { algorithm: "ed25519", publicKey: EVIDENCE_SIGNER.publicKey } as const;
const PEM =
  "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAA6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=\n-----END PUBLIC KEY-----\n";

const EVIDENCE: readonly (readonly [string, Buffer])[] = [
  ["an envelope", envelopeOf(STATEMENT)],
  ["a bundle", bundleOf(envelopeOf(STATEMENT))],
  ["an SSH signature", sshSignatureOf(LIST)],
  ["a minisign signature", minisignOf(LIST)],
  ["a signify signature", signifyOf(TAGGED)],
];

/** A few changes of bytes: others in their place, some left out, some twice. */
const mutations = fc.array(
  fc.record({ at: fc.nat(), take: fc.nat({ max: 8 }), put: fc.uint8Array({ maxLength: 8 }) }),
  { minLength: 1, maxLength: 4 },
);

type Mutation = { readonly at: number; readonly take: number; readonly put: Uint8Array };

function mutate(bytes: Uint8Array, changes: readonly Mutation[]): Buffer {
  return changes.reduce((whole, { at, put, take }) => {
    const place = at % (whole.length + 1);
    return Buffer.concat([whole.subarray(0, place), put, whole.subarray(place + take)]);
  }, Buffer.from(bytes));
}

/** Reads and judges; throws only on a bug. */
function judge(bytes: Uint8Array, list: Uint8Array = LIST): boolean {
  const read = readForeign(bytes, "runseal-sums");
  return read.ok && judgeEvidence(read.value, list, [KEY], evidenceCrypto).ok;
}

describe("no reader throws on mutated bytes", () => {
  it.each(EVIDENCE)("of %s", (_, bytes) => {
    expect(judge(bytes)).toBe(true);
    fc.assert(
      fc.property(mutations, (changes) => {
        judge(mutate(bytes, changes));
      }),
      { numRuns: runs(4000) },
    );
  });

  it.each([
    ["a list", LIST, (bytes: Uint8Array) => readDigestList(bytes)],
    ["a list with tags", TAGGED, (bytes: Uint8Array) => readDigestList(bytes)],
    ["a statement", STATEMENT, (bytes: Uint8Array) => readStatement(bytes)],
    [
      "a key",
      Buffer.from(PEM),
      (bytes: Uint8Array) => parsePublicKeyText(Buffer.from(bytes).toString("latin1")),
    ],
  ])("of %s", (_, bytes, read) => {
    expect(read(bytes)).toBeDefined();
    fc.assert(
      fc.property(mutations, (changes) => {
        read(mutate(bytes, changes));
      }),
      { numRuns: runs(4000) },
    );
  });

  it("of anything else", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(judge(bytes)).toBe(false);
        readDigestList(bytes);
      }),
      { numRuns: runs(4000) },
    );
  });
});

describe("a changed list", () => {
  it.each([
    ["an SSH signature", sshSignatureOf(LIST)],
    ["a minisign signature", minisignOf(LIST)],
    ["a signify signature", signifyOf(LIST, false)],
  ])("is never accepted with %s", (_, evidence) => {
    fc.assert(
      fc.property(mutations, (changes) => {
        const changed = mutate(LIST, changes);
        expect(judge(evidence, changed)).toBe(changed.equals(LIST));
      }),
      { numRuns: runs(1000) },
    );
  });
});
