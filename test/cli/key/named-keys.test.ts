import { execFileSync } from "node:child_process";
import { appendFileSync, chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { SECOND_SEED, testSigner } from "../../support/bundles/bundle.ts";
import { BUNDLE, type Facts, makeSealedProject, type Project } from "../../support/command/cli.ts";
import { makeSshKey } from "../../support/evidence/ssh-agent.ts";

const OTHER = testSigner(SECOND_SEED);

async function ownKey(project: Project): Promise<Facts> {
  return await project.json(["key", "show"]);
}

describe.concurrent("runseal verify --signer", () => {
  it("takes a fingerprint, a validator id or a .pub file, without a trust file that has the key", async () => {
    using project = await makeSealedProject();
    const { fingerprint, validator_id } = await ownKey(project);
    const pub = join(project.config, "runseal", "keys", "default.pub");
    for (const signer of [String(fingerprint), `id:${validator_id}`, pub]) {
      const facts = await project.json(["verify", BUNDLE, "--signer", signer]);
      expect(facts, signer).toMatchObject({ code: "OK", trust: { reason: "--signer trusts the key" } });
    }
  });

  it("takes a key in PEM, as openssl and key export write it", async () => {
    using project = await makeSealedProject();
    const { stdout } = await project.done(["key", "export", "--format", "pem"]);
    writeFileSync(project.at("ours.pem"), stdout);
    await project.done(["verify", BUNDLE, "--signer", "ours.pem"]);
    await project.done(["trust", "add", "ours", "ours.pem", "--trust", "signers"]);
    await project.done(["verify", BUNDLE, "--trust", "signers"]);
    execFileSync("openssl", [
      "genpkey",
      "-algorithm",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:P-256",
      "-out",
      project.at("ec"),
    ]);
    execFileSync("openssl", ["pkey", "-in", project.at("ec"), "-pubout", "-out", project.at("ec.pem")]);
    const facts = await project.json(["verify", BUNDLE, "--signer", "ec.pem"]);
    expect(facts).toMatchObject({ code: "SIGNER_NOT_A_KEY", exit_code: 2 });
  });

  it("trusts nothing by a digest of another key, by a short id, or by a digest that is cut off", async () => {
    using project = await makeSealedProject();
    const { fingerprint, key_id, validator_id } = await ownKey(project);
    const other = await project.json(["verify", BUNDLE, "--signer", `id:${OTHER.validatorId}`]);
    expect(other).toMatchObject({ code: "SIGNER_UNKNOWN", exit_code: 3 });
    expect(other["message"]).toContain(`expected ${OTHER.validatorId.slice(0, 8)}, signed by ${key_id}`);
    for (const signer of [
      `id:${key_id}`,
      String(fingerprint).slice(0, -1),
      `ID:${validator_id}`,
      "nope.pub",
    ]) {
      const facts = await project.json(["verify", BUNDLE, "--signer", signer]);
      expect(facts, signer).toMatchObject({ code: "SIGNER_NOT_A_KEY", exit_code: 2 });
    }
  });

  it("recognises the validator id of the signer where its key belongs", async () => {
    using project = await makeSealedProject();
    const { key_id, validator_id } = await ownKey(project);
    const facts = await project.json(["verify", BUNDLE, "--signer", String(validator_id)]);
    expect(facts).toMatchObject({ code: "SIGNER_UNKNOWN", exit_code: 3 });
    expect(facts["message"]).toContain(
      `--signer was given the validator id of the signer ${key_id}, not its key`,
    );
    writeFileSync(project.at("trust"), `alice runseal-ed25519 ${validator_id}\n`);
    const line = await project.json(["verify", BUNDLE, "--trust", "trust"]);
    expect(line["message"]).toContain(
      `trust line 1 has the validator id of the signer ${key_id} in place of its key`,
    );
  });

  it("shows the fingerprint and the validator id of the signer", async () => {
    using project = await makeSealedProject();
    const { fingerprint, validator_id } = await ownKey(project);
    const { stdout } = await project.run(["verify", BUNDLE]);
    expect(stdout).toContain(` ${fingerprint}\n`);
    expect(stdout).toContain(` id:${validator_id}\n`);
    expect(await project.json(["verify", BUNDLE])).toMatchObject({ signer: { fingerprint } });
  });
});

describe.concurrent("runseal trust with keys by another name", () => {
  it("takes no .pem file that holds a private key, and says how the public one is got", async () => {
    using project = await makeSealedProject();
    execFileSync("openssl", ["genpkey", "-algorithm", "ed25519", "-out", project.at("ed")]);
    execFileSync("openssl", ["pkey", "-in", project.at("ed"), "-pubout", "-out", project.at("public.pem")]);
    const secret = readFileSync(project.at("ed"), "utf8");
    const shown = readFileSync(project.at("public.pem"), "utf8");
    for (const text of [secret, secret + shown, shown + secret]) {
      writeFileSync(project.at("given.pem"), text);
      const { stderr } = await project.changesNothing(["trust", "add", "x", "given.pem"]);
      expect(stderr).toMatch(/"given\.pem" is not a public key\nhint: .*openssl pkey -in FILE -pubout/);
      const facts = await project.json(["verify", BUNDLE, "--signer", "given.pem"]);
      expect(facts).toMatchObject({ code: "SIGNER_NOT_A_KEY" });
    }
    await project.done(["trust", "add", "x", "public.pem"]);
  });

  it("adds the key of a .pub file, of OpenSSH's or of runseal's", async () => {
    using project = await makeSealedProject();
    const { base64, fingerprint } = makeSshKey(project.root, "laptop");
    const added = await project.json(["trust", "add", "laptop", "id-laptop.pub", "--trust", "trust"]);
    expect(added).toMatchObject({ ok: true });
    const pub = join(project.config, "runseal", "keys", "default.pub");
    await project.done(["trust", "add", "me", pub, "--trust", "trust"]);
    await project.done(["verify", BUNDLE, "--trust", "trust"]);
    const check = await project.json(["trust", "check", "id-laptop.pub", "--trust", "trust"]);
    expect(check).toMatchObject({ ok: true, signer: { fingerprint } });
    expect(await project.json(["trust", "check", fingerprint, "--trust", "trust"])).toMatchObject({
      ok: true,
    });
    const removed = await project.json(["trust", "remove", fingerprint, "--trust", "trust"]);
    expect(removed).toMatchObject({ removed: [{ names: ["laptop"] }] });
    expect(base64).not.toBe("");
  });

  it("takes a digest for a key that it knows, and says why it can't for another", async () => {
    using project = await makeSealedProject();
    const { fingerprint, public_key, validator_id } = await ownKey(project);
    const add = (key: string): readonly string[] => ["trust", "add", "me", key, "--trust", "trust"];
    const { stderr } = await project.changesNothing(add(`id:${OTHER.validatorId}`));
    expect(stderr).toContain("the key can't be computed from a digest: ask the signer for the key");
    const mistaken = await project.changesNothing(add(String(validator_id)));
    expect(mistaken.stderr).toContain(
      "is the validator id of a key, and not the key\nhint: id: before it names the key\n",
    );
    expect(await project.json(add(String(fingerprint)))).toMatchObject({ added: { public_key } });
  });
});

describe.concurrent("runseal seal --key", () => {
  it("signs with a private key in PEM or in OpenSSH's form, and refuses one that others can read", async () => {
    using project = await makeSealedProject();
    const pem = project.at("ed.pem");
    execFileSync("openssl", ["genpkey", "-algorithm", "ed25519", "-out", pem]);
    execFileSync("openssl", ["pkey", "-in", pem, "-pubout", "-out", project.at("ed.pub")]);
    chmodSync(pem, 0o600);
    const sealed = await project.json(["seal", "out", "--id", "by-pem", "--key", "ed.pem"]);
    expect(sealed).toMatchObject({ ok: true });
    await project.done(["verify", "by-pem", "--signer", "ed.pub"]);
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", project.at("ssh")]);
    await project.done(["seal", "out", "--id", "by-ssh", "--key", "./ssh"]);
    await project.done(["verify", "by-ssh", "--signer", "ssh.pub"]);
    chmodSync(pem, 0o644);
    const { stderr } = await project.changesNothing(["seal", "out", "--id", "no", "--key", "ed.pem"]);
    expect(stderr).toContain("KEY_FILE_UNUSABLE: other users can read");
  });

  it("says of a key of another kind, or in a file that is too large, which forms it reads", async () => {
    using project = await makeSealedProject();
    const rsa = ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"];
    const ec = ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"];
    for (const [name, kind] of Object.entries({ rsa, ec, large: ["-algorithm", "ed25519"] }))
      execFileSync("openssl", ["genpkey", ...kind, "-out", project.at(`${name}.pem`)], { stdio: "ignore" });
    appendFileSync(project.at("large.pem"), "\n".repeat(70_000));
    const made = ["-q", "-t", "rsa", "-b", "1024", "-N", "", "-f", project.at("ssh.pem")];
    execFileSync("ssh-keygen", made);
    for (const name of ["rsa", "ec", "large", "ssh"]) {
      chmodSync(project.at(`${name}.pem`), 0o600);
      const { stderr } = await project.changesNothing(["seal", "out", "--id", "no", "--key", `${name}.pem`]);
      expect(stderr).toMatch(/^error: KEY_FILE_UNUSABLE: .*Ed25519.*\nhint: .*OpenSSH.*PKCS#8/);
    }
  });
});
