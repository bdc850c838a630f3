/**
 * The classic link of in-toto, and a layout that demands it and the files that it names
 * (https://github.com/in-toto/specification/blob/v1.0/in-toto-spec.md, sections 4.3 and 4.4). Both are signed in DSSE.
 *
 * A verifier records the files below its current folder and checks them by the rules of the layout's one inspection.
 *
 * @module
 */

import type { Crypto } from "../../system/bytes/crypto.ts";
import { digestToHex, type HexDigest, toHex } from "../../system/bytes/hex.ts";
import { encodeOwn } from "../../system/json/canonical-json.ts";
import { type JsonObject, jsonObject } from "../../system/json/json-value.ts";
import type { DigestRow } from "./digest-list.ts";
import { byproductsOf, RUN_STEP, SEAL_STEP } from "./predicates.ts";
import type { RunEvidence } from "./run-evidence.ts";

/** The name of the inspection. in-toto-golang writes `NAME.link` into the current folder. */
const INSPECTION = "files-as-sealed";

/** The file that verifiers write into the current folder. */
const INSPECTION_FILE = `${INSPECTION}.link`;

/** A layout must expire. Whether to trust a key for longer is decided by the verifier's policy, so it expires last. */
const EXPIRES = "9999-12-31T23:59:59Z";

/**
 * Outputs up to which the layout demands that each file is there. A verifier compares every such rule with every file, so many rules
 * take hours.
 */
export const MAX_REQUIRED = 1024;

/** The id of a key in layouts and links: the SHA-256 of its description in canonical JSON, as securesystemslib computes it. */
export function inTotoKeyId(publicKey: Uint8Array, crypto: Crypto): HexDigest {
  return digestToHex(crypto.sha256(encodeOwn(keyObject(publicKey))));
}

/** The step of a link. */
export function stepOf({ run }: RunEvidence): string {
  return run === undefined ? SEAL_STEP : RUN_STEP;
}

/** The file name under which verifiers look for a link. */
export function linkFileName(evidence: RunEvidence, keyId: HexDigest): string {
  return `${stepOf(evidence)}.${keyId.slice(0, 8)}.link`;
}

/** Whether verifiers would write their own file in the place of an output or link, or in its folder. Some disks fold case. */
export function isInspectionFile(path: string): boolean {
  const [top = ""] = path.split("/", 1);
  return top.toLowerCase() === INSPECTION_FILE;
}

/** Writes the link: materials are the inputs, products the outputs. */
export function encodeLink(evidence: RunEvidence): Uint8Array {
  const { outputs, run } = evidence;
  return encodeOwn(
    jsonObject({
      _type: "link",
      byproducts: byproductsOf(evidence),
      command: run?.command ?? [],
      environment: run?.environment ?? jsonObject({}),
      materials: artifactsOf(run?.inputs ?? []),
      name: stepOf(evidence),
      products: artifactsOf(outputs),
    }),
  );
}

/** Writes the layout: one step, whose link this key must have signed, and one inspection of the files. */
export function encodeLayout(evidence: RunEvidence, publicKey: Uint8Array, crypto: Crypto): Uint8Array {
  const keyId = inTotoKeyId(publicKey, crypto);
  const step = jsonObject({
    _type: "step",
    expected_command: evidence.run?.command ?? [],
    expected_materials: [["ALLOW", "*"]],
    expected_products: [["ALLOW", "*"]],
    name: stepOf(evidence),
    pubkeys: [keyId],
    threshold: 1,
  });
  const inspection = jsonObject({
    _type: "inspection",
    expected_materials: rulesOf(evidence),
    expected_products: [],
    name: INSPECTION,
    run: ["true"],
  });
  return encodeOwn(
    jsonObject({
      _type: "layout",
      expires: EXPIRES,
      inspect: [inspection],
      keys: new Map([[keyId, new Map([...keyObject(publicKey), ["keyid", keyId]])]]),
      readme: `The files of run ${evidence.runId}, as sealed with bundle root ${evidence.bundleRoot}.`,
      steps: [step],
    }),
  );
}

/**
 * Every sealed file is there, and has its digest; nothing else is in the folders of sealed files but sealed links. What lies
 * elsewhere is not judged.
 */
function rulesOf(evidence: RunEvidence): readonly (readonly string[])[] {
  const { links, outputs } = evidence;
  const required = outputs.length > MAX_REQUIRED ? [] : Array.from(outputs, ({ path }) => ["REQUIRE", path]);
  return [
    ...required,
    ["MATCH", "*", "WITH", "PRODUCTS", "FROM", stepOf(evidence)],
    ...Array.from(links, (path) => ["ALLOW", escapePattern(path)]),
    ...[...topPatterns(outputs)].map((pattern) => ["DISALLOW", pattern]),
  ];
}

/** Patterns for the topmost folders and files in which outputs lie. A star matches a slash too. */
function topPatterns(outputs: Iterable<DigestRow>): ReadonlySet<string> {
  const patterns = new Set<string>();
  for (const { path } of outputs) {
    const slash = path.indexOf("/");
    patterns.add(slash < 0 ? escapePattern(path) : `${escapePattern(path.slice(0, slash))}/*`);
  }
  return patterns;
}

/** A path as a pattern that matches it alone. No path has a backslash (PROTOCOL 9.1). */
function escapePattern(path: string): string {
  return path.replaceAll(/[*?[\]]/g, "\\$&");
}

function artifactsOf(rows: Iterable<DigestRow>): JsonObject {
  return new Map(Array.from(rows, ({ digest, path }) => [path, jsonObject({ sha256: digest })] as const));
}

function keyObject(publicKey: Uint8Array): JsonObject {
  return jsonObject({
    keyid_hash_algorithms: ["sha256", "sha512"],
    keytype: "ed25519",
    keyval: jsonObject({ public: toHex(publicKey) }),
    scheme: "ed25519",
  });
}
