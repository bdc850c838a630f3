import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { sha256 } from "../../support/bundles/bundle.ts";
import { BUNDLE, type Facts, makeSealedProject, namesIn, type Project } from "../../support/command/cli.ts";
import { breachesOf } from "../../support/command/json-schemas.ts";
import { itWith, runTool } from "../../support/evidence/real-tools.ts";
import { RealAgent } from "../../support/evidence/ssh-agent.ts";
import { snapshotTree } from "../../support/files/tree.ts";

const TYPE = "https://in-toto.io/attestation/svr/v0.2";
const EXTENSION = "https://unpkg.com/runseal/schemas/verdict-v1.json";

interface Statement {
  readonly predicateType: string;
  readonly subject: readonly { readonly name: string; readonly digest: { readonly sha256: string } }[];
  readonly predicate: {
    readonly properties: readonly string[];
    readonly timeCreated: string;
    readonly verifier: { readonly id: string; readonly policies: readonly object[] };
    readonly [extension: string]: unknown;
  };
}

/** The statement in an envelope, as any reader of DSSE takes it out. */
function statementIn(project: Project, file: string): Statement {
  const envelope = JSON.parse(readFileSync(project.at(file), "utf8")) as Readonly<Record<string, string>>;
  expect(envelope["payloadType"]).toBe("application/vnd.in-toto+json");
  return JSON.parse(Buffer.from(envelope["payload"] ?? "", "base64").toString()) as Statement;
}

function digestOf(project: Project, name: string): string {
  return sha256(readFileSync(project.at(BUNDLE, name)));
}

async function attested(project: Project, ...options: readonly string[]): Promise<Facts> {
  return await project.json(["export", "one", "--format", "verdict", "-o", "verdict.json", ...options]);
}

