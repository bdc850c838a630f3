import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FINDING_KINDS, FindingTable, makeFindings, type OutputFindings } from "../../../src/core/index.ts";
import {
  type DividedRun,
  listRuns,
  openAttester,
  openRun,
  push,
  type RunVerdict,
  type TrustSpec,
} from "../../../src/node/index.ts";
import { makeProjectWithKey, type Project } from "../../support/command/cli.ts";

let project: Project;
let layout: string;
/** The runs as they were pushed: tests add others of their ids. */
let references: ReadonlyMap<string, string>;

beforeAll(async () => {
  const files = Object.fromEntries(
    Array.from({ length: 7 }, (_, file) => [`out/f${file}`, `content ${file}\n`]),
  );
  project = await makeProjectWithKey({
    ...files,
    // One record for two rows.
    "out/again": "content 0\n",
    "out/large": "large".repeat(500_000),
    "other/a": "a\n",
    "bulk/a": "b".repeat(200_000),
  });
  const { public_key: key } = await project.json(["key", "show"]);
  project.write({ "signers.txt": `alice runseal-ed25519 ${String(key)}\n` });
  await project.done(["seal", "out", "--id", "one"]);
  await project.done(["seal", "other", "--id", "two"]);
  await project.done(["seal", "bulk", "--id", "three"]);
  layout = `oci-layout:${project.at("layout")}`;
  const bundles = ["one", "two", "three"].map((id) => project.at(`.runseal/runs/${id}`));
  expect(await push({ bundles, to: layout, environment: project.env })).toMatchObject({ ok: true });
  const listed = await listRuns({ from: layout });
  if (!listed.ok) throw new Error(listed.message);
  references = new Map(listed.value.runs.map(({ reference, runId }) => [runId, reference]));
});
afterAll(() => project[Symbol.dispose]());

const digestOf = (content: string): string => createHash("sha256").update(content).digest("hex");

const TAG = "org.opencontainers.image.ref.name";

interface Manifest {
  readonly artifactType: string;
  readonly layers: readonly Layer[];
}

interface Layer {
  readonly mediaType: string;
  readonly annotations: Readonly<Record<string, string>>;
}

function titleOf({ annotations }: Layer): string {
  return annotations["org.opencontainers.image.title"] ?? "";
}

/** Puts a blob, and gives its digest. */
function put(blobs: string, bytes: Buffer): string {
  const digest = createHash("sha256").update(bytes).digest("hex");
  writeFileSync(join(blobs, digest), bytes);
  return digest;
}

function trusting(): TrustSpec {
  return { contents: [{ label: "signers", bytes: readFileSync(project.at("signers.txt")) }] };
}

async function open(runId: string, trust: TrustSpec = trusting()): Promise<DividedRun> {
  const opened = await openRun({ from: references.get(runId) ?? "", trust, environment: project.env });
  if (!opened.ok) throw new Error(opened.message);
  return opened.value;
}

async function openReference(from: string): Promise<DividedRun> {
  const opened = await openRun({ from, trust: trusting(), environment: project.env });
  if (!opened.ok) throw new Error(opened.message);
  return opened.value;
}

function blobs(): string {
  return project.at("layout/blobs/sha256");
}

async function manifestOf(runId: string): Promise<Manifest> {
  using run = await open(runId);
  return JSON.parse(readFileSync(join(blobs(), run.origin.reference.slice(-64)), "utf8")) as Manifest;
}

/** The layers of the pack of a run, and of its index. */
async function packOf(runId: string): Promise<readonly Layer[]> {
  const layers = (await manifestOf(runId)).layers.filter((layer) => titleOf(layer).includes("/packs/"));
  expect(layers).toHaveLength(2);
  return layers;
}

