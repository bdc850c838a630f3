/**
 * What a verified bundle says in terms of other formats: files with digests, and for a run its command and inputs.
 *
 * @module
 */

import type { VerifiedBundle } from "../../judge/bundle/judge.ts";
import type { JudgedBundle } from "../../judge/bundle/orders.ts";
import type { SignerIdentity } from "../../records/artifacts/identity.ts";
import { parseDeclaredDigest } from "../../records/artifacts/output-table.ts";
import type { Crypto } from "../../system/bytes/crypto.ts";
import { digestToHex, type HexDigest } from "../../system/bytes/hex.ts";
import type { Listing } from "../../system/bytes/listing.ts";
import { isJsonObject, type JsonObject, type JsonValue, memberIn } from "../../system/json/json-value.ts";
import { list, readAs, text } from "../../system/json/record.ts";
import type { DigestRow } from "./digest-list.ts";

/** What evidence is made of. All of it is under the signature of the bundle. */
export interface RunEvidence {
  readonly runId: string;
  readonly bundleRoot: HexDigest;
  /** Who sealed the bundle. Another signer may sign the evidence. */
  readonly sealer: SignerIdentity;
  /** RFC 3339, UTC: the sealer's own word. Undefined for a bundle without a binding. */
  readonly sealedAt: string | undefined;
  /** When it was signed by another process that did not witness the run (PROTOCOL 11.1); undefined where the sealer signed. */
  readonly signedAt: string | undefined;
  /** In the order of OUTPUT_HASHES.json. */
  readonly outputs: Listing<DigestRow>;
  /** Paths of symbolic links in the tree. Other formats can't express them. */
  readonly links: Iterable<string>;
  /** SHA-256 of OUTPUT_HASHES.json as stored. */
  readonly outputHashesDigest: HexDigest;
  readonly scratchProof: ScratchProof;
  /** Undefined for a seal without a command. */
  readonly run: RecordedRun | undefined;
}

/** What PROOF.json shows of the scratch folders. */
export interface ScratchProof {
  /** Every bundle that is accepted has this one. */
  readonly condition: "RESTORED_IDENTICAL";
  /** SHA-256 of PROOF.json as stored. */
  readonly digest: HexDigest;
}

/** What TASK_SPEC.json records of a command that ran and ended with 0: the sealer's own word. */
export interface RecordedRun {
  readonly command: readonly string[];
  /** Relative to the root; undefined if it was outside. */
  readonly workingFolder: string | undefined;
  readonly inputs: readonly DigestRow[];
  /** Variables that the caller named and that were set. */
  readonly environment: JsonObject;
  readonly expectedOutputs: readonly string[];
  readonly createdAt: string | undefined;
  readonly versions: JsonObject;
}

/** Reads the evidence of an accepted bundle. `judged` and `bundle` are those of one verification. */
export function readRunEvidence(judged: JudgedBundle, bundle: VerifiedBundle, crypto: Crypto): RunEvidence {
  return {
    runId: bundle.runId,
    bundleRoot: bundle.bundleRoot,
    sealer: bundle.signer,
    sealedAt: bundle.binding?.sealedAt,
    signedAt: bundle.binding?.signedAt,
    outputs: bundle.outputs,
    links: bundle.tree?.links.paths ?? [],
    outputHashesDigest: digestToHex(crypto.sha256(judged.outputHashes.bytes)),
    scratchProof: {
      condition: conditionOf(judged.proof.object),
      digest: digestToHex(crypto.sha256(judged.proof.bytes)),
    },
    run: readRun(judged.taskSpec),
  };
}

function conditionOf(proof: JsonObject): ScratchProof["condition"] {
  const condition = memberIn(proof, "restoration_result", "condition");
  if (condition !== "RESTORED_IDENTICAL")
    throw new TypeError("an accepted bundle has restored scratch folders");
  return condition;
}

/** The form of TASK_SPEC.json is open (PROTOCOL 2): what is not as runseal writes it is left out. */
function readRun(task: JsonObject): RecordedRun | undefined {
  const command = readAs(list(text()), task.get("command"));
  if (command === undefined || command.length === 0) return undefined;
  return {
    command,
    workingFolder: readAs(text(), task.get("working_folder")),
    inputs: digestsOf(task.get("input_hashes")),
    environment: textMembers(task.get("environment")),
    expectedOutputs: readAs(list(text()), task.get("expected_outputs")) ?? [],
    createdAt: readAs(text(), task.get("created_at")),
    versions: textMembers(task.get("versions")),
  };
}

function textMembers(value: JsonValue | undefined): JsonObject {
  if (!isJsonObject(value)) return new Map();
  return new Map([...value].filter(([, member]) => typeof member === "string"));
}

function digestsOf(value: JsonValue | undefined): readonly DigestRow[] {
  if (!isJsonObject(value)) return [];
  return [...value].flatMap(([path, declared]) => {
    const digest = parseDeclaredDigest(declared);
    return digest === undefined ? [] : [{ path, digest }];
  });
}
