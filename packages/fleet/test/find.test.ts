import { createHash } from "node:crypto";
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeProjectWithKey, type Project } from "../../../test/support/command/cli.ts";
import { Fleet, pushRuns, writeTrust } from "./support/fleet.ts";
import { hasPostgres, Postgres } from "./support/postgres.ts";

const digestOf = (text: string): string => createHash("sha256").update(text).digest("hex");

interface Layer {
  readonly annotations: Readonly<Record<string, string>>;
}

const titleOf = ({ annotations }: Layer): string => annotations["org.opencontainers.image.title"] ?? "";

describe.skipIf(!hasPostgres())("a search for a file in a repository", () => {
  let postgres: Postgres;
  let fleet: Fleet;
  let project: Project;
  let repository: string;
  const large = "large".repeat(500_000);

  beforeAll(async () => {
    postgres = await Postgres.start();
    fleet = await Fleet.make(postgres);
    project = await makeProjectWithKey({});
    repository = `oci-layout:${project.at("layout")}`;
    await pushRuns(project, repository, {
      one: { "a.txt": "both\n", "b.txt": "one\n", "c.bin": large },
      two: { "a.txt": "both\n", "empty.txt": "" },
    });
  });
  afterAll(async () => {
    await fleet?.[Symbol.asyncDispose]();
    project?.[Symbol.dispose]();
    await postgres?.[Symbol.asyncDispose]();
  });

  async function find(content: string, from = repository): Promise<unknown> {
    const { exitCode, stdout } = await fleet.run(["find", digestOf(content), from]);
    const { broken, more, runs } = JSON.parse(stdout) as {
      readonly broken: number;
      readonly more: boolean;
      readonly runs: readonly {
        readonly run_id: string;
        readonly newest: { readonly code: string } | null;
      }[];
    };
    expect(more).toBe(false);
    return [
      exitCode,
      broken,
      ...runs.map(({ newest, run_id: id }) => [id, newest === null ? null : newest.code]),
    ];
  }

  it("finds runs without an index in the database, and says what their newest audits found", async () => {
    expect(await find("both\n")).toEqual([0, 0, ["one", null], ["two", null]]);
    expect(await find(large)).toEqual([0, 0, ["one", null]]);
    expect(await find("")).toEqual([0, 0, ["two", null]]);
    expect(await find("none\n")).toEqual([1, 0]);
    const audit = await fleet.submit(repository, "--policy", await writeTrust(project));
    fleet.startWorker();
    const { results } = await fleet.ended(audit);
    expect(await find("both\n")).toEqual([0, 0, ["one", "OK"], ["two", "OK"]]);
    const { stdout } = await fleet.run(["find", digestOf("one\n"), repository]);
    const [one] = results;
    expect(JSON.parse(stdout)).toEqual({
      file: digestOf("one\n"),
      ...{ broken: 0, more: false },
      runs: [
        {
          reference: expect.stringContaining(`@sha256:${one?.digest}`),
          run_id: "one",
          newest: {
            ...{ audit, repository: expect.any(String), state: "judged", code: "OK" },
            ...{ policy: one?.policy, trusted_previous: null, ended_at: one?.ended_at },
          },
        },
      ],
    });
  });

  it("believes no index: the signed artifacts must name the file", async () => {
    const folder = project.at("lying");
    cpSync(project.at("layout"), folder, { recursive: true });
    const blobs = join(folder, "blobs/sha256");
    const index = JSON.parse(readFileSync(join(folder, "index.json"), "utf8")) as {
      readonly manifests: readonly { readonly digest: string }[];
    };
    const read = (at: number): { readonly layers: readonly Layer[] } =>
      JSON.parse(readFileSync(join(blobs, index.manifests[at]?.digest.slice(7) ?? ""), "utf8"));
    const [one, two] = [read(0), read(1)];
    // The run "one" with the pack of "two" too, whose index names what "one" does not have. Without its large blob it holds no more than
    // its bundle declares.
    const kept = one.layers.filter((layer) => !titleOf(layer).includes("/objects/"));
    const layers = [...kept, ...two.layers.filter((layer) => titleOf(layer).includes("/packs/"))].sort(
      (left, right) => (titleOf(left) < titleOf(right) ? -1 : 1),
    );
    const bytes = Buffer.from(JSON.stringify({ ...one, layers }));
    const digest = createHash("sha256").update(bytes).digest("hex");
    writeFileSync(join(blobs, digest), bytes);
    const manifests = [{ ...index.manifests[0], digest: `sha256:${digest}`, size: bytes.length }];
    writeFileSync(join(folder, "index.json"), JSON.stringify({ ...index, manifests }));
    expect(await find("", `oci-layout:${folder}`)).toEqual([1, 0]);
    expect(await find("one\n", `oci-layout:${folder}`)).toEqual([0, 0, ["one", null]]);
  });

  it("counts a run as broken whose bundle is not what its manifest says, and finds the others", async () => {
    const folder = project.at("rotten");
    cpSync(project.at("layout"), folder, { recursive: true });
    const blobs = join(folder, "blobs/sha256");
    const listed = readFileSync(join(folder, "index.json"), "utf8");
    const { manifests } = JSON.parse(listed) as {
      readonly manifests: readonly { readonly digest: string }[];
    };
    const manifest = readFileSync(join(blobs, manifests[0]?.digest.slice(7) ?? ""), "utf8");
    const { layers } = JSON.parse(manifest) as {
      readonly layers: readonly (Layer & { readonly digest: string })[];
    };
    const hashes = layers.find((layer) => titleOf(layer).endsWith("/OUTPUT_HASHES.json"))?.digest.slice(7);
    writeFileSync(join(blobs, hashes ?? ""), "{}");
    expect(await find("both\n", `oci-layout:${folder}`)).toEqual([0, 1, expect.arrayContaining(["two"])]);
    rmSync(join(blobs, hashes ?? ""));
    expect(await find("both\n", `oci-layout:${folder}`)).toEqual([0, 1, expect.arrayContaining(["two"])]);
  });

  it("is refused without a digest and a repository", async () => {
    for (const args of [["find"], ["find", "AB", repository], ["find", digestOf("")]])
      expect((await fleet.run(args)).exitCode).toBe(2);
    const away = await fleet.run(["find", digestOf(""), `oci-layout:${project.at("away")}`]);
    expect([away.exitCode, away.stderr]).toEqual([4, expect.stringMatching(/^error: REGISTRY_NOT_FOUND: /)]);
  });
});