/** Puts the run "one" with further layers, and without some, under a tag, and gives its reference. */
async function withLayers(
  tag: string,
  further: readonly Layer[],
  isKept: (layer: Layer) => boolean = () => true,
): Promise<string> {
  const manifest = await manifestOf("one");
  const layers = [...manifest.layers.filter(isKept), ...further].sort((one, other) =>
    titleOf(one) < titleOf(other) ? -1 : 1,
  );
  const changed = Buffer.from(JSON.stringify({ ...manifest, layers }));
  const index = project.at("layout/index.json");
  const { manifests, ...rest } = JSON.parse(readFileSync(index, "utf8")) as {
    readonly manifests: readonly object[];
  };
  const annotations = { [TAG]: tag };
  const entry = {
    ...manifests[0],
    digest: `sha256:${put(blobs(), changed)}`,
    size: changed.length,
    annotations,
  };
  writeFileSync(index, JSON.stringify({ ...rest, manifests: [...manifests, entry] }));
  return `${layout}:${tag}`;
}

/** The code of the first fault that ranges of so many rows meet. */
async function faultOf(run: DividedRun, rows: number): Promise<string | undefined> {
  const outputs = run.outputs();
  if (!outputs.ok) return outputs.code;
  const { length } = outputs.value.claims;
  for (let from = 0; from < length; from += rows) {
    const found = await run.find(from, Math.min(from + rows, length));
    if (!found.ok) return found.code;
  }
  return undefined;
}

/** What is found of a run by ranges of so many rows, put together as another process would. */
async function foundInRanges(run: DividedRun, rows: number): Promise<OutputFindings> {
  const outputs = run.outputs();
  if (!outputs.ok) throw new Error(outputs.message);
  const { length } = outputs.value.claims;
  const columns = makeFindings(length);
  for (let from = 0; from < length; from += rows) {
    const to = Math.min(from + rows, length);
    const found = await run.find(from, to);
    if (!found.ok) throw new Error(found.message);
    const own = FindingTable.of(found.value).slice(from, to).columns;
    columns.kinds.set(own.kinds, from);
    columns.sizes.set(own.sizes, from);
    columns.digests.set(own.digests, from * 32);
  }
  return new FindingTable(columns);
}

describe("the runs of a repository", () => {
  it("are listed by their digests, and by a tag or a digest one of them", async () => {
    const listed = await listRuns({ from: layout });
    if (!listed.ok) return expect.unreachable();
    const { broken, more, others, runs } = listed.value;
    expect({ more, others, broken, ids: runs.map(({ runId }) => runId) }).toEqual({
      more: false,
      others: 0,
      broken: 0,
      ids: ["one", "two", "three"],
    });
    const [first] = runs;
    expect(await listRuns({ from: first?.reference ?? "" })).toMatchObject({ value: { runs: [first] } });
    expect(await listRuns({ from: `${layout}:none` })).toMatchObject({ code: "REGISTRY_NOT_FOUND" });
  });
});

describe("the runs of a repository, whatever the order of their tags,", () => {
  it("are in the order of their links", async () => {
    const to = `oci-layout:${project.at("ordered")}`;
    for (const [id, tag] of [
      ["three", "a"],
      ["two", "c"],
      ["one", "b"],
    ] as const) {
      const bundles = [project.at(`.runseal/runs/${id}`)];
      expect(await push({ bundles, to, tags: [tag], environment: project.env })).toMatchObject({ ok: true });
    }
    const listed = await listRuns({ from: to });
    expect(listed).toMatchObject({
      value: { runs: [{ runId: "one" }, { runId: "two" }, { runId: "three" }] },
    });
  });
});

