import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { type Facts, makeProject, type Project } from "../../support/command/cli.ts";
import {
  EVIDENCE_FILES,
  EVIDENCE_KINDS,
  type EvidenceKind,
  type MadeEvidence,
} from "../../support/evidence/foreign-evidence.ts";
import { itWith } from "../../support/evidence/real-tools.ts";

interface Scene extends MadeEvidence, Disposable {
  readonly project: Project;
  readonly check: (...more: readonly string[]) => Promise<Facts>;
}

/** Evidence is made once for each kind, and copied. */
const models = new Map<EvidenceKind, { readonly project: Project; readonly made: MadeEvidence }>();

afterAll(() => {
  for (const { project } of models.values()) project[Symbol.dispose]();
});

function modelOf(kind: EvidenceKind): { readonly project: Project; readonly made: MadeEvidence } {
  const known = models.get(kind);
  if (known !== undefined) return known;
  const project = makeProject(EVIDENCE_FILES);
  const model = { project, made: kind.make(project.root) };
  models.set(kind, model);
  return model;
}

function makeScene(kind: EvidenceKind): Scene {
  const { made, project: model } = modelOf(kind);
  const project = makeProject({});
  cpSync(model.root, project.root, { recursive: true });
  return {
    ...made,
    project,
    check: (...more) => project.json(["check", made.evidence, "--signer", made.key, ...made.more, ...more]),
    [Symbol.dispose]: () => project[Symbol.dispose](),
  };
}

/** Changes one byte in the middle of what is signed, so that it stays of its form where it can. */
function changeSigned({ project, signed }: Scene): void {
  const path = project.at(signed);
  const text = readFileSync(path, "utf8");
  if (!signed.endsWith(".json")) {
    // The last digit of the last digest.
    const at = text.search(/[0-9a-f](?: {2}[^\n]*)?\n$/);
    writeFileSync(path, text.slice(0, at) + (text[at] === "0" ? "1" : "0") + text.slice(at + 1));
    return;
  }
  const whole = JSON.parse(text) as Record<string, unknown>;
  const envelope = (whole["dsseEnvelope"] ?? whole) as Record<string, string>;
  const payload = Buffer.from(envelope["payload"] ?? "", "base64").toString();
  const changed = payload.replace(
    /(sha256":")(.)/,
    (_, before: string, digit: string) => before + (digit === "0" ? "1" : "0"),
  );
  envelope["payload"] = Buffer.from(changed).toString("base64");
  writeFileSync(path, JSON.stringify(whole));
}

describe.each(EVIDENCE_KINDS)("runseal check of $what", (kind) => {
  const test = itWith(...kind.tools);

  test("accepts the files that were signed", async () => {
    using scene = makeScene(kind);
    const facts = await scene.check();
    expect(facts).toMatchObject({ ok: true, code: "OK", exit_code: 0, form: kind.form });
    expect(facts).toMatchObject({
      files: kind.single ? 1 : 2,
      trust: { ok: true, reason: "--signer trusts the key" },
    });
  });

  test("rejects a changed file", async () => {
    using scene = makeScene(kind);
    scene.project.write({ "a.txt": "alphA\n" });
    expect(await scene.check()).toMatchObject({
      code: "HASH_MISMATCH",
      exit_code: 1,
      phase: "outputs",
      details: { path: "a.txt" },
      trust: { ok: false, code: null },
    });
  });

  test("rejects what was changed after it was signed", async () => {
    using scene = makeScene(kind);
    changeSigned(scene);
    expect(await scene.check()).toMatchObject({
      code: "EVIDENCE_SIGNATURE_INVALID",
      exit_code: 1,
      phase: "signature",
      verdict: { ok: false, code: "EVIDENCE_SIGNATURE_INVALID", phase: "signature" },
    });
  });

  test("does not accept another signer's key", async () => {
    using scene = makeScene(kind);
    const { evidence, otherKey, project } = scene;
    const facts = await project.json(["check", evidence, "--signer", otherKey]);
    expect(facts).toMatchObject(
      kind.namesKey
        ? { code: "SIGNER_UNKNOWN", exit_code: 3, phase: "trust", verdict: { ok: true } }
        : { code: "EVIDENCE_SIGNATURE_INVALID", exit_code: 1, phase: "signature" },
    );
  });

  test("believes no key without a policy, whatever the evidence holds", async () => {
    using scene = makeScene(kind);
    expect(await scene.project.json(["check", scene.evidence])).toMatchObject({
      code: "TRUST_POLICY_MISSING",
      exit_code: 3,
      phase: "trust",
    });
  });

  test("refuses an extra file with --exact, and no other one than that", async () => {
    using scene = makeScene(kind);
    const { project } = scene;
    const keys = ["*.pub", "*.pem", "*.key", "*.sec", "id", "other", "pae", "raw", "*.json", "d"];
    const ignore = ["SHA256", ...keys].flatMap((pattern) => ["--ignore", pattern]);
    expect(await scene.check("--exact", ...ignore)).toMatchObject({ ok: true, exit_code: 0 });
    project.write({ "extra.txt": "x" });
    expect(await scene.check("--exact", ...ignore)).toMatchObject({
      code: "EVIDENCE_EXTRA",
      exit_code: 1,
      details: { path: "extra.txt", kind: "file" },
    });
  });
});

describe("runseal check", () => {
  it("names every file that differs with --all, and prints only errors with --quiet", async () => {
    const [kind] = EVIDENCE_KINDS;
    if (kind === undefined) throw new TypeError("there are kinds of evidence");
    using scene = makeScene(kind);
    scene.project.write({ "a.txt": "other\n" });
    rmSync(scene.project.at("d/b.txt"));
    expect((await scene.check("--all"))["failures"]).toMatchObject([
      { code: "HASH_MISMATCH", path: "a.txt" },
      { code: "OUTPUT_MISSING", path: "d/b.txt" },
    ]);
    const quiet = await scene.project.run(["check", scene.evidence, "--signer", scene.key, "-q"]);
    expect(quiet).toMatchObject({ exitCode: 1, stdout: "" });
    expect(quiet.stderr).toContain("error: HASH_MISMATCH:");
  });
});
