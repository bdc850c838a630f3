import { createHash, createPublicKey } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { type BundleWithDsseEnvelope, bundleFromJSON, isBundleWithDsseEnvelope } from "@sigstore/bundle";
import { toSignedEntity, toTrustMaterial, Verifier } from "@sigstore/verify";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FIRST_SEED, SECOND_SEED, testSigner } from "../../../support/bundles/bundle.ts";
import { makeProjectWithKey, type Project } from "../../../support/command/cli.ts";
import { breachesOf } from "../../../support/command/json-schemas.ts";
import { exportAll, writeOutputs } from "../../../support/evidence/evidence.ts";

/** An in-toto statement as JSON. */
interface Statement {
  readonly _type: string;
  readonly subject: readonly { readonly name: string; readonly digest: { readonly sha256: string } }[];
  readonly predicateType: string;
  readonly predicate: Readonly<Record<string, unknown>>;
}

const projects: Project[] = [];

afterAll(() => {
  for (const project of projects) project[Symbol.dispose]();
});

async function makeScene(files: number): Promise<Project> {
  const project = await makeProjectWithKey({ "src/main.c": "int main;\n" });
  projects.push(project);
  writeOutputs(project, files);
  writeFileSync(project.at("first.key"), `${FIRST_SEED}\n`, { mode: 0o600 });
  return project;
}

function keyOf(seed: string): ReturnType<typeof createPublicKey> {
  const der = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), testSigner(seed).publicKey]);
  return createPublicKey({ key: der, format: "der", type: "spki" });
}

function readBundle(project: Project, run: string): unknown {
  return JSON.parse(readFileSync(project.at("evidence", `${run}.sigstore.json`), "utf8"));
}

/** Verifies as a program does that has the key: no log, no authority. */
function verify(json: unknown, seed = FIRST_SEED): BundleWithDsseEnvelope {
  const bundle = bundleFromJSON(json);
  if (!isBundleWithDsseEnvelope(bundle)) throw new Error("no envelope");
  const root = { mediaType: "", tlogs: [], ctlogs: [], certificateAuthorities: [], timestampAuthorities: [] };
  const material = toTrustMaterial(root, () => ({ publicKey: keyOf(seed), validFor: () => true }));
  const thresholds = { tlogThreshold: 0, ctlogThreshold: 0, tsaThreshold: 0 };
  new Verifier(material, thresholds).verify(toSignedEntity(bundle));
  return bundle;
}

function statementOf(json: unknown): Statement {
  return JSON.parse(verify(json).content.dsseEnvelope.payload.toString()) as Statement;
}

function digestOf(path: string): string {
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}

describe("an exported Sigstore bundle of a seal", () => {
  let project: Project;
  beforeAll(async () => {
    project = await makeScene(3);
    await project.done(["seal", "out", "--id", "one"]);
    await exportAll(project, ["--key", "first.key"]);
  });

  it("is accepted by @sigstore/verify with the exporter's key, and with no other", () => {
    verify(readBundle(project, "one"));
    expect(() => verify(readBundle(project, "one"), SECOND_SEED)).toThrow(/signature/i);
  });

  it("names the bundle root, the manifest, the list and every file by their digests", () => {
    const { subject } = statementOf(readBundle(project, "one"));
    const bundle = project.at(".runseal/runs/one");
    const payload = JSON.parse(readFileSync(`${bundle}/SIGNED_PAYLOAD.json`, "utf8")) as {
      bundle_root: string;
    };
    const files = ["out/000001", "out/sub/0000", "out/sub/000002"];
    expect(subject.map(({ name, digest }) => [name, digest.sha256])).toEqual([
      ["bundle-root", payload.bundle_root],
      ["OUTPUT_HASHES.json", digestOf(`${bundle}/OUTPUT_HASHES.json`)],
      ["SHA256SUMS", digestOf(project.at("evidence/SHA256SUMS"))],
      ...files.map((file) => [file, digestOf(project.at(file))]),
    ]);
  });

  it("has the predicate of a seal, as its schema says", () => {
    const { _type, predicate, predicateType } = statementOf(readBundle(project, "one"));
    expect(_type).toBe("https://in-toto.io/Statement/v1");
    expect(predicateType).toBe("https://unpkg.com/runseal/schemas/seal-predicate-v1.json");
    expect(breachesOf("seal-predicate-v1", predicate)).toEqual([]);
    expect(predicate).toMatchObject({
      files: 3,
      runId: "one",
      scratchProof: { sha256: digestOf(project.at(".runseal/runs/one/PROOF.json")) },
    });
  });

  it("is rejected with another payload, type or signature, and with two signatures", () => {
    const right = readBundle(project, "one") as {
      dsseEnvelope: { payload: string; payloadType: string; signatures: { sig: string; keyid: string }[] };
    };
    const { dsseEnvelope } = right;
    const [signature] = dsseEnvelope.signatures;
    if (signature === undefined) throw new Error("no signature");
    const sig = Buffer.from(signature.sig, "base64");
    sig[10] = (sig[10] ?? 0) ^ 1;
    const wrong = [
      { ...dsseEnvelope, payload: Buffer.from("{}").toString("base64") },
      { ...dsseEnvelope, payloadType: "application/json" },
      { ...dsseEnvelope, signatures: [{ ...signature, sig: sig.toString("base64") }] },
      { ...dsseEnvelope, signatures: [] },
      { ...dsseEnvelope, signatures: [signature, signature] },
    ];
    for (const envelope of wrong) expect(() => verify({ ...right, dsseEnvelope: envelope })).toThrow();
  });
});