describe("the runs of a repository that contain a file", () => {
  async function idsWith(containing: string, from = layout): Promise<unknown> {
    const listed = await listRuns({ from, containing });
    return listed.ok ? [listed.value.runs.map(({ runId }) => runId), listed.value.broken] : listed.code;
  }

  it("are found by the indexes of their packs, and by blobs of their own", async () => {
    expect(await idsWith(digestOf("content 3\n"))).toEqual([["one"], 0]);
    expect(await idsWith(digestOf("a\n"))).toEqual([["two"], 0]);
    expect(await idsWith(digestOf("large".repeat(500_000)))).toEqual([["one"], 0]);
    expect(await idsWith(digestOf("none\n"))).toEqual([[], 0]);
  });

  it("are named by what was pushed: nothing of it is checked", async () => {
    const from = await withLayers("named", await packOf("two"));
    expect(await idsWith(digestOf("a\n"), from)).toEqual([["one"], 0]);
  });

  it("count as broken where the index of a pack is not one", async () => {
    const [index] = (await packOf("one")).filter((layer) => titleOf(layer).endsWith(".idx"));
    const { digest, size } = index as Layer & { readonly digest: string; readonly size: number };
    const own = readFileSync(join(blobs(), digest.slice("sha256:".length)));
    for (const bytes of [Buffer.alloc(size, 7), own.subarray(0, 8), own.subarray(0, 39), Buffer.alloc(0)]) {
      const bad = { ...index, digest: `sha256:${put(blobs(), bytes)}`, size: bytes.length } as Layer;
      const tag = `bad-index-${bytes.length}`;
      const from = await withLayers(tag, [bad], (layer) => !titleOf(layer).endsWith(".idx"));
      expect(await idsWith(digestOf("content 3\n"), from), tag).toEqual([[], 1]);
      using run = await openReference(from);
      expect(await faultOf(run, 2), tag).toBe("CARRIED_RUN_MALFORMED");
    }
  });

  it("are asked for by 64 hex digits", async () => {
    await expect(listRuns({ from: layout, containing: "AB" })).rejects.toThrow(
      'containing must be a SHA-256 in lowercase hex, and not "AB"',
    );
  });
});

describe("a repository", () => {
  it("counts tags that lead to something else, and those whose run is broken or gone", async () => {
    const folder = project.at("mixed");
    mkdirSync(join(folder, "blobs/sha256"), { recursive: true });
    writeFileSync(join(folder, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }));
    const mediaType = "application/vnd.oci.image.manifest.v1+json";
    const config = {
      mediaType: "application/vnd.oci.empty.v1+json",
      digest: `sha256:${"1".repeat(64)}`,
      size: 2,
    };
    const image = { schemaVersion: 2, mediaType, config, layers: [] };
    const { artifactType } = await manifestOf("one");
    const manifests = [image, { ...image, artifactType }, "gone"].map((manifest, place) => {
      const bytes = Buffer.from(JSON.stringify(manifest));
      const digest = manifest === "gone" ? "2".repeat(64) : put(join(folder, "blobs/sha256"), bytes);
      const annotations = { [TAG]: `t${place}` };
      return { mediaType, digest: `sha256:${digest}`, size: bytes.length, annotations };
    });
    writeFileSync(join(folder, "index.json"), JSON.stringify({ schemaVersion: 2, manifests }));
    expect(await listRuns({ from: `oci-layout:${folder}` })).toMatchObject({
      value: { runs: [], others: 1, broken: 2 },
    });
  });
});

/** The verdict on a run by what is found of it. */
async function verdictOn(runId: string, trust?: TrustSpec): Promise<RunVerdict> {
  using run = await open(runId, trust);
  const concluded = await run.conclude(await foundInRanges(run, 3));
  if (!concluded.ok) throw new Error(concluded.message);
  return concluded.value;
}

