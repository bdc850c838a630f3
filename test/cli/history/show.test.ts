import { writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { FIRST_SEED, sealBundle, testSigner } from "../../support/bundles/bundle.ts";
import { HistoryScene, proofHashOf, sceneOfThree } from "../../support/bundles/history-scene.ts";
import { BUNDLE, makeSealedProject } from "../../support/command/cli.ts";

const SIGNER = testSigner(FIRST_SEED);
const TRUSTED = ["--signer", SIGNER.publicKeyHex];

describe.concurrent("runseal show", () => {
  it("shows all that stands in a bundle, by its path or by its run id, and changes nothing", async () => {
    using scene = sceneOfThree();
    const [, two] = scene.line;
    const byId = await scene.changesNothing(["show", "two", ...TRUSTED]);
    expect(byId).toMatchObject({ exitCode: 0, stderr: "" });
    for (const line of [
      "run      two",
      "verdict  bundle ok; the outputs were not looked at",
      `hash     ${two?.bundleRoot}`,
      `before   ${scene.line[0]?.bundleRoot}`,
      "files    1 file, 4 bytes",
      "sealed   2026-11-25T01:02:03Z, the signer says",
      "trust    --signer trusts the key",
    ]) {
      expect(byId.stdout.split("\n")).toContain(line);
    }
    expect(byId.stdout).toMatch(/\noutputs\n {2}[0-9a-f]{64} {2}two\.txt\n/);
    expect(byId.stdout).toContain('\n    "task_id": "two"\n');
    expect(byId.stdout).toContain('\n    "previous_proof_hash": ');
    const byPath = await scene.run(["show", ".runseal/runs/two", ...TRUSTED]);
    const elsewhere = await scene.run(["show", "two", "--project", scene.root, ...TRUSTED], {
      cwd: scene.folder,
    });
    expect([byPath.stdout, elsewhere.stdout]).toEqual([byId.stdout, byId.stdout]);
  });

  it("gives all of it to a program", async () => {
    using scene = sceneOfThree();
    const [one, two] = scene.line;
    expect(await scene.json(["show", "two", ...TRUSTED])).toMatchObject({
      run_id: "two",
      bundle_root: two?.bundleRoot,
      previous_bundle_root: one?.bundleRoot,
      standing: "succeeded",
      kind: "seal",
      guard: null,
      bound: true,
      files: 1,
      bytes: 4,
      signer: { public_key: SIGNER.publicKeyHex },
      trust: { ok: true },
      verdict: { ok: true, code: "OK" },
      outputs: [{ path: "two.txt", digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) }],
      outputs_left_out: 0,
      task_spec: { task_id: "two" },
      status: { status: "success", runseal: { version: 1, files: 1 } },
      proof: { previous_proof_hash: one && proofHashOf(one) },
      output_hashes: { validator_semver: "1.0.0" },
    });
  });

  it("keeps a key that JavaScript knows otherwise", async () => {
    using scene = new HistoryScene();
    const taskSpec = JSON.parse('{"__proto__":{"a":1},"task_id":"x"}') as Record<string, unknown>;
    const bundle = sealBundle({ runId: "odd", taskSpec, outputs: {} });
    scene.put(bundle);
    const facts = await scene.json(["show", "odd"]);
    expect(JSON.stringify(facts["task_spec"])).toBe('{"__proto__":{"a":1},"task_id":"x"}');
  });

  it("needs no trust policy: it shows a stranger's bundle, and says that the signer is not trusted", async () => {
    using scene = sceneOfThree();
    const { exitCode, stdout } = await scene.run(["show", "one"]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain("\ntrust    no trust policy was given, so the signer is not trusted\n");
  });

  it("shows nothing of what no signature holds over", async () => {
    using project = await makeSealedProject();
    writeFileSync(project.at(BUNDLE, "STATUS.json"), '{"note":"forged"}');
    const { exitCode, stdout, stderr } = await project.run(["show", "one"]);
    expect(exitCode).toBe(1);
    expect(stdout).toContain(" 5 payload     FAILED\n");
    expect(stdout + stderr).not.toContain("forged");
    const facts = await project.json(["show", "one"]);
    expect(facts).toMatchObject({ code: "BUNDLE_ROOT_MISMATCH", signer: null, bundle_root: null });
    expect(facts).not.toHaveProperty("status");
  });

  it("shows whatever a stranger wrote escaped, cut, and not without end", async () => {
    using scene = new HistoryScene();
    const outputs = Object.fromEntries(
      Array.from({ length: 1200 }, (_, index) => [`o\u001b[2J${index}`, ""] as const),
    );
    const taskSpec = {
      note: `\u202e\u001b[31m${"x".repeat(5000)}`,
      list: Array.from({ length: 500 }, () => 1),
    };
    scene.put(sealBundle({ runId: "hostile", outputs, taskSpec }));
    const { stdout } = await scene.run(["show", "hostile"]);
    expect(stdout).not.toMatch(/[^\n -~…]/);
    expect(stdout).toContain("\n  … and 200 more outputs; --json has them\n");
    expect(stdout).toMatch(/\n {2}… and \d+ more lines\n/);
    for (const line of stdout.split("\n")) expect(line.length).toBeLessThan(8000);
    expect(((await scene.json(["show", "hostile"]))["outputs"] as unknown[]).length).toBe(1200);
  });
});
