import { appendFileSync, readFileSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  canonical,
  FIRST_SEED,
  SECOND_SEED,
  sealBundle,
  sha256,
  testSigner,
} from "../../support/bundles/bundle.ts";
import { proofOf, writeProvableBundle } from "../../support/bundles/file-proof.ts";
import { SEALED_AT } from "../../support/bundles/outputs-root.ts";
import { type CliEnd, factsOf, opensBelow, Project } from "../../support/command/cli.ts";
import { stopAt } from "../../support/command/stopped-cli.ts";
import { envelopeOf, statementOf } from "../../support/evidence/signed-evidence.ts";

const OUTPUTS = {
  "dist/app.css": "body {}\n",
  "dist/app.js": "run();\n",
  "dist/copy.js": "run();\n",
  "readme.md": "read me\n",
};
const BUNDLE = sealBundle({ bind: true, outputs: OUTPUTS });
const RIGHT = proofOf(BUNDLE, ["dist/app.js"]);
const KEY = testSigner(FIRST_SEED).publicKeyHex;
const TRUSTED = ["--signer", KEY];
const CHECK = ["check", "proof.json", "dist/app.js"];

/** Another machine: the proof and the file, and nothing of the bundle. */
function elsewhere(proof: unknown = RIGHT, files: Readonly<Record<string, string>> = {}): Project {
  const project = new Project();
  const text = typeof proof === "string" ? proof : JSON.stringify(proof);
  project.write({ "proof.json": text, "dist/app.js": OUTPUTS["dist/app.js"], ...files });
  return project;
}

function expectNo(end: CliEnd, code: string): void {
  expect(end).toMatchObject({ exitCode: 1, stdout: "" });
  expect(end.stderr).toMatch(new RegExp(`^error: ${code}: [^\n]+\n(?: {2}[^\n]+\n)*(?:hint: [^\n]+\n)+$`));
}

/** Does something while the process stands still, then lets it go on. */
function onceStopped(act: () => void): { signal: "SIGCONT"; when: (pid: number) => boolean } {
  const when = (pid: number): boolean => {
    const state = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.charAt(0);
    if (state !== "T") return false;
    act();
    return true;
  };
  return { signal: "SIGCONT", when };
}

