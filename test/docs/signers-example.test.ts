import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { BUNDLE, makeProject, type Project, runProcess } from "../support/command/cli.ts";
import { SigningService, VAULT_TOKEN } from "../support/evidence/signing-services.ts";

const page = readFileSync(new URL("../../docs/signers.md", import.meta.url), "utf8");

/** The shell blocks of the section with this title: the script that signs, and the command for the public key. */
function scriptsOf(title: string): readonly [sign: string, publicKey: string] {
  const section = page.split(/^### /m).find((text) => text.startsWith(`${title}\n`)) ?? "";
  const [signing = "", publicKey = "", ...others] = [...section.matchAll(/```sh\n(.*?)```/gs)].map(
    ([, text = ""]) => text,
  );
  expect(others).toEqual([]);
  expect(publicKey).not.toBe("");
  return [signing, publicKey];
}

function missingTools(...names: readonly string[]): string | undefined {
  const missing = names.filter((name) => {
    try {
      execFileSync(name, ["--version"], { stdio: "ignore" });
      return false;
    } catch {
      return true;
    }
  });
  return missing.length === 0 ? undefined : `not installed: ${missing.join(", ")}`;
}

type Environment = Readonly<Record<string, string>>;

/** Seals with the page's script for a service, verifies with the public key that the page's command prints. */
async function sealAndVerify(
  project: Project,
  title: string,
  env: Environment,
  service: SigningService,
): Promise<void> {
  const [signing, publicKey] = scriptsOf(title);
  writeFileSync(project.at("sign.sh"), signing);
  const key = await runProcess("sh", ["-c", publicKey], { cwd: project.root, env });
  expect(key).toEqual({ exitCode: 0, stdout: service.publicKeyHex, stderr: "" });
  const signer = ["--key", "exec:sh sign.sh", "--public-key", key.stdout];
  await project.done(["seal", "out", "--id", "one", ...signer], { env });
  await project.done(["verify", BUNDLE, "--signer", service.publicKeyHex]);
}

/** Seals with the page's script, which the service refuses. */
async function expectRefused(
  project: Project,
  title: string,
  env: Environment,
  service: SigningService,
): Promise<void> {
  writeFileSync(project.at("sign.sh"), scriptsOf(title)[0]);
  const signer = ["--key", "exec:sh sign.sh", "--public-key", service.publicKeyHex];
  const end = await project.run(["seal", "out", "--id", "one", ...signer], { env });
  expect(end).toMatchObject({ exitCode: 4, stdout: "" });
  expect(end.stderr).toContain("error: SIGNER_FAILED: the signer command failed with exit code ");
  expect(existsSync(project.at(BUNDLE))).toBe(false);
}

describe("the example for Vault in docs/signers.md", () => {
  const TITLE = "HashiCorp Vault, transit";

  it("seals a bundle that verifies with the key that it prints", async ({ skip }) => {
    const missing = missingTools("curl", "jq");
    skip(missing !== undefined, missing);
    await using service = await SigningService.vault();
    using project = makeProject();
    await sealAndVerify(
      project,
      TITLE,
      { ...project.env, VAULT_ADDR: service.address, VAULT_TOKEN },
      service,
    );
  });

  it("fails where the token is refused, and nothing is sealed", async ({ skip }) => {
    const missing = missingTools("curl", "jq");
    skip(missing !== undefined, missing);
    await using service = await SigningService.vault();
    using project = makeProject();
    const env = { ...project.env, VAULT_ADDR: service.address, VAULT_TOKEN: "another" };
    await expectRefused(project, TITLE, env, service);
  });
});

describe("the example for AWS KMS in docs/signers.md", () => {
  const TITLE = "AWS KMS";

  function environment(project: Project, service: SigningService): Environment {
    return {
      ...project.env,
      AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE",
      AWS_SECRET_ACCESS_KEY: "stand-in",
      AWS_REGION: "us-east-1",
      AWS_DEFAULT_REGION: "us-east-1",
      AWS_ENDPOINT_URL_KMS: service.address,
      AWS_EC2_METADATA_DISABLED: "true",
    };
  }

  it("seals a bundle that verifies with the key that it prints", async ({ skip }) => {
    const missing = missingTools("aws");
    skip(missing !== undefined, missing);
    await using service = await SigningService.kms();
    using project = makeProject();
    await sealAndVerify(project, TITLE, environment(project, service), service);
  }, 60_000);

  it("fails where there are no credentials, and nothing is sealed", async ({ skip }) => {
    const missing = missingTools("aws");
    skip(missing !== undefined, missing);
    await using service = await SigningService.kms();
    using project = makeProject();
    const { AWS_ACCESS_KEY_ID: _, AWS_SECRET_ACCESS_KEY: __, ...env } = environment(project, service);
    await expectRefused(project, TITLE, env, service);
  }, 60_000);
});
