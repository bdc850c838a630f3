import { chmodSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  FIRST_SEED,
  SECOND_SEED,
  sealBundle,
  testSigner,
  writeBundle,
} from "../../support/bundles/bundle.ts";
import { countersignatureOf, countersignaturesFile, type Entry } from "../../support/bundles/countersign.ts";
import { makeFifo, makeSealedProject, modeOf, namesIn, Project } from "../../support/command/cli.ts";

const THIRD_SEED = "404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f";
const FIRST = testSigner(FIRST_SEED);
const SECOND = testSigner(SECOND_SEED);
const BUNDLE = sealBundle({ bind: true });
const FILE = "run/run-001/COUNTERSIGNATURES.json";
const ROOT = ["--files", "files"];
const COUNTERSIGN = ["sign", "--counter", "run/run-001", ...ROOT, "--any-signer", "--key", "second.key"];
const POLICY =
  `alice runseal-ed25519 ${FIRST.publicKeyHex}\nbob runseal-ed25519 ${SECOND.publicKeyHex}\n` +
  `carol runseal-ed25519 ${testSigner(THIRD_SEED).publicKeyHex}\n[require 3 of alice,bob,carol]\n`;

/** A project with a bundle by the first key, and the key files of others. */
function makeScene(countersignatures?: string | Uint8Array): Project {
  const project = new Project();
  writeBundle(project.root, BUNDLE);
  project.write({ "signers.txt": POLICY });
  for (const [name, seed] of Object.entries({ first: FIRST_SEED, second: SECOND_SEED, third: THIRD_SEED })) {
    writeFileSync(project.at(`${name}.key`), `${seed}\n`, { mode: 0o600 });
  }
  if (countersignatures !== undefined) writeFileSync(project.at(FILE), countersignatures);
  return project;
}

function entriesOf(project: Project): readonly Entry[] {
  const file = JSON.parse(readFileSync(project.at(FILE), "utf8")) as { countersignatures: Entry[] };
  return file.countersignatures;
}

describe.concurrent("runseal sign --counter", () => {
  it("adds a countersignature that others can recompute, and touches nothing else", async () => {
    using project = makeScene();
    const facts = await project.json(COUNTERSIGN);
    expect(facts).toMatchObject({
      ok: true,
      act: "counter",
      run_id: "run-001",
      bundle_root: BUNDLE.bundleRoot,
      signer: { public_key: FIRST.publicKeyHex },
      countersigner: { public_key: SECOND.publicKeyHex },
      countersignatures: 1,
    });
    const signedAt = String(facts["signed_at"]);
    expect(Math.abs(Date.parse(signedAt) - Date.now())).toBeLessThan(60_000);
    expect(readFileSync(project.at(FILE))).toEqual(
      countersignaturesFile(countersignatureOf(SECOND_SEED, BUNDLE, signedAt)),
    );
    expect(modeOf(project.at(FILE))).toBe("0644");
    for (const [name, bytes] of Object.entries(BUNDLE.artifacts)) {
      expect(readFileSync(project.at("run/run-001", name))).toEqual(bytes);
    }
    expect(namesIn(project.at("run/run-001"))).toEqual(
      [...Object.keys(BUNDLE.artifacts), "COUNTERSIGNATURES.json"].sort(),
    );
  });

  it("vouches for what the store holds where the folder has moved on, and for nothing that it lacks", async () => {
    using project = await makeSealedProject();
    writeFileSync(project.at("second.key"), `${SECOND_SEED}\n`, { mode: 0o600 });
    project.write({ "out/a.txt": "later\n" });
    const counter = ["sign", "--counter", "one", "--key", "second.key"];
    expect(await project.json(counter)).toMatchObject({ ok: true, countersignatures: 1 });
    rmSync(project.at(".runseal/packs"), { recursive: true });
    rmSync(project.at(".runseal/runs/one/COUNTERSIGNATURES.json"));
    expect(await project.json(counter)).toMatchObject({ code: "HASH_MISMATCH" });
  });

  it("meets a threshold once enough have, and the bundle is accepted all along", async () => {
    using project = makeScene();
    const verify = ["verify", "run/run-001", ...ROOT, "--trust", "signers.txt"];
    expect(await project.json(verify)).toMatchObject({ code: "SIGNER_THRESHOLD_UNMET", exit_code: 3 });
    await project.done(COUNTERSIGN);
    expect(await project.json(verify)).toMatchObject({ code: "SIGNER_THRESHOLD_UNMET", exit_code: 3 });
    const { stdout } = await project.done([...COUNTERSIGN.slice(0, -1), "third.key"]);
    expect(stdout).toContain("2 countersignatures now");
    expect(await project.json(verify)).toMatchObject({ ok: true, trust: { name: "alice" } });
  });

  it("keeps the mode and the entries that are there, also those that do not hold", async () => {
    const foreign = countersignatureOf(THIRD_SEED, { bundleRoot: "0".repeat(64) });
    using project = makeScene(countersignaturesFile(foreign));
    chmodSync(project.at(FILE), 0o600);
    await project.done(COUNTERSIGN);
    expect(entriesOf(project)).toMatchObject([foreign, { public_key: SECOND.publicKeyHex }]);
    expect(modeOf(project.at(FILE))).toBe("0600");
  });

  it("signs beside a copy of its own from another bundle, which does not count", async () => {
    using project = makeScene(
      countersignaturesFile(countersignatureOf(SECOND_SEED, { bundleRoot: "0".repeat(64) })),
    );
    await project.done(COUNTERSIGN);
    expect(entriesOf(project)).toHaveLength(2);
  });

  it("asks a program to sign, as seal does", async () => {
    using project = makeScene();
    project.write({
      "sign.mjs": `
        import { createPrivateKey, sign } from "node:crypto";
        const der = Buffer.from("302e020100300506032b657004220420${SECOND_SEED}", "hex");
        const key = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
        let message = Buffer.alloc(0);
        for await (const chunk of process.stdin) message = Buffer.concat([message, chunk]);
        process.stdout.write(sign(null, message, key));`,
    });
    const command = `'${process.execPath}' sign.mjs`;
    await project.done([
      ...COUNTERSIGN.slice(0, 6),
      "--key",
      `exec:${command}`,
      "--public-key",
      SECOND.publicKeyHex,
    ]);
    expect(entriesOf(project)).toMatchObject([{ public_key: SECOND.publicKeyHex }]);
  });
});