describe.concurrent("runseal check of a proof", () => {
  it("accepts a file that is as it was sealed, without the bundle", async () => {
    using project = elsewhere();
    const end = await project.changesNothing([...CHECK, ...TRUSTED]);
    expect(end).toEqual({
      exitCode: 0,
      stdout:
        `run      run-001\nhash     ${BUNDLE.bundleRoot}\nsealed   ${SEALED_AT}, the signer says\n` +
        `signer   ${RIGHT.statement.validator_id.slice(0, 8)} (ed25519 ${KEY})\n` +
        "trust    --signer trusts the key\nfile     dist/app.js, 7 bytes\naccepted\n",
      stderr: "",
    });
  });

  it("takes what prove printed", async () => {
    using project = elsewhere("");
    const { bundle } = writeProvableBundle(project.folder, BUNDLE);
    const { stdout } = await project.run(["prove", bundle, "dist/app.js", "readme.md"]);
    project.write({ "proof.json": stdout, "readme.md": OUTPUTS["readme.md"] });
    await project.done([...CHECK, "readme.md", ...TRUSTED]);
  });

  it("tells a program everything", async () => {
    using project = elsewhere(proofOf(BUNDLE, ["dist/app.js", "readme.md"]));
    const { statement } = RIGHT;
    expect(await project.json([...CHECK, ...TRUSTED])).toEqual({
      ok: true,
      code: "OK",
      message: "accepted",
      details: {},
      form: "proof",
      run_id: "run-001",
      bundle_root: statement.bundle_root,
      outputs_root: statement.outputs_root,
      sealed_at: SEALED_AT,
      signer: {
        validator_id: statement.validator_id,
        key_id: statement.validator_id.slice(0, 8),
        fingerprint: expect.stringMatching(/^SHA256:\S{43}$/),
        public_key: KEY,
      },
      trust: {
        ok: true,
        code: "OK",
        reason: "--signer trusts the key",
        decided_by: { source: "--signer", line: 0 },
      },
      files: [{ file: "dist/app.js", path: "dist/app.js", bytes: 7, matched_by: "path" }],
      not_given: ["readme.md"],
      exit_code: 0,
    });
  });

  it("says that the proof is about other files too, which were not given", async () => {
    using project = elsewhere(proofOf(BUNDLE, ["dist/app.js", "readme.md"]));
    const end = await project.run([...CHECK, ...TRUSTED]);
    expect(end).toMatchObject({ exitCode: 0, stderr: "note: the proof is about 1 other file too\n" });
  });

  it("finds the path that a file's place ends with, and takes another with --as", async () => {
    using project = elsewhere(RIGHT, { "got.js": "run();\n", "x/dist/app.js": "run();\n" });
    for (const args of [
      ["./dist/../dist/app.js"],
      [project.at("x/dist/app.js")],
      ["x/dist/app.js", "dist/app.js"],
      ["got.js", "--as", "dist/app.js"],
    ]) {
      await project.done(["check", "proof.json", ...args, ...TRUSTED]);
    }
    const cwd = project.at("dist");
    await project.done(["check", "../proof.json", "app.js", ...TRUSTED], { cwd });
    const { stdout } = await project.run([
      "check",
      "proof.json",
      "got.js",
      "--as",
      "dist/app.js",
      ...TRUSTED,
    ]);
    expect(stdout).toContain("file     got.js is dist/app.js, 7 bytes\n");
  });

  it("follows a link that leads to the file", async () => {
    using project = elsewhere();
    symlinkSync("dist/app.js", project.at("link"));
    await project.done(["check", "proof.json", "link", "--as", "dist/app.js", ...TRUSTED]);
  });

  it("finds a file of another name by its bytes, and says so", async () => {
    using project = elsewhere(RIGHT, { "got.js": "run();\n" });
    const { stdout } = await project.done(["check", "proof.json", "got.js", ...TRUSTED]);
    expect(stdout).toContain("file     got.js has another name and the bytes of dist/app.js, 7 bytes\n");
    expect(await project.json(["check", "proof.json", "got.js", ...TRUSTED])).toMatchObject({
      code: "OK",
      files: [{ file: "got.js", path: "dist/app.js", bytes: 7, matched_by: "digest" }],
      not_given: [],
    });
  });

  it("does not look up by its bytes a file whose name the proof has", async () => {
    using project = elsewhere(proofOf(BUNDLE, ["dist/app.js", "readme.md"]), { "readme.md": "run();\n" });
    expectNo(await project.run(["check", "proof.json", "readme.md", ...TRUSTED]), "FILE_DIFFERS");
  });

  it("takes a proof of another file of the same bytes as that file's alone, and says so", async () => {
    using project = elsewhere(proofOf(BUNDLE, ["dist/copy.js"]));
    const { stdout } = await project.done([...CHECK, "--any-signer"]);
    expect(stdout).toContain(
      "file     dist/app.js has another name and the bytes of dist/copy.js, 7 bytes\n",
    );
    expectNo(await project.run([...CHECK, "--any-signer", "--as", "dist/app.js"]), "FILE_NOT_PROVEN");
    await project.done([...CHECK, "--any-signer", "--as", "dist/copy.js"]);
  });

  it("shows without a file what the proof claims, says that no file was checked, and ends with exit code 2", async () => {
    using project = elsewhere(proofOf(BUNDLE, ["dist/app.js", "readme.md"]));
    const end = await project.changesNothing(["check", "proof.json", ...TRUSTED]);
    expect(end.exitCode).toBe(2);
    expect(end.stdout).toContain(`claims   dist/app.js, sha256:${sha256("run();\n")}\n`);
    expect(end.stdout).toMatch(/\nno file was checked\n$/);
    expect(end.stdout).not.toContain("accepted");
    expect(end.stderr).toMatch(/^error: USAGE: no file was checked; this is what the proof claims\n/);
    expect(await project.json(["check", "proof.json", ...TRUSTED])).toMatchObject({
      ok: false,
      code: "USAGE",
      trust: { ok: true },
      files: [],
      claims: [
        { path: "dist/app.js", sha256: `sha256:${sha256("run();\n")}` },
        { path: "readme.md", sha256: `sha256:${sha256("read me\n")}` },
      ],
      exit_code: 2,
    });
    expect(await project.json(["check", "proof.json"])).toMatchObject({ exit_code: 3, files: [] });
  });

  it("says no to files of which the proof has neither name nor bytes, all named", async () => {
    using project = elsewhere(RIGHT, { "got.js": "walk();\n", "dist/copy.js": "walk();\n" });
    const end = await project.changesNothing(["check", "proof.json", "got.js", ...TRUSTED]);
    expectNo(end, "FILE_NOT_PROVEN");
    const facts = await project.json(["check", "proof.json", "dist/app.js", "got.js", "dist/copy.js"]);
    expect(facts).toMatchObject({
      code: "FILE_NOT_PROVEN",
      details: { names: ["got.js", "dist/copy.js"] },
      trust: { ok: false, code: null },
    });
    const as = ["--as", "dist/copy.js"];
    expectNo(await project.run([...CHECK, ...as, ...TRUSTED]), "FILE_NOT_PROVEN");
  });

  it("does not guess between two paths, and does not check several files with one proof", async () => {
    const outputs = { "a/b": "1", b: "2" };
    const bundle = sealBundle({ bind: true, outputs });
    using project = elsewhere(proofOf(bundle, ["a/b", "b"]), { "x/a/b": "1" });
    const ambiguous = await project.json(["check", "proof.json", "x/a/b", ...TRUSTED]);
    expect(ambiguous).toMatchObject({ code: "AMBIGUOUS", exit_code: 2 });
    expect(ambiguous["details"]).toEqual({ reason: "file", names: ["x/a/b"], candidates: ["a/b", "b"] });
    const named = await project.json(["check", "proof.json", "x/a/b", "--as", "a/b", ...TRUSTED]);
    expect(named).toMatchObject({ code: "OK", files: [{ file: "x/a/b", path: "a/b" }] });
    const several = await project.json(["check", "proof.json", "x/a/b", "b", "--as", "b"]);
    expect(several).toMatchObject({ code: "USAGE", exit_code: 2 });
  });

  it("says no to a file of other bytes, and gives both digests", async () => {
    using project = elsewhere(RIGHT, { "dist/app.js": "ruN();\n" });
    expect((await project.json([...CHECK, "--any-signer"]))["details"]).toEqual({
      path: "dist/app.js",
      names: ["dist/app.js"],
      expected: `sha256:${sha256("run();\n")}`,
      actual: `sha256:${sha256("ruN();\n")}`,
    });
  });

  it.each<[string, (path: string) => void]>([
    ["grows", (path) => appendFileSync(path, "more")],
    ["shrinks", (path) => truncateSync(path, 1)],
    [
      "is rewritten with the same bytes and its old times",
      (path) => {
        writeFileSync(path, "run();\n");
        utimesSync(path, 1, 1);
      },
    ],
  ])("gives no answer about a file that %s while it is read", async (_what, change) => {
    using project = elsewhere();
    const kill = onceStopped(() => change(project.at("dist/app.js")));
    const { env = {} } = stopAt(project, "readSync:1:SIGSTOP", "app.js");
    const end = await project.run([...CHECK, ...TRUSTED, "--json"], { env, kill });
    expect(factsOf(end)).toMatchObject({ code: "CHANGED_WHILE_READ", exit_code: 4 });
  });

  it("can be interrupted in the middle of a large file", async () => {
    using project = elsewhere(RIGHT, { "big/dist/app.js": "" });
    truncateSync(project.at("big/dist/app.js"), 16 * 2 ** 30);
    const kill = { signal: "SIGINT" as const, when: (pid: number) => opensBelow(pid, project.at("big")) };
    const end = await project.run(["check", "proof.json", "big/dist/app.js"], { kill });
    expect(end).toMatchObject({ exitCode: 130, stdout: "" });
  });
});

