/** Evidence of any members: what was read is said in words, and nothing on the way throws. */

import { describe, expect, it } from "vitest";
import { failureWords, hintsOf } from "../../../src/cli/commands/check/check-text.ts";
import { judgeEvidence } from "../../../src/core/make/evidence/reading/judge-evidence.ts";
import { evidenceCrypto } from "../../../src/node/judge/check/node-evidence-crypto.ts";
import { makeProject } from "../../support/command/cli.ts";
import { readForeign } from "../../support/evidence/read-foreign.ts";
import {
  bundleOf,
  EVIDENCE_SIGNER,
  envelopeOf,
  statementOf,
} from "../../support/evidence/signed-evidence.ts";
import { fc, runs } from "../../support/rings/properties.ts";

const KEY = { algorithm: "ed25519", publicKey: EVIDENCE_SIGNER.publicKey } as const;
const DIGEST = "0".repeat(64);

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

const BUNDLE: Json = JSON.parse(bundleOf(envelopeOf(statementOf({ x: DIGEST }))).toString());
const MODEL: Json = {
  serialization: { method: "files", hash_type: "sha256", ignore_paths: [] },
  resources: [{ name: "x", digest: DIGEST, algorithm: "sha256" }],
};
const STATEMENTS: readonly Json[] = [
  JSON.parse(statementOf({ x: DIGEST, y: DIGEST }).toString()),
  JSON.parse(
    statementOf(
      { x: DIGEST },
      { predicate: MODEL, predicateType: "https://model_signing/signature/v1.0" },
    ).toString(),
  ),
];

/** Names that a reader asks for, and values it may not expect. */
const NAMES = [
  "mediaType",
  "verificationMaterial",
  "messageSignature",
  "certificate",
  "payload",
  "x",
  "__proto__",
];
const ODD: readonly Json[] = [
  null,
  true,
  1,
  -1e300,
  "",
  "x",
  [],
  {},
  [[]],
  DIGEST,
  "sha512",
  "\u0000",
  ".",
  {},
];

interface Change {
  readonly at: number;
  readonly kind: number;
  readonly name: string;
  readonly value: Json;
}

const changes = fc.array(
  fc.record({
    at: fc.nat(40),
    kind: fc.nat(3),
    name: fc.constantFrom(...NAMES),
    value: fc.constantFrom(...ODD),
  }),
  { minLength: 1, maxLength: 3 },
);

/** Changes the value that is reached after so many others. */
function change(json: Json, { at, kind, name, value }: Change): Json {
  let left = at;
  const visit = (here: Json): Json => {
    if (left-- === 0) return kind === 0 && isObject(here) ? { ...here, [name]: value } : value;
    if (Array.isArray(here)) return here.map((one: Json) => visit(one));
    if (!isObject(here)) return here;
    const members = Object.entries(here).map(([key, one]) => [
      kind === 1 && left === 0 ? name : key,
      visit(one),
    ]);
    return Object.fromEntries(kind === 2 && left === 0 ? members.slice(1) : members);
  };
  return visit(json);
}

function isObject(value: Json): value is { readonly [name: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Reads, judges and says what was found. */
function say(bytes: Uint8Array): string {
  const read = readForeign(bytes, "runseal-sums");
  const judged = read.ok ? judgeEvidence(read.value, undefined, [KEY], evidenceCrypto) : read;
  return judged.ok ? "" : `${failureWords(judged)} ${hintsOf(judged).join()}`;
}

describe("evidence with any members", () => {
  it("never makes reading, judging or the words of a bundle throw", () => {
    fc.assert(
      fc.property(changes, (all) => {
        say(Buffer.from(JSON.stringify(all.reduce(change, BUNDLE))));
      }),
      { numRuns: runs(4000) },
    );
  });

  it("never makes reading, judging or the words of a signed statement throw", () => {
    fc.assert(
      fc.property(fc.constantFrom(...STATEMENTS), changes, (statement, all) => {
        say(envelopeOf(Buffer.from(JSON.stringify(all.reduce(change, statement)))));
      }),
      { numRuns: runs(2000) },
    );
  });

  it.each([
    ['{"mediaType":"foreign"}'],
    ['{"mediaType":7}'],
    ['{"verificationMaterial":{}}'],
    ['{"mediaType":"application/vnd.dev.sigstore.bundle+json;version=0.1"}'],
  ])("is unsupported where its media type is not a bundle's: %s", async (text) => {
    using project = makeProject({ "e.json": text });
    const facts = await project.json(["check", "e.json", "--signer", EVIDENCE_SIGNER.publicKeyHex]);
    expect(facts).toMatchObject({
      code: "EVIDENCE_UNSUPPORTED",
      exit_code: 4,
      details: { reason: "media-type" },
    });
  });
});
