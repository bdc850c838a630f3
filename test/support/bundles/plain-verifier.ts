/**
 * A verifier of SPECTRUM bundles that knows nothing of trees, and shares no code with runseal: written from sections 3 to 8 and 10
 * of the protocol, for honest keys and small bundles. It stands for the verifiers in the field.
 *
 * @module
 */

import { createHash, createPublicKey, verify } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { join, sep } from "node:path";

const ARTIFACTS = [
  "TASK_SPEC",
  "STATUS",
  "OUTPUT_HASHES",
  "PROOF",
  "VALIDATOR_IDENTITY",
  "SIGNED_PAYLOAD",
  "SIGNATURE",
] as const;

type Members = Readonly<Record<string, unknown>>;

/** Thrown with a code of section 8. */
class Refusal extends Error {}

/** Verifies a run directory against the project root. Gives `ok`, or the code of the first check that fails. */
export function verifyPlainly(bundle: string, root: string): string {
  try {
    verifyAll(bundle, root);
    return "ok";
  } catch (thrown) {
    if (thrown instanceof Refusal) return thrown.message;
    throw thrown;
  }
}

function verifyAll(bundle: string, root: string): void {
  const bytesOf = (name: string): Buffer => readFileSync(join(bundle, `${name}.json`));
  const names = readdirSync(bundle);
  for (const name of ARTIFACTS) check(names.includes(`${name}.json`), "ARTIFACT_MISSING");
  const read = (name: (typeof ARTIFACTS)[number]): Members => {
    check(lstatSync(join(bundle, `${name}.json`)).isFile(), "ARTIFACT_MALFORMED");
    return membersOf(JSON.parse(bytesOf(name).toString("utf8")), "ARTIFACT_MALFORMED");
  };
  for (const name of ARTIFACTS) read(name);

  const identity = read("VALIDATOR_IDENTITY");
  checkMembers(identity, ["algorithm", "public_key", "validator_id"]);
  check(identity["algorithm"] === "ed25519", "ALGORITHM_UNSUPPORTED");
  const publicKey = Buffer.from(String(identity["public_key"]), "hex");
  check(identity["validator_id"] === sha256(publicKey), "IDENTITY_INVALID");

  const [status, task] = [read("STATUS"), bytesOf("TASK_SPEC")];
  const hashes = membersOf(read("OUTPUT_HASHES")["hashes"], "FIELD_MISSING");
  const bundleRoot = sha256(canonical({ output_hashes: hashes, status, task_spec_hash: sha256(task) }));

  const payload = read("SIGNED_PAYLOAD");
  checkMembers(payload, ["bundle_root", "decision", "validator_id"]);
  check(payload["bundle_root"] === bundleRoot, "BUNDLE_ROOT_MISMATCH");
  check(payload["decision"] === "ACCEPT", "DECISION_INVALID");
  check(payload["validator_id"] === identity["validator_id"], "IDENTITY_MISMATCH");

  const { payload_type, signature, signed_at: _, validator_id, ...others } = read("SIGNATURE");
  check(payload_type === "BUNDLE" && Object.keys(others).length === 0, "SIGNATURE_MALFORMED");
  check(validator_id === identity["validator_id"], "IDENTITY_MISMATCH");
  const key = createPublicKey({
    key: Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), publicKey]),
    format: "der",
    type: "spki",
  });
  const message = Buffer.from(`CAT-DPT-SPECTRUM-04-v1:BUNDLE:${canonical(payload)}`);
  check(verify(null, message, key, Buffer.from(String(signature), "hex")), "SIGNATURE_INVALID");

  const { proof_hash, ...proof } = read("PROOF");
  if (proof_hash !== undefined) check(proof_hash === sha256(ascii(canonical(proof))), "ARTIFACT_MALFORMED");
  const restoration = membersOf(proof["restoration_result"], "FIELD_MISSING");
  check(restoration["verified"] === true, "RESTORATION_FAILED");

  for (const name of ["logs", "tmp", "transcript.json"]) check(!names.includes(name), "FORBIDDEN_ARTIFACT");
  for (const [path, declared] of Object.entries(hashes)) verifyOutput(root, path, declared);

  check(status["status"] === "success" && status["cmp01"] === "pass", "DECISION_INVALID");
  const known = new Set<string>(ARTIFACTS.map((name) => `${name}.json`));
  const isExtra = (name: string): boolean =>
    !known.has(name) && /^(validator_identity|signed_payload|signature)/i.test(name);
  check(!names.some(isExtra), "ARTIFACT_EXTRA");
}

/** Links on the way are followed while they stay below the root. */
function verifyOutput(root: string, path: string, declared: unknown): void {
  const found = lstatSync(join(root, path), { throwIfNoEntry: false });
  check(found?.isFile() === true, "OUTPUT_MISSING");
  check(realpathSync(join(root, path)).startsWith(realpathSync(root) + sep), "OUTPUT_MISSING");
  check(declared === `sha256:${sha256(readFileSync(join(root, path)))}`, "HASH_MISMATCH");
}

function check(holds: boolean, code: string): asserts holds {
  if (!holds) throw new Refusal(code);
}

function membersOf(value: unknown, code: string): Members {
  check(typeof value === "object" && value !== null && !Array.isArray(value), code);
  return { ...value };
}

function checkMembers(members: Members, expected: readonly string[]): void {
  check(!Object.keys(members).some((name) => !expected.includes(name)), "FIELD_EXTRA");
  check(!expected.some((name) => !(name in members)), "FIELD_MISSING");
}

function sha256(bytes: Uint8Array | string): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Canonical JSON (4.2). Written out, as JSON.stringify would put keys like `1` first. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join(",")}}`;
}

/** The ASCII form (4.4) of a canonical text. */
function ascii(text: string): string {
  return text.replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