describe.concurrent("runseal sign --counter and the bundle's signer", () => {
  const ASKED = ["sign", "--counter", "run/run-001", ...ROOT, "--key", "second.key"];

  it("signs nothing for a signer that is not trusted, and asks for no key", async () => {
    using project = makeScene();
    for (const [options, code] of [
      [[], "TRUST_POLICY_MISSING"],
      [["--signer", SECOND.publicKeyHex], "SIGNER_UNKNOWN"],
    ] as const) {
      const args = [...ASKED.slice(0, -1), "missing.key", ...options];
      const { exitCode, stderr, stdout } = await project.changesNothing(args);
      expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: "" });
      expect(stderr).toContain("nothing was signed: the bundle is sound, but ");
      // No hint leads past the policy.
      expect(stderr).not.toContain("--any-signer");
      expect(stderr, "a stranger's key is not offered").not.toContain(FIRST.publicKeyHex);
      expect(await project.json(args)).toMatchObject({ code, exit_code: 3, trust: { ok: false } });
    }
  });

  it("signs for one that is trusted, also if a threshold is not met yet", async () => {
    using project = makeScene();
    await project.done([...ASKED, "--trust", "signers.txt"]);
    await project.done([...ASKED.slice(0, -1), "third.key", "--signer", FIRST.publicKeyHex]);
    expect(entriesOf(project)).toHaveLength(2);
  });
});

describe.concurrent("runseal sign --counter refuses, and changes nothing", () => {
  it.skipIf(process.platform === "win32")("to write through a link, or to wait for a FIFO", async () => {
    using project = makeScene();
    project.write({ "real.json": countersignaturesFile() });
    symlinkSync(project.at("real.json"), project.at(FILE));
    const linked = await project.changesNothing([...COUNTERSIGN, "--json"]);
    expect(JSON.parse(linked.stdout)).toMatchObject({ code: "COUNTERSIGNATURES_MALFORMED" });
    using other = makeScene();
    makeFifo(other.at(FILE));
    const waiting = await other.run([...COUNTERSIGN, "--json"]);
    expect(JSON.parse(waiting.stdout)).toMatchObject({ code: "COUNTERSIGNATURES_MALFORMED" });
  });
});
