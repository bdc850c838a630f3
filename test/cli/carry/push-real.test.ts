/** Push and pull with real registries; registry-tools.test.ts has their other clients. */

import { readFileSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { makeSealedProject } from "../../support/command/cli.ts";
import {
  hasRegistry,
  type RealRegistry,
  Registries,
  type RegistryKind,
} from "../../support/registry/real-registry.ts";

const registries = new Registries();
const registry = (kind: RegistryKind): Promise<RealRegistry> => registries.of(kind);
afterAll(() => registries[Symbol.asyncDispose]());

describe.skipIf(!hasRegistry())("a run in docker-registry", () => {
  it.each(["open", "password", "token"] as const)(
    "is pushed to a %s one, and pulled from it",
    async (kind) => {
      const { dockerConfig, host } = await registry(kind);
      using project = await makeSealedProject();
      const env = { ...project.env, DOCKER_CONFIG: dockerConfig };
      const pushed = await project.run(["push", "one", `${host}/team/${kind}:v1`, "--debug"], { env });
      expect(pushed.exitCode, pushed.stderr).toBe(0);
      expect(pushed.stdout + pushed.stderr).not.toContain("canary-registry");
      await project.done(["push", "one", `${host}/team/${kind}:v1`], { env });
      await project.done(["pull", `${host}/team/${kind}:v1`, "--here", "--project", "there"], { env });
      await project.done(["verify", `${host}/team/${kind}:v1`], { env });
      await project.done(["restore", `${host}/team/${kind}:v1`, "--to", "restored", "--mkdir"], { env });
      expect(readFileSync(project.at("restored/out/a.txt"), "utf8")).toBe("alpha\n");
      const list = await project.json(["log", `${host}/team/${kind}`], { env });
      expect(list).toMatchObject({ runs: [{ run_id: "one", tags: ["v1"] }] });
    },
  );
});
