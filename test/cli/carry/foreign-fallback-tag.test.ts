/** A registry without the referrers API, where something else stands under the tag of the list of referrers. */

import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { INDEX_TYPE, MANIFEST_TYPE } from "../../../src/core/internal.ts";
import { makeSealedProject, type Project } from "../../support/command/cli.ts";
import { ModelRegistry } from "../../support/registry/model-registry.ts";

const WARNING =
  "warning: the registry's list of the run's countersignatures and timestamps is malformed: none were read\n";

/** Pushes the run, and puts something under the fallback tag of its manifest. */
async function pushBeside(
  registry: ModelRegistry,
  project: Project,
  stored: { readonly bytes: Buffer; readonly type: string },
): Promise<{ readonly reference: string; readonly tag: string }> {
  const reference = `${registry.host}/team/runs:v1`;
  await project.done(["push", "one", reference]);
  const digest = [...registry.manifests.keys()].find((name) => name.startsWith("sha256:")) ?? "";
  const tag = digest.replace(":", "-");
  registry.manifests.set(tag, stored);
  return { reference, tag };
}

const FOREIGN = [
  ["a manifest", { bytes: Buffer.from("{}"), type: MANIFEST_TYPE }],
  ["an index that is not one", { bytes: Buffer.from("["), type: INDEX_TYPE }],
  ["another kind of file", { bytes: Buffer.from("text"), type: "text/plain" }],
] as const;

describe.concurrent("a tag of the fallback index that holds something else", () => {
  it.each(FOREIGN)("blocks no verification and no pull, and is warned of: %s", async (_what, stored) => {
    await using registry = await ModelRegistry.start();
    using project = await makeSealedProject();
    const { reference } = await pushBeside(registry, project, stored);
    const verified = await project.run(["verify", reference]);
    expect([verified.exitCode, verified.stderr.slice(0, WARNING.length)]).toEqual([0, WARNING]);
    expect(await project.json(["pull", reference, "--here", "--project", "there"])).toMatchObject({
      ok: true,
      referrers: { taken: 0, left: 0, more: false, unreadable: true },
    });
    expect(existsSync(project.at("there/.runseal/pulled/one"))).toBe(true);
  });

  it("does not accept a run that needs a timestamp", async () => {
    await using registry = await ModelRegistry.start();
    using project = await makeSealedProject();
    const { reference } = await pushBeside(registry, project, FOREIGN[0][1]);
    expect((await project.run(["verify", reference, "--require-timestamp"])).exitCode).toBe(3);
  });

  it("still fails the command where the registry can't be asked", async () => {
    await using registry = await ModelRegistry.start();
    using project = await makeSealedProject();
    const { reference, tag } = await pushBeside(registry, project, FOREIGN[0][1]);
    registry.meddler = ({ line, response }) => {
      if (!line.endsWith(tag)) return false;
      response.writeHead(403).end();
      return true;
    };
    expect(await project.json(["verify", reference])).toMatchObject({ code: "REGISTRY_DENIED" });
  });
});
