/**
 * Pushed runs beside other clients of registries: what oras and skopeo make of them is still the run, and cosign accepts what was attested.
 * All three ways in which docker-registry lets users in.
 */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect } from "vitest";
import { makeProjectWithKey, type Project, runProcess } from "../../support/command/cli.ts";
import { itWith, type Tool } from "../../support/evidence/real-tools.ts";
import {
  hasRegistry,
  type RealRegistry,
  type RegistryKind,
  startRegistry,
  USER,
} from "../../support/registry/real-registry.ts";

const MIB = 1024 * 1024;

interface Scene {
  readonly project: Project;
  readonly registry: RealRegistry;
  /** Of a user that is logged in. */
  readonly env: Readonly<Record<string, string>>;
  /** `HOST/team/runs`, where the run `one` has the tag v1, and an attestation. */
  readonly repository: string;
  /** The digest of its manifest, as `sha256:…`. */
  readonly digest: string;
  /** The type that cosign is given for the attestation. */
  readonly predicateType: string;
}

interface Sent {
  readonly reference: string;
  readonly attestation: { readonly predicate_type: string };
}

const scenes = new Map<RegistryKind, Promise<Scene>>();

function sceneOf(kind: RegistryKind): Promise<Scene> {
  const made = scenes.get(kind) ?? makeScene(kind);
  scenes.set(kind, made);
  return made;
}

afterAll(async () => {
  for (const made of scenes.values()) {
    const { project, registry } = await made;
    project[Symbol.dispose]();
    await registry[Symbol.asyncDispose]();
  }
});

async function makeScene(kind: RegistryKind): Promise<Scene> {
  const registry = await startRegistry(kind);
  const project = await makeProjectWithKey({ "out/small.txt": "small\n", "out/empty": "" });
  writeFileSync(project.at("out/large"), Buffer.alloc(3 * MIB, "large"));
  writeFileSync(project.at("out/program"), "#!/bin/sh\n", { mode: 0o755 });
  await project.done(["seal", "out", "--id", "one"]);
  const env = { ...project.env, DOCKER_CONFIG: registry.dockerConfig };
  const repository = `${registry.host}/team/runs`;
  const facts = await project.json(["push", "one", `${repository}:v1`, "--attest", "sigstore"], { env });
  expect(facts, JSON.stringify(facts)).toMatchObject({ ok: true });
  expect(JSON.stringify(facts)).not.toContain(USER.password);
  const [{ attestation, reference }] = facts["runs"] as readonly [Sent];
  const digest = reference.slice(reference.indexOf("@") + 1);
  return { project, registry, env, repository, digest, predicateType: attestation.predicate_type };
}

/** Runs another program in the project, which must succeed. The token server is in this process: it must go on meanwhile. */
async function tool({ env, project }: Scene, name: Tool, ...args: readonly string[]): Promise<string> {
  const end = await runProcess(name, args, { cwd: project.root, env });
  expect(end, end.stderr).toMatchObject({ exitCode: 0 });
  return end.stdout;
}

/** Copies a run with skopeo. */
async function skopeoCopy(scene: Scene, from: string, to: string): Promise<void> {
  const auth = join(scene.registry.dockerConfig, "config.json");
  const plain = ["--src-tls-verify=false", "--dest-tls-verify=false"];
  await tool(scene, "skopeo", "copy", "--insecure-policy", "--authfile", auth, ...plain, from, to);
}

const KINDS: readonly RegistryKind[] = ["open", "password", "token"];

describe.skipIf(!hasRegistry()).each(KINDS)("a run in docker-registry, %s", (kind) => {
  itWith("oras")("is a project where oras pulls it into an empty folder", async () => {
    const scene = await sceneOf(kind);
    const { project, repository } = scene;
    await tool(scene, "oras", "pull", "--plain-http", "-o", "unpacked", `${repository}:v1`);
    await project.done(["verify", "--stored", "one", "--project", "unpacked"]);
    await project.done(["restore", "one", "--project", "unpacked", "--to", "restored", "--mkdir"]);
    for (const name of ["small.txt", "empty", "large", "program"]) {
      const restored = readFileSync(project.at("restored/out", name));
      expect(restored.equals(readFileSync(project.at("out", name))), name).toBe(true);
    }
  });

  itWith("skopeo")("is the same run where skopeo copies it to another repository", async () => {
    const scene = await sceneOf(kind);
    const { env, project, registry, repository, digest } = scene;
    const copy = `${registry.host}/team/copies`;
    await skopeoCopy(scene, `docker://${repository}:v1`, `docker://${copy}:v1`);
    expect(await project.json(["verify", `${copy}:v1`], { env })).toMatchObject({
      ok: true,
      reference: `${copy}@${digest}`,
    });
  });

  itWith("skopeo")("is the same run where skopeo copies it to a layout on the disk", async () => {
    const scene = await sceneOf(kind);
    const { project, repository, digest } = scene;
    await skopeoCopy(scene, `docker://${repository}:v1`, "oci:layout:v1");
    expect(await project.json(["verify", "oci-layout:layout:v1"])).toMatchObject({
      ok: true,
      reference: `oci-layout:layout@${digest}`,
    });
  });

  itWith("cosign")("has an attestation that cosign accepts, by its signer's key alone", async () => {
    const scene = await sceneOf(kind);
    const { project, repository } = scene;
    await project.done(["export", "one", "--format", "dsse", "--out", "evidence"]);
    const verify = async (key: string): Promise<number | null> => {
      const ignored = ["--insecure-ignore-tlog", "--allow-http-registry"];
      const type = ["--type", scene.predicateType];
      const args = ["verify-attestation", "--key", key, ...ignored, ...type, `${repository}:v1`];
      return (await runProcess("cosign", args, { cwd: project.root, env: scene.env })).exitCode;
    };
    expect(await verify("evidence/cosign.pub")).toBe(0);
    const env = { ...scene.env, COSIGN_PASSWORD: "" };
    await runProcess("cosign", ["generate-key-pair", "--output-key-prefix", "other"], {
      cwd: project.root,
      env,
    });
    expect(await verify("other.pub")).not.toBe(0);
  });
});
