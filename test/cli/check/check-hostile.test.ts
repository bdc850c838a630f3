import { mkdirSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { sha256 } from "../../support/bundles/bundle.ts";
import { type Facts, makeProject, type Project, unfold } from "../../support/command/cli.ts";
import { itWith, runTool } from "../../support/evidence/real-tools.ts";
import {
  EVIDENCE_SIGNER,
  envelopeOf,
  minisignOf,
  sshSignatureOf,
  statementOf,
} from "../../support/evidence/signed-evidence.ts";

const SIGNER = EVIDENCE_SIGNER.publicKeyHex;
const A = sha256("alpha\n");

/** A project with a statement about files, and a file outside of it. */
function makeScene(files: Readonly<Record<string, string>>): Project {
  const project = makeProject({ "a.txt": "alpha\n" });
  writeFileSync(`${project.folder}/outside.txt`, "alpha\n");
  writeFileSync(project.at("e.json"), envelopeOf(statementOf(files)));
  return project;
}

function check(project: Project, ...more: readonly string[]): Promise<Facts> {
  return project.json(["check", "e.json", "--signer", SIGNER, ...more]);
}

describe("names that lead out of the root", () => {
  it.each(["../outside.txt", "/etc/passwd", "a/../../outside.txt", "./a.txt", "a//b", "a\\b", "a\0", "."])(
    "are a rejection, and no file is opened, as for %j",
    async (name) => {
      using project = makeScene({ [name]: A });
      expect(await check(project)).toMatchObject({
        code: "OUTPUT_MISSING",
        exit_code: 1,
        details: { path: name },
      });
    },
  );

  it("are a rejection behind a link that leaves the root", async () => {
    using project = makeScene({ "link/outside.txt": A, "file.txt": A });
    symlinkSync(project.folder, project.at("link"));
    symlinkSync("../outside.txt", project.at("file.txt"));
    expect((await check(project, "--all"))["failures"]).toMatchObject([
      { code: "OUTPUT_MISSING", path: "link/outside.txt" },
      { code: "OUTPUT_MISSING", path: "file.txt" },
    ]);
  });

  it("are accepted behind a link that stays below the root", async () => {
    using project = makeScene({ "link.txt": A });
    symlinkSync("a.txt", project.at("link.txt"));
    expect(await check(project)).toMatchObject({ ok: true });
  });

  it("are a rejection where a folder or a FIFO has the name", async () => {
    using project = makeScene({ d: A });
    mkdirSync(project.at("d"));
    expect(await check(project)).toMatchObject({ code: "OUTPUT_MISSING" });
  });
});

describe("a statement of another tool about a file SHA256SUMS", () => {
  it("is about that file alone, whatever is in it", async () => {
    const list = `${sha256("other\n")}  not-there.txt\n`;
    using project = makeScene({ SHA256SUMS: sha256(list) });
    project.write({ SHA256SUMS: list });
    expect(await check(project)).toMatchObject({ ok: true, files: 1 });
  });

  it("is rejected where the file is missing below the root, also if it is beside the evidence", async () => {
    using project = makeScene({ SHA256SUMS: A });
    project.write({ SHA256SUMS: "alpha\n" });
    mkdirSync(project.at("root"));
    expect(await check(project, "--files", "root")).toMatchObject({ code: "OUTPUT_MISSING" });
  });
});

describe("text from the evidence", () => {
  const EVIL = "a\u001b[2K\r\nerror: accepted\u202etxt";

  it("is printed escaped: names, types and namespaces", async () => {
    using project = makeScene({ [EVIL]: A });
    const missing = await project.run(["check", "e.json", "--signer", SIGNER, "--all"]);
    const type = statementOf({ "a.txt": A }, { predicateType: EVIL });
    writeFileSync(project.at("e.json"), envelopeOf(type));
    const accepted = await project.run(["check", "e.json", "--signer", SIGNER]);
    writeFileSync(project.at("L"), `${A}  a.txt\n`);
    writeFileSync(project.at("L.sig"), sshSignatureOf(Buffer.from(`${A}  a.txt\n`), EVIL));
    const refused = await project.run(["check", "L.sig", "--signer", SIGNER]);
    for (const { stderr, stdout } of [missing, accepted, refused])
      expect(stdout + stderr).not.toMatch(/(?!\n)\p{Cc}|\u202e|^error: accepted/mu);
    expect(accepted).toMatchObject({ exitCode: 0 });
    expect(unfold(missing.stderr)).toContain(String.raw`a\u{1b}[2K\r\nerror: accepted\u{202e}txt`);
    expect(unfold(refused.stderr)).toContain(String.raw`the namespace "a\u{1b}[2K\r\nerror`);
  });
});

describe("a list with names of every kind", () => {
  itWith("sha256sum")("is judged as sha256sum wrote it", async () => {
    const names = ["new\nline", "carriage\rreturn", 'quo"te', "spa  ce", "\u001b[31mred", "-dash", "ünï"];
    using project = makeProject(Object.fromEntries(names.map((name) => [name, name])));
    const made = runTool("sha256sum", ["--", ...names], { cwd: project.root });
    writeFileSync(project.at("SHA256SUMS"), made.text);
    writeFileSync(project.at("SHA256SUMS.minisig"), minisignOf(Buffer.from(made.text)));
    const facts = await project.json(["check", "SHA256SUMS.minisig", "--signer", SIGNER]);
    // coreutils leaves an escape character as it is; a terminal that shows the list would obey it.
    expect(facts).toMatchObject({
      code: "EVIDENCE_MALFORMED",
      details: { reason: "control-character", line: 5 },
    });
    const lawful = made.text.split("\n").filter((line) => !line.includes("\u001b"));
    writeFileSync(project.at("SHA256SUMS"), lawful.join("\n"));
    writeFileSync(project.at("SHA256SUMS.minisig"), minisignOf(Buffer.from(lawful.join("\n"))));
    expect(await project.json(["check", "SHA256SUMS.minisig", "--signer", SIGNER])).toMatchObject({
      ok: true,
      files: 6,
    });
  });
});

describe("whom check believes", () => {
  it.each([
    ["runseal-sums", "runseal-sums", true],
    ["runseal", "runseal-sums", true],
    ["file", "runseal-sums", false],
    ["!runseal-sums,*", "runseal-sums", false],
    ["file", "file", true],
    ["runseal", "file", false],
  ])("is decided by the namespaces %s of a line, for an SSH signature of %s", async (listed, signed, ok) => {
    using project = makeScene({});
    const list = `${A}  a.txt\n`;
    project.write({
      L: list,
      "L.sig": sshSignatureOf(Buffer.from(list), signed),
      "trust.txt": `alice namespaces="${listed}" runseal-ed25519 ${SIGNER}\n`,
    });
    const facts = await project.json(["check", "L.sig", "--trust", "trust.txt", "--namespace", signed]);
    expect(facts).toMatchObject(ok ? { ok } : { code: "SIGNER_UNKNOWN", exit_code: 3 });
  });

  it("is a fingerprint for an SSH signature, and not enough for other evidence", async () => {
    using project = makeScene({ "a.txt": A });
    const list = `${A}  a.txt\n`;
    project.write({ L: list, "L.sig": sshSignatureOf(Buffer.from(list)) });
    const id = `id:${EVIDENCE_SIGNER.validatorId}`;
    expect(await project.json(["check", "L.sig", "--signer", id])).toMatchObject({ ok: true });
    expect(await project.json(["check", "e.json", "--signer", id])).toMatchObject({
      code: "EVIDENCE_KEY_NEEDED",
      exit_code: 3,
    });
  });

  itWith("openssl").each([
    ["RSA", ["-algorithm", "RSA"]],
    ["P-521", ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521"]],
    ["secp256k1", ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:secp256k1"]],
    ["X25519", ["-algorithm", "X25519"]],
  ])("is never a key of %s", async (_, options) => {
    using project = makeScene({ "a.txt": A });
    runTool("openssl", ["genpkey", ...options, "-out", "k.key"], { cwd: project.root });
    runTool("openssl", ["pkey", "-in", "k.key", "-pubout", "-out", "k.pem"], { cwd: project.root });
    expect(await project.json(["check", "e.json", "--signer", "k.pem"])).toMatchObject({
      code: "SIGNER_NOT_A_KEY",
      exit_code: 2,
    });
  });

  itWith("openssl")("is never a private key, and none of it is printed", async () => {
    using project = makeScene({ "a.txt": A });
    runTool("openssl", ["genpkey", "-algorithm", "ed25519", "-out", "k.pem"], { cwd: project.root });
    expect(await project.json(["check", "e.json", "--signer", "k.pem"])).toMatchObject({
      code: "SIGNER_NOT_A_KEY",
    });
  });

  it("is not a point that is no point of the curve", async () => {
    using project = makeScene({ "a.txt": A });
    const header = "3059301306072a8648ce3d020106082a8648ce3d03010703420004";
    const spki = Buffer.from(header + "11".repeat(64), "hex").toString("base64");
    const lines = (spki.match(/.{1,64}/g) ?? []).join("\n");
    project.write({ "k.pem": `-----BEGIN PUBLIC KEY-----\n${lines}\n-----END PUBLIC KEY-----\n` });
    expect(await project.json(["check", "e.json", "--signer", "k.pem"])).toMatchObject({
      code: "EVIDENCE_SIGNATURE_INVALID",
    });
  });
});

it("says that the name of a signature leads to its list", async () => {
  using project = makeScene({ "a.txt": A });
  const list = `${A}  a.txt\n`;
  project.write({ list, signature: sshSignatureOf(Buffer.from(list)) });
  expect(await project.json(["check", "signature", "--signer", SIGNER])).toMatchObject({
    code: "EVIDENCE_INCOMPLETE",
    details: { reason: "list" },
    exit_code: 1,
  });
  renameSync(project.at("signature"), project.at("list.sig"));
  expect(await project.json(["check", "list.sig", "--signer", SIGNER])).toMatchObject({ ok: true });
});
