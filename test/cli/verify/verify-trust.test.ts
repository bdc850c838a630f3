import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { encodeSshKey } from "../../../src/core/records/artifacts/ssh-key.ts";
import {
  FIRST_SEED,
  SECOND_SEED,
  sealBundle,
  testSigner,
  writeBundle,
} from "../../support/bundles/bundle.ts";
import { type CliEnd, makeProject, type Project } from "../../support/command/cli.ts";

const FIRST = testSigner(FIRST_SEED);
const SECOND = testSigner(SECOND_SEED);

/** Sealed at 2026-11-25T01:02:03Z, the first signer says; the user has no trust file. */
function withBundle(): Project {
  const project = makeProject({});
  writeBundle(project.root, sealBundle({ bind: true }));
  return project;
}

const VERIFY = ["verify", "run/run-001", "--files", "files"];

function verify(project: Project, ...options: readonly string[]): Promise<CliEnd> {
  return project.changesNothing([...VERIFY, ...options]);
}

/** Verifies with a trust file of these lines. */
function verifyWith(
  project: Project,
  lines: readonly string[],
  ...options: readonly string[]
): Promise<CliEnd> {
  project.write({ "signers.txt": `${lines.join("\n")}\n` });
  return verify(project, "--trust", "signers.txt", ...options);
}

/** Sound, but not trusted: exit 3, everything shown but `accepted`. */
function expectUntrusted({ exitCode, stdout, stderr }: CliEnd, code: string): void {
  expect(exitCode, stderr).toBe(3);
  expect(stdout).toContain("phases   all 10 ok\n");
  expect(stdout).toContain(`signer   ${FIRST.validatorId.slice(0, 8)}`);
  expect(stdout).not.toContain("accepted\n");
  expect(stderr).toMatch(new RegExp(`^error: ${code}: the bundle is sound, but [^\\n]+\\nhint: [^\\n]+\\n`));
}

function expectTrusted({ exitCode, stdout, stderr }: CliEnd): void {
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  expect(stdout.endsWith("accepted\n")).toBe(true);
}

describe.concurrent("runseal verify without a trust policy", () => {
  it("says that the signer is not trusted and what to do next, and exits with 3", async () => {
    using project = withBundle();
    const end = await verify(project);
    expectUntrusted(end, "TRUST_POLICY_MISSING");
    expect(end.stdout).toContain("trust    no trust policy was given, so the signer is not trusted\n");
    expect(end.stderr).toContain(
      "hint: ask the signer for the public key over a way you trust; then --signer KEY",
    );
    expect(end.stderr, "a bundle can not vouch for itself").not.toContain(FIRST.publicKeyHex);
    expect(end.stderr).not.toContain("--any-signer");
    expect(await project.json(VERIFY)).toMatchObject({
      ok: false,
      code: "TRUST_POLICY_MISSING",
      phase: "trust",
      verdict: { ok: true, code: "OK", phase: null },
      bound: true,
      files: 2,
      bytes: 11,
      signer: { validator_id: FIRST.validatorId, key_id: FIRST.validatorId.slice(0, 8) },
      trust: { ok: false, code: "TRUST_POLICY_MISSING", reason: expect.any(String) },
      exit_code: 3,
    });
  });

  it("accepts any signer with --any-signer, and says so", async () => {
    using project = withBundle();
    const end = await verify(project, "--any-signer");
    expectTrusted(end);
    expect(end.stdout).toContain("trust    the signer was not judged: --any-signer accepts any signer\n");
    expect(await project.json([...VERIFY, "--any-signer"])).toMatchObject({
      ok: true,
      code: "OK",
      trust: { ok: true, code: "ANY_SIGNER" },
    });
  });

  it("doesn't let --any-signer accept what is rejected", async () => {
    using project = withBundle();
    project.write({ "files/out/a.txt": "ALPHA\n" });
    expect((await verify(project, "--any-signer")).exitCode).toBe(1);
  });
});

describe.concurrent("runseal verify --signer", () => {
  it("takes a key in three forms, with or without a comment, and several of them", async () => {
    using project = withBundle();
    const ssh = `ssh-ed25519 ${encodeSshKey(FIRST.publicKey)}`;
    const { publicKeyHex } = FIRST;
    for (const key of [publicKeyHex, `runseal-ed25519 ${publicKeyHex}`, ssh, `${ssh} me@example.org`]) {
      expectTrusted(await verify(project, "--signer", key));
    }
    expectTrusted(await verify(project, "--signer", SECOND.publicKeyHex, "--signer", publicKeyHex));
  });

  it("trusts no other key, and names the expected one beside the one that signed", async () => {
    using project = withBundle();
    const end = await verify(project, "--signer", SECOND.publicKeyHex);
    expectUntrusted(end, "SIGNER_UNKNOWN");
    const [expected, signed] = [SECOND, FIRST].map(({ validatorId }) => validatorId.slice(0, 8));
    expect(end.stderr).toContain(`expected ${expected}, signed by ${signed}\n`);
    expect(end.stderr, "no hint offers the bundle's own key").not.toContain(FIRST.publicKeyHex);
    expect(end.stderr).not.toContain("--any-signer");
  });
});

