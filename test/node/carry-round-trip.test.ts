import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { openOwnRun } from "../../src/node/carry/own-run.ts";
import { pullRun } from "../../src/node/carry/pull-run.ts";
import { type PushedRun, pushRun } from "../../src/node/carry/push-run.ts";
import { RegistrySource } from "../../src/node/carry/registry-source.ts";
import { judgeBundle } from "../../src/node/verify/verify-bundle-files.ts";
import { makeProjectWithKey, type Project } from "../support/cli.ts";
import { type MemoryRepository, memoryRepository } from "../support/memory-repository.ts";
import { makeFolder, removeTree } from "../support/tree.ts";

const MIB = 1024 * 1024;

const made: { project?: Project; folder?: string } = {};

afterEach(() => {
  made.project?.[Symbol.dispose]();
  if (made.folder !== undefined) removeTree(made.folder);
});

/** A sealed project with small outputs, two large ones, and an empty one. */
async function sealedProject(): Promise<Project> {
  const project = await makeProjectWithKey({});
  made.project = project;
  mkdirSync(project.at("out"));
  for (let file = 0; file < 40; file++)
    writeFileSync(project.at(`out/small-${file}`), `content ${file % 30}\n`);
  writeFileSync(project.at("out/empty"), "");
  writeFileSync(project.at("out/large"), Buffer.alloc(3 * MIB, "large"));
  writeFileSync(project.at("out/larger"), Buffer.alloc(2 * MIB + 1, "larger"));
  await project.done(["seal", "out", "--id", "one"]);
  return project;
}

async function push(project: Project, repository: MemoryRepository): Promise<PushedRun> {
  const place = { bundle: project.at(".runseal/runs/one"), root: project.root, home: project.root };
  const run = await openOwnRun(place);
  if (!run.ok) throw new Error(run.code);
  using _ = run.value.outputs;
  const pushed = await pushRun(run.value, { repository });
  if (!pushed.ok) throw new Error(pushed.message);
  return pushed.value;
}

describe("a run that is pushed", () => {
  it("is verified and pulled elsewhere, and judged from the store there", async () => {
    const project = await sealedProject();
    const repository = memoryRepository();
    const { digest } = await push(project, repository);
    const folder = makeFolder();
    made.folder = folder;
    const into = join(folder, "there");
    const request = { repository, address: { digest }, into, refuseSigner: () => undefined };
    const pulled = await pullRun(request);
    expect(pulled).toMatchObject({ ok: true, value: { wasThere: false } });
    const bundle = join(into, ".runseal/runs/one");
    expect(await judgeBundle({ bundle, root: into, from: "store" })).toMatchObject({ ok: true });
    expect(readFileSync(join(bundle, "STATUS.json"))).toEqual(
      readFileSync(project.at(".runseal/runs/one/STATUS.json")),
    );
    repository.traffic.whole.length = 0;
    expect(await pullRun(request)).toMatchObject({ ok: true, value: { wasThere: true, fetchedBytes: 0 } });
  });

  it("is the same manifest each time", async () => {
    const project = await sealedProject();
    const first = await push(project, memoryRepository());
    expect((await push(project, memoryRepository())).digest).toBe(first.digest);
  });

  it("gives a source that finds each output", async () => {
    const project = await sealedProject();
    const repository = memoryRepository();
    const { digest } = await push(project, repository);
    const source = new RegistrySource({ repository, address: { digest } });
    const opened = await source.open();
    expect(opened).toMatchObject({ ok: true });
  });
});