describe.concurrent("runseal check judges the signer of a proof as verify does", () => {
  it("is 3 without a policy, and says how to get the key, not which key", async () => {
    using project = elsewhere();
    const end = await project.changesNothing(CHECK);
    expect(end.exitCode).toBe(3);
    expect(end.stdout).not.toContain("accepted");
    expect(end.stderr).toMatch(/^error: TRUST_POLICY_MISSING: the proof is sound, but /);
    expect(end.stderr).toContain(
      "hint: ask the signer for the public key over a way you trust; then --signer KEY",
    );
    expect(end.stderr).not.toContain(KEY);
    expect(await project.json(CHECK)).toMatchObject({ ok: false, trust: { code: "TRUST_POLICY_MISSING" } });
  });

  it("accepts any signer with --any-signer", async () => {
    using project = elsewhere();
    expect(await project.json([...CHECK, "--any-signer"])).toMatchObject({ trust: { code: "ANY_SIGNER" } });
  });

  it.each<[string, string]>([
    ["OK", `alice bound runseal-ed25519 ${KEY}`],
    ["OK", `alice valid-after=20261125000000Z,valid-before=20261126000000Z runseal-ed25519 ${KEY}`],
    ["SIGNER_EXPIRED", `alice valid-before=20261125000000Z runseal-ed25519 ${KEY}`],
    ["SIGNER_REVOKED", `alice revoked=20261126000000Z runseal-ed25519 ${KEY}`],
    ["OK", `alice runseal-ed25519 ${KEY}\n[require 1 of alice]`],
  ])("%s: %s", async (code, lines) => {
    using project = elsewhere(RIGHT, { trust: `${lines}\n` });
    const facts = await project.json([...CHECK, "--trust", "trust"]);
    expect(facts).toMatchObject({ code, trust: { code }, exit_code: code === "OK" ? 0 : 3 });
  });

  it("does not let a threshold be met by anybody but the signer, and says what to do", async () => {
    const bob = testSigner(SECOND_SEED).publicKeyHex;
    const lines = `alice runseal-ed25519 ${KEY}\nbob runseal-ed25519 ${bob}\n[require 2 of alice,bob]\n`;
    using project = elsewhere(RIGHT, { trust: lines });
    const end = await project.run([...CHECK, "--trust", "trust"]);
    expect(end.exitCode).toBe(3);
    expect(end.stderr).toMatch(/^error: SIGNER_THRESHOLD_UNMET: .*\nhint: a proof is its signer's word only/);
  });

  it("believes no key because a proof holds it: another's proof of the same files is another's", async () => {
    using project = elsewhere(proofOf(BUNDLE, ["dist/app.js"], SECOND_SEED));
    expect(await project.json([...CHECK, ...TRUSTED])).toMatchObject({
      code: "SIGNER_UNKNOWN",
      exit_code: 3,
    });
  });
});

describe.concurrent("runseal check PROOF --require-timestamp", () => {
  it("is refused, since no proof could meet it", async () => {
    using project = elsewhere();
    const end = await project.changesNothing([...CHECK, ...TRUSTED, "--require-timestamp"]);
    expect(end).toMatchObject({ exitCode: 2, stdout: "" });
    expect(end.stderr).toContain("unknown option '--require-timestamp'");
    expect((await project.done(["check", "--help"])).stdout).not.toContain("--require-timestamp");
  });
});

describe.concurrent("runseal check reads a hostile proof without harm", () => {
  it.each<[string, string, string]>([
    [
      "a million brackets",
      `{"statement":${"[".repeat(1_000_000)}`,
      "the evidence is malformed: it is nested deeper than 512 levels",
    ],
    [
      "a newer version",
      canonical({ ...RIGHT, version: 2 }),
      "the proof is of a newer version than this runseal knows",
    ],
    [
      "a path that would repaint the screen",
      canonical({ ...RIGHT, files: [{ ...RIGHT.files[0], path: "\u001b[2J" }] }),
      `the proof does not show that "\\u{1b}[2J" was in the run`,
    ],
  ])("%s", async (_what, text, words) => {
    using project = elsewhere(text);
    const end = await project.changesNothing([...CHECK, "--any-signer"]);
    expect(end.exitCode).toBe(1);
    expect(end.stdout).not.toContain("accepted");
    expect(end.stderr).toContain(words);
  });

  it("a proof larger than any, which takes no room on the disk", async () => {
    using project = elsewhere();
    truncateSync(project.at("proof.json"), 2 ** 40);
    expect(await project.json(CHECK)).toMatchObject({
      code: "EVIDENCE_MALFORMED",
      details: { reason: "too-large" },
      form: null,
    });
  });
});

describe.concurrent("runseal check takes the options of what the file is", () => {
  it("refuses those of other evidence with a proof, and names the two kinds", async () => {
    using project = elsewhere();
    for (const option of [
      ["--files", "."],
      ["--run", "x"],
      ["--namespace", "file"],
      ["--exact"],
      ["--ignore", "x"],
      ["--all"],
    ]) {
      const end = await project.changesNothing([...CHECK, ...TRUSTED, ...option]);
      expect(end).toMatchObject({ exitCode: 2, stdout: "" });
      expect(end.stderr).toMatch(
        `error: USAGE: ${option[0]} goes with evidence of other tools, and this is a proof of files\n`,
      );
    }
  });

  it("refuses those of a proof with other evidence", async () => {
    using project = elsewhere(envelopeOf(statementOf({ "dist/app.js": sha256("run();\n") })).toString());
    for (const words of [
      ["dist/app.js"],
      ["--as", "dist/app.js"],
      ["--any-signer"],
      ["--expect", BUNDLE.bundleRoot],
      ["--expect-id", "run-001"],
    ]) {
      const end = await project.changesNothing(["check", "proof.json", ...words]);
      expect(end).toMatchObject({ exitCode: 2, stdout: "" });
      expect(end.stderr).toContain(" goes with a proof of files, and this is a DSSE envelope\n");
    }
  });

  it("prints nothing with --quiet where a proof and its files are right", async () => {
    using project = elsewhere(proofOf(BUNDLE, ["dist/app.js", "readme.md"]));
    expect(await project.run([...CHECK, ...TRUSTED, "-q"])).toEqual({ exitCode: 0, stdout: "", stderr: "" });
  });
});

describe.concurrent("a proof of one file of ten thousand", () => {
  it("is under 20 KiB, holds none of the other names, and is accepted elsewhere", async () => {
    const names = Array.from(
      { length: 10_000 },
      (_, index) => `data/part-${index % 100}/record-${index}.bin`,
    );
    const outputs = Object.fromEntries(names.map((name) => [name, `content of ${name}\n`]));
    const path = names[7_777] ?? "";
    const bundle = sealBundle({ bind: true, outputs });
    using there = new Project();
    const address = writeProvableBundle(
      there.root,
      { ...bundle, outputs: {} },
      proofOf(bundle, []).statement,
    );
    await there.done(["prove", address.bundle, path, "-o", "proof.json"]);
    const proof = readFileSync(there.at("proof.json"));
    expect(proof.length).toBeLessThan(20 * 1024);
    const text = proof.toString();
    expect(names.filter((name) => text.includes(name) || text.includes(sha256(outputs[name] ?? "")))).toEqual(
      [path],
    );
    expect(text.includes("part-7")).toBe(path.includes("part-7"));
    using here = new Project();
    here.write({ "proof.json": proof, "got.bin": outputs[path] ?? "" });
    await here.done(["check", "proof.json", "got.bin", "--as", path, ...TRUSTED]);
  });
});