describe.concurrent("runseal verify --trust", () => {
  const key = `runseal-ed25519 ${FIRST.publicKeyHex}`;

  it("says which line vouches for the signer, and under which name", async () => {
    using project = withBundle();
    const lines = ["# mine", "", `bob runseal-ed25519 ${SECOND.publicKeyHex}`, `alice,a2 ${key} comment`];
    const end = await verifyWith(project, lines);
    expectTrusted(end);
    expect(end.stdout).toContain("trust    signers.txt line 4 trusts the key as alice\n");
    expect(end.stdout).toContain(`signer   ${FIRST.validatorId.slice(0, 8)} alice (ed25519 `);
    expect(await project.json([...VERIFY, "--trust", "signers.txt"])).toMatchObject({
      signer: { name: "alice" },
      trust: { ok: true, code: "OK", name: "alice" },
    });
  });

  it("takes the place of the user's own trust file", async () => {
    using project = withBundle();
    mkdirSync(join(project.config, "runseal"));
    writeFileSync(join(project.config, "runseal", "trust"), `me ${key}\n`);
    expectTrusted(await verify(project));
    expectUntrusted(
      await verifyWith(project, [`bob runseal-ed25519 ${SECOND.publicKeyHex}`]),
      "SIGNER_UNKNOWN",
    );
    expectUntrusted(await verifyWith(project, ["# none"]), "SIGNER_UNKNOWN");
  });

  it.each([
    ["SIGNER_REVOKED", [`alice ${key}`, `alice revoked ${key}`]],
    ["SIGNER_REVOKED", [`alice revoked=20261125 ${key}`]],
    ["SIGNER_REVOKED", [`alice revoked=20270101 ${key}`]],
    ["SIGNER_EXPIRED", [`alice valid-before="20261125" ${key}`]],
    ["SIGNER_NOT_YET_VALID", [`alice valid-after="20261126" ${key}`]],
    ["SIGNER_UNKNOWN", [`alice namespaces="git" ${key}`]],
  ])("answers %s, with what to do", async (code, lines) => {
    using project = withBundle();
    const end = await verifyWith(project, lines);
    expectUntrusted(end, code);
    expect(end.stderr).toContain(`signers.txt line ${lines.length} `);
    expect(await project.json([...VERIFY, "--trust", "signers.txt"])).toMatchObject({
      code,
      trust: { ok: false, code, name: "alice" },
    });
  });

  it("judges a bound bundle at the moment its signer says", async () => {
    using project = withBundle();
    const window = `valid-after="20261125",valid-before="20261126"`;
    const end = await verifyWith(project, [`alice ${window} ${key}`]);
    expectTrusted(end);
    expect(end.stdout).toContain("; the signer says it sealed at 2026-11-25T01:02:03Z\n");
  });

  it("demands a bound bundle where the line says so", async () => {
    using project = makeProject({});
    writeBundle(project.root, sealBundle());
    expectUntrusted(await verifyWith(project, [`alice bound ${key}`]), "SIGNER_UNKNOWN");
  });

  it.each([
    ["there is no key", "garbage"],
    ["the key is neither ssh-ed25519 nor runseal-ed25519", "bob x ssh-rsa AAAA"],
    ["the key is malformed", "bob runseal-ed25519 abcd"],
    ["an option that runseal does not know", `bob cert-authority ${key}`],
    ["a moment is not YYYYMMDD", `bob valid-after=tomorrow ${key}`],
    ["a quotation mark is not closed", `"bob ${key}`],
    ["there is a control character", `# people\rbob revoked ${key}`],
    ["there is a control character", `# people\u2028bob revoked ${key}`],
    ["it is longer than 65,536 bytes", `#${"a".repeat(65_536)}`],
    ["more than 64 namespace patterns", `bob namespaces="${"x,".repeat(64)}x" ${key}`],
    ["longer than 1,024 bytes", `bob namespaces="${"*".repeat(1025)}" ${key}`],
  ])("trusts nothing in a file with a bad line, and names file and line: %s", async (words, line) => {
    using project = withBundle();
    const end = await verifyWith(project, [`alice ${key}`, "", line]);
    expectUntrusted(end, "TRUST_FILE_MALFORMED");
    expect(end.stderr).toContain(`"signers.txt" line 3: `);
    expect(end.stderr).toContain(words);
    expect(end.stderr).toContain("hint: correct the line");
  });

  it("shows no name of a stranger's as it is", async () => {
    using project = withBundle();
    const end = await verifyWith(project, [`\u2066[31mroot\u202e ${key}`]);
    expectTrusted(end);
    expect(end.stdout).not.toMatch(/[^\n -~]/);
    expect(readFileSync(project.at("signers.txt"), "utf8")).toContain("\u2066");
  });
});