describe("the verdict on a divided run", () => {
  it("is signed as `export --format verdict` signs it", async () => {
    const opened = await openAttester({
      environment: project.env,
      now: new Date("2026-01-02T03:04:05.678Z"),
    });
    if (!opened.ok) return expect.unreachable();
    using attester = opened.value;
    const signed = await attester.attest(await verdictOn("one"));
    if (!signed.ok) return expect.unreachable();
    const trust = project.at("signers.txt");
    await project.done(["export", "one", "--format", "verdict", "-o", "one.json", "--trust", trust]);
    const statementOf = (envelope: string): object => {
      const { payload } = JSON.parse(envelope) as { readonly payload: string };
      return JSON.parse(Buffer.from(payload, "base64").toString()) as object;
    };
    const { predicate, ...named } = statementOf(readFileSync(project.at("one.json"), "utf8")) as {
      readonly predicate: object;
    };
    expect(statementOf(Buffer.from(signed.value).toString())).toEqual({
      ...named,
      predicate: {
        ...predicate,
        timeCreated: "2026-01-02T03:04:05Z",
        verifier: {
          id: expect.stringMatching(/runseal\/v\//),
          policies: [{ name: "trust-file", digest: { sha256: digestOf(readFileSync(trust, "utf8")) } }],
        },
        // A registry has nothing to compare a tree with.
        properties: [
          "RUNSEAL_BUNDLE_ACCEPTED",
          "RUNSEAL_SIGNER_TRUSTED",
          "RUNSEAL_OUTPUTS_READ_IN_REGISTRY",
          "RUNSEAL_SIGNED_BY_SEALER",
        ],
      },
    });
  });

  it("is not signed unless a policy trusts the signer", async () => {
    const other = { keys: ["ab".repeat(32)] };
    const opened = await openAttester({ environment: project.env });
    if (!opened.ok) return expect.unreachable();
    using attester = opened.value;
    const verdicts = [await verdictOn("one", "any-signer"), await verdictOn("one", other), {} as RunVerdict];
    for (const verdict of verdicts)
      await expect(attester.attest(verdict)).rejects.toThrow(
        "verdict must be of an accepted run whose signer a policy trusts",
      );
  });

  it("is not signed where a row was not found", async () => {
    using run = await open("one");
    const { columns } = FindingTable.of(await foundInRanges(run, 100));
    columns.kinds.fill(FINDING_KINDS.missing, 3, 4);
    const rejected = await run.conclude(new FindingTable(columns));
    if (!rejected.ok) return expect.unreachable();
    const opened = await openAttester({ environment: project.env });
    if (!opened.ok) return expect.unreachable();
    using attester = opened.value;
    await expect(attester.attest(rejected.value)).rejects.toThrow("must be of an accepted run");
  });
});

describe("a divided run", () => {
  it.each([1, 3, 100])("is accepted by what ranges of %i rows found", async (rows) => {
    using run = await open("one");
    const concluded = await run.conclude(await foundInRanges(run, rows));
    expect(concluded).toMatchObject({
      ok: true,
      value: {
        verdict: { ok: true, value: { runId: "one" } },
        trust: { ok: true, code: "OK" },
        source: "registry",
      },
    });
  });

  it("is concluded by a process that hashed nothing", async () => {
    using hashing = await open("one");
    const findings = await foundInRanges(hashing, 4);
    using run = await open("one");
    expect(await run.conclude(findings)).toMatchObject({ value: { verdict: { ok: true } } });
  });

  it("is rejected where a row was not found, or said to be another file", async () => {
    using run = await open("one");
    const codeOf = async (change: (columns: ReturnType<typeof makeFindings>) => void): Promise<string> => {
      const { columns } = FindingTable.of(await foundInRanges(run, 100));
      change(columns);
      const concluded = await run.conclude(new FindingTable(columns));
      if (!concluded.ok || concluded.value.verdict.ok) return "OK";
      return concluded.value.verdict.code;
    };
    expect(await codeOf(({ kinds }) => kinds.fill(FINDING_KINDS.missing, 3, 4))).toBe("OUTPUT_MISSING");
    expect(await codeOf(({ digests }) => digests.fill(0, 32, 64))).toBe("HASH_MISMATCH");
    expect(await codeOf(({ sizes }) => sizes.fill(9, 3, 4))).toBe("PAYLOAD_MISMATCH");
    expect(await codeOf(() => undefined)).toBe("OK");
  });

  it("weighs an output in a blob of its own by its bytes, and the others alike", async () => {
    using run = await open("one");
    const outputs = run.outputs();
    if (!outputs.ok) return expect.unreachable();
    const [first, ...others] = outputs.value.weights;
    expect(others.at(-1)).toBe(2_500_000);
    expect(new Set(others.slice(0, -1))).toEqual(new Set([first]));
  });

  it("has a signer who is trusted by the content of a trust file alone", async () => {
    const bytes = Buffer.from(`bob runseal-ed25519 ${"ab".repeat(32)}\n`);
    using run = await open("two", { contents: [{ label: "others", bytes }] });
    expect(await run.conclude(await foundInRanges(run, 1))).toMatchObject({
      value: { verdict: { ok: true }, trust: { ok: false, code: "SIGNER_UNKNOWN" } },
    });
    const bad = { contents: [{ label: "bad", bytes: Buffer.from("alice\n") }] };
    const opened = await openRun({ from: `${layout}:r`, trust: bad, environment: project.env });
    expect(opened).toMatchObject({
      ok: false,
      code: "TRUST_FILE_MALFORMED",
      details: { file: "bad", line: 1 },
    });
  });

  it("is refused for a blob that is not an output, which no range would read", async () => {
    const bytes = Buffer.from("not an output\n");
    const object = put(blobs(), bytes);
    const title = `.runseal/objects/${object.slice(0, 2)}/${object.slice(2)}`;
    const annotations = { "org.opencontainers.image.title": title };
    const mediaType = "application/vnd.runseal.object.v1";
    const layer = { mediaType, digest: `sha256:${object}`, size: bytes.length, annotations };
    const from = await withLayers("object", [layer]);
    using more = await openReference(from);
    expect(more.outputs()).toMatchObject({ ok: false, code: "CARRIED_RUN_MALFORMED" });
    expect(await project.json(["verify", from, "--any-signer"])).toMatchObject({
      code: "CARRIED_RUN_MALFORMED",
    });
  });

  it("is refused for a pack of other outputs, however it is cut", async () => {
    // Without the large output, so that the blobs together are no more than the bundle declares.
    const isSmall = (layer: Layer): boolean => !titleOf(layer).includes("/objects/");
    const from = await withLayers("pack", await packOf("two"), isSmall);
    expect(await project.json(["verify", from, "--any-signer"])).toMatchObject({
      code: "CARRIED_RUN_MALFORMED",
    });
    for (const rows of [1, 3, 100]) {
      using more = await openReference(from);
      expect(await faultOf(more, rows), String(rows)).toBe("CARRIED_RUN_MALFORMED");
    }
  });

  it("is refused before a range is read where its blobs hold more than the bundle declares", async () => {
    const from = await withLayers("large", await packOf("three"));
    using more = await openReference(from);
    expect(more.outputs()).toMatchObject({ ok: false, code: "CARRIED_RUN_MALFORMED" });
  });

  it("hashes rows that it has, and refuses other numbers", async () => {
    using run = await open("one");
    const outputs = run.outputs();
    if (!outputs.ok) return expect.unreachable();
    const { length } = outputs.value.claims;
    for (const [from, to] of [
      [-1, 1],
      [2, 1],
      [0, length + 1],
      [0.5, 2],
      [0, Number.NaN],
    ] as const)
      await expect(run.find(from, to), `${from} ${to}`).rejects.toThrow(TypeError);
  });

  it("keeps each file of its bundle for the key of the verdict", async () => {
    using run = await open("one");
    expect([...run.files.keys()].sort()).toEqual([
      "OUTPUT_HASHES.json",
      "OUTPUT_TREE.json",
      "PROOF.json",
      "SIGNATURE.json",
      "SIGNED_PAYLOAD.json",
      "STATUS.json",
      "TASK_SPEC.json",
      "VALIDATOR_IDENTITY.json",
    ]);
  });
});
