/** Push and pull beside real registries and their other clients. */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { makeSealedProject, type Project, runProcess } from "../support/cli.ts";
import {
  hasRegistry,
  type RealRegistry,
  type RegistryKind,
  startRegistry,
  USER,
} from "../support/real-registry.ts";
import { hasTool } from "../support/real-tools.ts";
import { longIt } from "../support/ring.ts";

const started = new Map<RegistryKind, Promise<RealRegistry>>();
function registry(kind: RegistryKind): Promise<RealRegistry> {
  const running = started.get(kind) ?? startRegistry(kind);
  started.set(kind, running);
  return running;
}
afterAll(async () => {
  for (const running of started.values()) await (await running)[Symbol.asyncDispose]();
});

/** Runs another client in a folder of the project. */
async function tool(
  project: Project,
  cwd: string,
  command: string,
  ...args: readonly string[]
): Promise<string> {
  mkdirSync(project.at(cwd), { recursive: true });
  const { exitCode, stderr, stdout } = await runProcess(command, args, {
    cwd: project.at(cwd),
    env: project.env,
  });
  expect(exitCode, stdout + stderr).toBe(0);
  return stdout + stderr;
}

describe.skipIf(!hasRegistry())("a run in docker-registry", () => {
  it.each(["open", "password", "token"] as const)(
    "is pushed to a %s one, and pulled from it",
    async (kind) => {
      const { dockerConfig, host } = await registry(kind);
      using project = await makeSealedProject();
      const env = { ...project.env, DOCKER_CONFIG: dockerConfig };
      await project.done(["push", "one", `${host}/team/${kind}:v1`], { env });
      await project.done(["push", "one", `${host}/team/${kind}:v1`], { env });
      await project.done(["pull", `${host}/team/${kind}:v1`, "--into", "there"], { env });
      await project.done(["verify", `${host}/team/${kind}:v1`], { env });
      await project.done(["restore", `${host}/team/${kind}:v1`, "--to", "restored", "--mkdir"], { env });
      expect(readFileSync(project.at("restored/out/a.txt"), "utf8")).toBe("alpha\n");
      const list = await project.json(["log", `${host}/team/${kind}`], { env });
      expect(list).toMatchObject({ runs: [{ run_id: "one", tags: ["v1"] }] });
    },
  );

  it("is not given to a user without credentials: REGISTRY_UNAUTHORIZED says so", async () => {
    const { host } = await registry("password");
    using project = await makeSealedProject();
    const facts = await project.json(["push", "one", `${host}/team/none`]);
    expect(facts).toMatchObject({ ok: false, code: "REGISTRY_UNAUTHORIZED", exit_code: 4 });
  });

  it("is pushed with a password from stdin, which is never printed", async () => {
    const { host } = await registry("password");
    using project = await makeSealedProject();
    writeFileSync(project.at("password"), `${USER.password}\n`);
    const line = `node "$0" push one ${host}/team/stdin --username ${USER.name} --password-stdin --debug < password`;
    const { MAIN } = await import("../support/cli.ts");
    const end = await runProcess("sh", ["-c", line, MAIN], { cwd: project.root, env: project.env });
    expect(end.exitCode, end.stderr).toBe(0);
    expect(end.stdout + end.stderr).not.toContain("canary-registry");
  });

  it.skipIf(!hasTool("oras"))("is a project where oras pulls it", async () => {
    const { host } = await registry("open");
    using project = await makeSealedProject();
    await project.done(["push", "one", `${host}/team/oras:v1`]);
    await tool(project, "empty", "oras", "pull", "--plain-http", `${host}/team/oras:v1`);
    await project.done(["verify", "--stored", "one"], { cwd: project.at("empty") });
    await project.done(["restore", "one", "--to", "restored", "--mkdir"], { cwd: project.at("empty") });
    expect(readFileSync(project.at("empty/restored/out/b.txt"), "utf8")).toBe("beta\n");
  });

  it.skipIf(!hasTool("skopeo"))("keeps its digest where skopeo copies it", async () => {
    const { host } = await registry("open");
    using project = await makeSealedProject();
    const pushed = await project.json(["push", "one", `${host}/team/skopeo:v1`]);
    const [{ reference }] = pushed["runs"] as [{ reference: string }];
    const digest = reference.split("@")[1] ?? "";
    const from = `docker://${host}/team/skopeo:v1`;
    const plain = ["--src-tls-verify=false", "--dest-tls-verify=false"];
    await tool(project, "copies", "skopeo", "copy", ...plain, from, `docker://${host}/team/copied:v2`);
    await tool(project, "copies", "skopeo", "copy", "--src-tls-verify=false", from, "oci:layout:v1");
    await project.done(["verify", `${host}/team/copied@${digest}`]);
    await project.done(["verify", `oci-layout:copies/layout@${digest}`]);
  });

  it.skipIf(!hasTool("cosign"))(
    "has an attestation that cosign accepts, for that run and no other",
    async () => {
      const { host } = await registry("open");
      using project = await makeSealedProject();
      await project.done(["push", "one", `${host}/team/cosign:v1`, "--attest", "sigstore"]);
      await project.done(["seal", "out", "--id", "two"]);
      await project.done(["push", "two", `${host}/team/cosign:v2`]);
      await project.done(["export", "one", "--format", "dsse", "-o", "evidence"]);
      const verify = (tag: string): Promise<{ readonly exitCode: number | null; readonly stderr: string }> =>
        runProcess(
          "cosign",
          [
            "verify-attestation",
            "--key",
            "evidence/cosign.pub",
            "--insecure-ignore-tlog",
            "--allow-http-registry",
            "--type",
            "https://unpkg.com/runseal/schemas/seal-predicate-v1.json",
            `${host}/team/cosign:${tag}`,
          ],
          { cwd: project.root, env: project.env },
        );
      const accepted = await verify("v1");
      expect(accepted.exitCode, accepted.stderr).toBe(0);
      expect((await verify("v2")).exitCode).not.toBe(0);
    },
  );

  longIt("goes on after a kill, and is whole then or not there", async () => {
    const { host } = await registry("open");
    using project = await makeSealedProject();
    writeFileSync(project.at("out/large"), Buffer.alloc(48 * 1024 * 1024, "large"));
    await project.done(["seal", "out", "--id", "large"]);
    await project.done(["push", "large", `${host}/team/killed:v1`]);
    for (let moment = 0; moment < 6; moment++) {
      const kill = { signal: "SIGKILL" as const, when: () => Math.random() < 0.05 };
      await project.run(["pull", `${host}/team/killed:v1`, "--into", "there"], { kill, process: true });
      if (!existsSync(project.at("there/.runseal/runs/large"))) continue;
      await project.done(["verify", "large", "--stored", "--root", "there"]);
    }
    await project.done(["pull", `${host}/team/killed:v1`, "--into", "there"]);
    await project.done(["verify", "large", "--stored", "--root", "there"]);
  });
});
