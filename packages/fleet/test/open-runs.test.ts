import { writeFileSync } from "node:fs";
import type { DividedRun, OperationFault, TrustFault } from "runseal";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { makeProjectWithKey, type Project } from "../../../test/support/command/cli.ts";
import { ModelRegistry } from "../../../test/support/registry/model-registry.ts";
import { listAudit } from "../src/audit/submit.ts";
import { OpenRuns } from "../src/work/open-runs.ts";
import { pushRuns } from "./support/fleet.ts";

describe("the open runs of a process", () => {
  let registry: ModelRegistry;
  let project: Project;
  let password: string | undefined;
  const digests: string[] = [];

  beforeAll(async () => {
    registry = await ModelRegistry.start();
    project = await makeProjectWithKey({});
    const repository = `${registry.host}/team/runs`;
    await pushRuns(project, repository, { one: { a: "one\n" }, two: { a: "two\n" } });
    const listed = await listAudit({ from: repository, plainHttp: true });
    if (!listed.ok) throw new Error(listed.code);
    digests.push(...listed.value.digests.map((digest) => Buffer.from(digest).toString("hex")));
    registry.meddler = ({ request, response }) => {
      if (password === undefined || request.headers.authorization === basic(password)) return false;
      response.writeHead(401, { "www-authenticate": 'Basic realm="r"' }).end();
      return true;
    };
    vi.stubEnv("DOCKER_CONFIG", project.root);
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    project?.[Symbol.dispose]();
    await registry?.[Symbol.asyncDispose]();
  });

  function basic(word: string): string {
    return `Basic ${Buffer.from(`user:${word}`).toString("base64")}`;
  }

  function logIn(word: string): void {
    const auths = { [registry.host]: { auth: basic(word).slice("Basic ".length) } };
    writeFileSync(project.at("config.json"), JSON.stringify({ auths }));
  }

  async function use(
    runs: OpenRuns,
    act: (run: DividedRun) => Promise<OperationFault | TrustFault | undefined>,
    place = 0,
  ): Promise<string | undefined> {
    const task = {
      ...{ repository: `${registry.host}/team/runs`, plainHttp: true, policy: undefined },
      ...{ isDoubled: false, isIndexed: false, isOpen: true, trustsPrevious: false },
    };
    const fault = await runs.use({ audit: "audit", digest: digests[place] ?? "" }, task, act);
    return fault?.code;
  }

  async function hash(run: DividedRun): Promise<OperationFault | undefined> {
    expect(run.outputs()).toMatchObject({ ok: true });
    const found = await run.find(0, 1);
    return found.ok ? undefined : found;
  }

  async function requests(act: () => Promise<unknown>): Promise<number> {
    const before = registry.seen.length;
    await act();
    return registry.seen.length - before;
  }

  it("are opened anew after a job that failed: a registry's password may have changed", async () => {
    using runs = new OpenRuns();
    password = "old";
    logIn("old");
    expect(await use(runs, hash)).toBeUndefined();
    password = "new";
    expect(await use(runs, hash)).toBe("REGISTRY_DENIED");
    logIn("new");
    expect(await use(runs, hash)).toBeUndefined();
    password = undefined;
  });

  it("are opened once for jobs that follow each other or run beside each other, and anew after one that throws", async () => {
    using runs = new OpenRuns();
    const idle = async (): Promise<undefined> => undefined;
    expect(await requests(() => Promise.all([use(runs, idle), use(runs, idle)]))).toBeGreaterThan(0);
    expect(await requests(() => use(runs, idle))).toBe(0);
    const thrown = use(runs, () => Promise.reject(new Error("the database is away")));
    await expect(thrown).rejects.toThrow("the database is away");
    expect(await requests(() => use(runs, idle))).toBeGreaterThan(0);
    await use(runs, idle, 1);
    expect(await requests(() => use(runs, idle))).toBeGreaterThan(0);
  });

  it("stay open for the jobs that use them, whatever became of another one", async () => {
    using runs = new OpenRuns();
    const failing = use(runs, () => Promise.reject(new Error("away")));
    let closed = 0;
    const lasting = use(runs, async (run) => {
      const close = vi.spyOn(run, Symbol.dispose);
      await expect(failing).rejects.toThrow("away");
      await use(runs, async () => undefined, 1);
      closed = close.mock.calls.length;
      const fault = await hash(run);
      close.mockImplementation(() => {
        closed += 10;
      });
      return fault;
    });
    expect(await lasting).toBeUndefined();
    await new Promise((resolve) => setImmediate(resolve));
    expect(closed).toBe(10);
  });
});