describe("an exported statement", () => {
  it("of a run is a link with its command, inputs, variables and scratch proof", async () => {
    const project = await makeScene(3);
    const recorded = ["--input", "src", "--output", "out", "--env", "LEVEL", "--env", "UNSET"];
    const env = { ...project.env, LEVEL: "3" };
    const end = await project.run(["run", "--id", "one", ...recorded, "--", "true", "a b"], { env });
    expect(end.exitCode, end.stderr).toBe(0);
    await exportAll(project, ["--key", "first.key"]);
    const { predicate, predicateType } = statementOf(readBundle(project, "one"));
    expect(predicateType).toBe("https://in-toto.io/attestation/link/v0.3");
    const { byproducts, ...link } = predicate;
    expect(link).toEqual({
      name: "run",
      command: ["true", "a b"],
      materials: [{ name: "src/main.c", digest: { sha256: digestOf(project.at("src/main.c")) } }],
      environment: { LEVEL: "3" },
    });
    const { "return-value": code, runseal } = byproducts as Readonly<Record<string, unknown>>;
    expect(code).toBe(0);
    expect(breachesOf("seal-predicate-v1", runseal)).toEqual([]);
  });

  it("with --predicate slsa is provenance of the run, as the schema of its build type says", async () => {
    const project = await makeScene(3);
    await project.run(["run", "--id", "one", "--input", "src", "--output", "out", "--", "true"]);
    await exportAll(project, ["--key", "first.key", "--predicate", "slsa"]);
    const { predicate, predicateType } = statementOf(readBundle(project, "one"));
    expect(predicateType).toBe("https://slsa.dev/provenance/v1");
    const { buildDefinition, runDetails } = predicate as Readonly<Record<string, Record<string, unknown>>>;
    expect(breachesOf("run-build-v1", buildDefinition?.["externalParameters"])).toEqual([]);
    expect(buildDefinition).toMatchObject({
      buildType: "https://unpkg.com/runseal/schemas/run-build-v1.json",
      resolvedDependencies: [{ name: "src/main.c", digest: { sha256: digestOf(project.at("src/main.c")) } }],
    });
    expect(runDetails).toMatchObject({
      builder: { id: "https://www.npmjs.com/package/runseal", version: { runseal: expect.any(String) } },
      metadata: { invocationId: "one", startedOn: expect.any(String), finishedOn: expect.any(String) },
    });
  });

  it.each([
    [1021, 1024],
    [1022, 3],
  ])("of %i files has %i subjects", async (files, subjects) => {
    const project = await makeScene(files);
    await project.done(["seal", "out", "--id", "one"]);
    await exportAll(project, ["--key", "first.key"]);
    expect(statementOf(readBundle(project, "one")).subject).toHaveLength(subjects);
  });
});