describe.concurrent("export --format verdict", () => {
  it("names the root, the signature, the signer and the policy, and nothing that is not so", async () => {
    using project = await makeSealedProject();
    const facts = await attested(project);
    const signer = facts["signer"] as { readonly validator_id: string };
    expect(facts).toMatchObject({ ok: true, folder: null, files: [{ name: "verdict.json" }] });
    const { predicate, predicateType, subject } = statementIn(project, "verdict.json");
    expect(predicateType).toBe(TYPE);
    expect(subject).toEqual([
      { name: "bundle-root", digest: { sha256: facts["bundle_root"] } },
      { name: "SIGNATURE.json", digest: { sha256: digestOf(project, "SIGNATURE.json") } },
      { name: "OUTPUT_HASHES.json", digest: { sha256: digestOf(project, "OUTPUT_HASHES.json") } },
    ]);
    expect(predicate.properties).toEqual([
      "RUNSEAL_BUNDLE_ACCEPTED",
      "RUNSEAL_SIGNER_TRUSTED",
      "RUNSEAL_OUTPUTS_READ_AT_ROOT",
      "RUNSEAL_TREE_COMPARED",
      "RUNSEAL_SIGNED_BY_SEALER",
    ]);
    const trustFile = readFileSync(`${project.config}/runseal/trust`);
    expect(predicate.verifier).toEqual({
      id: expect.stringMatching(/^https:\/\/www\.npmjs\.com\/package\/runseal\/v\/\d/),
      policies: [{ name: "trust-file", digest: { sha256: sha256(trustFile) } }],
    });
    expect(predicate[EXTENSION]).toMatchObject({
      bundleRoot: facts["bundle_root"],
      signatureSha256: digestOf(project, "SIGNATURE.json"),
      validatorId: signer.validator_id,
      verdict: "accepted",
      runId: "one",
      files: 2,
      bytes: 11,
    });
    expect(breachesOf("verdict-v1", predicate[EXTENSION])).toEqual([]);
  });

  it("says what was compared: a store, a tree without modes, nothing else there", async () => {
    using project = await makeSealedProject();
    const content = readFileSync(project.at("out/a.txt"), "utf8");
    project.write({ "out/a.txt": "later\n" });
    await attested(project);
    project.write({ "out/a.txt": content });
    expect(statementIn(project, "verdict.json").predicate.properties).toEqual([
      "RUNSEAL_BUNDLE_ACCEPTED",
      "RUNSEAL_SIGNER_TRUSTED",
      "RUNSEAL_OUTPUTS_READ_IN_STORE",
      "RUNSEAL_SIGNED_BY_SEALER",
    ]);
    rmSync(project.at("verdict.json"));
    await attested(project, "--exact", "--ignore-modes");
    const { properties } = statementIn(project, "verdict.json").predicate;
    expect(properties).toContain("RUNSEAL_NOTHING_UNSEALED");
    expect(properties).not.toContain("RUNSEAL_TREE_COMPARED");
  });

  it.each([
    ["the caller ignored something", ["seal", "out", "--id", "two"], ["--ignore", "**"]],
    ["the caller's pattern matched nothing", ["seal", "out", "--id", "two"], ["--ignore", "*.none"]],
    ["the seal has patterns", ["seal", "out", "--id", "two", "--ignore", "a.txt"], []],
  ])("does not say that nothing is unsealed where %s", async (_what, seal, ignore) => {
    using project = await makeSealedProject();
    await project.done(seal);
    if (ignore.includes("**")) project.write({ "out/extra.js": "" });
    const exact = ["two", "--exact", ...ignore];
    expect((await project.done(["verify", ...exact])).stdout).toContain(
      "nothing else but what patterns ignore\n",
    );
    await project.done(["export", ...exact, "--format", "verdict", "-o", "verdict.json"]);
    const { properties } = statementIn(project, "verdict.json").predicate;
    expect(properties).not.toContain("RUNSEAL_NOTHING_UNSEALED");
  });

  it("does not say of a bundle that was signed elsewhere that its sealer signed it", async () => {
    using project = await makeSealedProject();
    await project.done(["seal", "out", "--unsigned", "--id", "new"]);
    await project.done(["sign", "new", "--yes"]);
    await project.done(["export", "new", "--format", "verdict", "-o", "verdict.json"]);
    const { properties } = statementIn(project, "verdict.json").predicate;
    expect(properties).toContain("RUNSEAL_BUNDLE_ACCEPTED");
    expect(properties).not.toContain("RUNSEAL_SIGNED_BY_SEALER");
  });

  it("names a key of the request by its digest, in each form", async () => {
    using project = await makeSealedProject();
    const { signer } = (await project.json(["verify", "one"])) as {
      signer: { public_key: string; validator_id: string; fingerprint: string };
    };
    const policiesFor = async (key: string): Promise<readonly object[]> => {
      rmSync(project.at("verdict.json"), { force: true });
      await attested(project, "--signer", key);
      return statementIn(project, "verdict.json").predicate.verifier.policies;
    };
    const byKey = [{ name: "public-key", digest: { sha256: signer.validator_id } }];
    expect(await policiesFor(signer.public_key)).toEqual(byKey);
    expect(await policiesFor(`id:${signer.validator_id}`)).toEqual(byKey);
    const fingerprint = Buffer.from(signer.fingerprint.slice("SHA256:".length), "base64").toString("hex");
    expect(await policiesFor(signer.fingerprint)).toEqual([
      { name: "ssh-fingerprint", digest: { sha256: fingerprint } },
    ]);
  });

  itWith("cosign")("is accepted by cosign for the bundle that was verified, and for no other", async () => {
    using project = await makeSealedProject();
    await project.done(["seal", "out", "--id", "two"]);
    await attested(project);
    const { stdout } = await project.done(["key", "export", "--format", "pem"]);
    writeFileSync(project.at("verifier.pem"), stdout);
    await project.done(["key", "new", "other", "--no-passphrase"]);
    const other = await project.done(["key", "export", "other", "--format", "pem"]);
    writeFileSync(project.at("other.pem"), other.stdout);
    const cosign = (key: string, blob: string, type = TYPE): string => {
      const args = ["verify-blob-attestation", "--key", key, "--insecure-ignore-tlog"];
      const { status, text } = runTool(
        "cosign",
        [...args, "--signature", "verdict.json", "--type", type, blob],
        { cwd: project.root },
      );
      return status === 0 ? (text.trim().split("\n").at(-1) ?? "") : "refused";
    };
    expect(cosign("verifier.pem", `${BUNDLE}/SIGNATURE.json`)).toBe("Verified OK");
    expect(cosign("verifier.pem", `${BUNDLE}/OUTPUT_HASHES.json`)).toBe("Verified OK");
    expect(cosign("verifier.pem", ".runseal/runs/two/SIGNATURE.json")).toBe("refused");
    expect(cosign("other.pem", `${BUNDLE}/SIGNATURE.json`)).toBe("refused");
    expect(cosign("verifier.pem", `${BUNDLE}/SIGNATURE.json`, "https://slsa.dev/provenance/v1")).toBe(
      "refused",
    );
    const envelope = readFileSync(project.at("verdict.json"), "utf8");
    writeFileSync(project.at("verdict.json"), envelope.replace(/"payload":"eyJ/, `"payload":"eyK`));
    expect(cosign("verifier.pem", `${BUNDLE}/SIGNATURE.json`)).toBe("refused");
  });

  itWith("ssh-agent", "ssh-keygen")("is signed by a key of the ssh-agent", async () => {
    using project = await makeSealedProject();
    await using agent = await RealAgent.start();
    agent.addNew("verifier");
    const end = await project.run(
      ["export", "one", "--format", "verdict", "-o", "verdict.json", "--key", "agent:"],
      {
        env: { ...project.env, ...agent.env },
      },
    );
    expect(end).toMatchObject({ exitCode: 0 });
    expect(end.stdout).toMatch(
      /^exported +the verdict of run one\n(?:.+\n){2}exporter +SHA256:\S+\nfile +verdict\.json\n$/,
    );
  });

  it("attests one run of an archive, and refuses to choose one of several", async () => {
    using project = await makeSealedProject();
    await project.done(["seal", "out", "--id", "two"]);
    await project.done(["push", "one", "two", "runs.runseal"]);
    const verdict = ["export", "runs.runseal", "--format", "verdict", "-o", "verdict.json"];
    expect(await project.json(verdict)).toMatchObject({ code: "USAGE" });
    expect(await project.json([...verdict, "--run", "two"])).toMatchObject({ ok: true, run_id: "two" });
    expect(statementIn(project, "verdict.json").predicate.properties).toContain(
      "RUNSEAL_OUTPUTS_READ_IN_ARCHIVE",
    );
  });

  it("leaves nothing beside the file, and changes nothing else", async () => {
    using project = await makeSealedProject();
    const before = snapshotTree(project.folder);
    await attested(project);
    expect(namesIn(project.root)).toEqual([".runseal", "out", "verdict.json"]);
    rmSync(project.at("verdict.json"));
    expect(snapshotTree(project.folder)).toEqual(before);
  });
});
