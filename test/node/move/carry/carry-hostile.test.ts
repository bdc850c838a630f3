/** Repositories that hold something else than a push put there. */

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { restoreCarried } from "../../../../src/node/back/restore/restore-bundle.ts";
import { reportOnRuns } from "../../../../src/node/judge/verify/verify-bundle-files.ts";
import { deciderFor } from "../../../../src/node/keys/trust/whom-to-trust.ts";
import { DividedRun } from "../../../../src/node/move/carry/divided-run.ts";
import { listRepository, MAX_LISTED_BYTES } from "../../../../src/node/move/carry/list-repository.ts";
import { openOwnRun } from "../../../../src/node/move/carry/project-run.ts";
import { pullRun } from "../../../../src/node/move/carry/pull-run.ts";
import { pushRun } from "../../../../src/node/move/carry/push-run.ts";
import { RegistrySource } from "../../../../src/node/move/carry/registry-source.ts";
import type { Repository } from "../../../../src/node/move/registry/repository.ts";
import { makeProjectWithKey, type Project } from "../../../support/command/cli.ts";
import { makeFolder, removeTree } from "../../../support/files/tree.ts";
import { type MemoryRepository, memoryRepository } from "../../../support/registry/memory-repository.ts";

const MIB = 1024 * 1024;

interface Layer {
  digest: string;
  size: number;
  mediaType: string;
  annotations: Record<string, string>;
}

interface ManifestJson {
  artifactType: string;
  layers: Layer[];
  annotations: Record<string, string>;
}

let project: Project;
let pushed: MemoryRepository;
let digest: string;

beforeAll(async () => {
  project = await makeProjectWithKey({});
  mkdirSync(project.at("out"));
  for (let file = 0; file < 1500; file++)
    writeFileSync(project.at(`out/small-${file}`), `${file} `.repeat(300));
  writeFileSync(project.at("out/large"), Buffer.alloc(2 * MIB, "large"));
  await project.done(["seal", "out", "--id", "one"]);
  pushed = memoryRepository();
  digest = await push(pushed);
});
afterAll(() => project[Symbol.dispose]());

async function push(repository: MemoryRepository): Promise<string> {
  const place = { bundle: project.at(".runseal/runs/one"), root: project.root, home: project.root };
  const run = await openOwnRun(place);
  if (!run.ok) throw new Error(run.code);
  using _ = run.value.outputs;
  const sent = await pushRun(run.value, { repository, tags: ["v1"] });
  if (!sent.ok) throw new Error(sent.message);
  return sent.value.digest;
}

/** A copy of the repository, with another manifest and other blobs under the tag. */
function changed(change: (manifest: ManifestJson, blobs: Map<string, Buffer>) => void): MemoryRepository {
  const copy = memoryRepository();
  for (const [name, bytes] of pushed.blobs) copy.blobs.set(name, bytes);
  const stored = pushed.manifests.get(digest);
  const manifest = JSON.parse(Buffer.from(stored?.bytes ?? []).toString()) as ManifestJson;
  change(manifest, copy.blobs);
  void copy.putManifest(
    { bytes: Buffer.from(JSON.stringify(manifest)), mediaType: stored?.mediaType ?? "" },
    "v1",
  );
  return copy;
}

function layerOf(manifest: ManifestJson, ending: string): Layer {
  const found = manifest.layers.find(({ annotations }) => titleOf(annotations).endsWith(ending));
  if (found === undefined) throw new Error(`no layer ${ending}`);
  return found;
}

function titleOf(annotations: Record<string, string>): string {
  return annotations["org.opencontainers.image.title"] ?? "";
}

/** Puts other bytes in the place of a layer's, under their own digest. */
function replace(layer: Layer, blobs: Map<string, Buffer>, change: (bytes: Buffer) => Buffer): void {
  const bytes = change(Buffer.from(blobs.get(layer.digest.slice(7)) ?? []));
  const name = createHash("sha256").update(bytes).digest("hex");
  blobs.set(name, bytes);
  layer.digest = `sha256:${name}`;
  layer.size = bytes.length;
}

async function pull(repository: MemoryRepository, into: string): Promise<string> {
  const source = new RegistrySource({ repository, address: { tag: "v1" } });
  const pulled = await pullRun({ source, shown: "v1", into, refuseSigner: () => undefined });
  return pulled.ok ? "OK" : pulled.code;
}

/** Pulls into a new folder: the code, and whether the run is there. */
async function pulledInto(repository: MemoryRepository): Promise<readonly [code: string, isThere: boolean]> {
  const folder = makeFolder();
  try {
    const code = await pull(repository, folder);
    return [code, existsSync(join(folder, ".runseal/runs/one"))];
  } finally {
    removeTree(folder);
  }
}

async function verified(repository: MemoryRepository): Promise<string> {
  const source = new RegistrySource({ repository, address: { tag: "v1" } });
  const reports = await reportOnRuns(source, {});
  if (!reports.ok) return reports.code;
  const [report] = reports.value;
  return report?.verdict.ok === true ? "OK" : (report?.verdict.code ?? "");
}

/** Gives a layer another title. */
function retitle(layer: Layer, title: string): void {
  layer.annotations["org.opencontainers.image.title"] = title;
}

function objectOf(manifest: ManifestJson): Layer {
  const found = manifest.layers.find(({ annotations }) => titleOf(annotations).includes("/objects/"));
  if (found === undefined) throw new Error("the run has a large output");
  return found;
}

/** Takes layers away by what their titles hold. */
function drop(manifest: ManifestJson, part: string): void {
  manifest.layers = manifest.layers.filter(({ annotations }) => !titleOf(annotations).includes(part));
}

const MALFORMED: Readonly<Record<string, Parameters<typeof changed>[0]>> = {
  "is of another artifact type": (manifest) => {
    manifest.artifactType = "application/vnd.other.v1+json";
  },
  "names no run": (manifest) => {
    delete manifest.annotations["vnd.runseal.run-id"];
  },
  "names a run above its folder": (manifest) => {
    manifest.annotations["vnd.runseal.run-id"] = "..";
  },
  "names another run": (manifest) => {
    manifest.annotations["vnd.runseal.run-id"] = "two";
  },
  "names another bundle root": (manifest) => {
    manifest.annotations["vnd.runseal.bundle-root"] = "0".repeat(64);
  },
  "has its layers in another order": (manifest) => {
    manifest.layers.reverse();
  },
  "has a layer twice": (manifest) => {
    manifest.layers.unshift(...manifest.layers.slice(0, 1));
  },
  "has a layer with a path that leads out": (manifest) => retitle(layerOf(manifest, "STATUS.json"), "../x"),
  "has a file beside the artifacts": (manifest) =>
    retitle(layerOf(manifest, "OUTPUT_TREE.json"), ".runseal/runs/one/OUTPUT_TREF.json"),
  "has a pack without an index": (manifest) => drop(manifest, ".idx"),
  "has an object under another name": (manifest, blobs) =>
    replace(objectOf(manifest), blobs, (bytes) => bytes.fill("other")),
  "has a pack whose record has other bytes": (manifest, blobs) =>
    replace(layerOf(manifest, ".pack"), blobs, (bytes) => {
      bytes[100] = (bytes[100] ?? 0) ^ 1;
      return bytes;
    }),
  "has a pack that is cut": (manifest, blobs) =>
    replace(layerOf(manifest, ".pack"), blobs, (bytes) => bytes.subarray(0, -60)),
  "has a pack with bytes behind its end": (manifest, blobs) =>
    replace(layerOf(manifest, ".pack"), blobs, (bytes) => Buffer.concat([bytes, Buffer.from("x")])),
  "has a pack that is empty": (manifest, blobs) =>
    replace(layerOf(manifest, ".pack"), blobs, () => Buffer.alloc(0)),
};

describe("a manifest that", () => {
  it.each(Object.entries(MALFORMED))("%s is refused, and nothing appears", async (_what, change) => {
    const repository = changed(change);
    expect(await pulledInto(repository)).toEqual(["CARRIED_RUN_MALFORMED", false]);
    expect(await verified(repository)).toBe("CARRIED_RUN_MALFORMED");
  });

  it("lacks an output is rejected by phase 9, and nothing appears", async () => {
    const repository = changed((manifest) => drop(manifest, "/objects/"));
    expect(await pulledInto(repository)).toEqual(["OUTPUT_MISSING", false]);
    expect(await verified(repository)).toBe("OUTPUT_MISSING");
  });

  it("lacks an artifact is rejected by phase 1", async () => {
    const repository = changed((manifest) => drop(manifest, "PROOF.json"));
    expect(await pulledInto(repository)).toEqual(["ARTIFACT_MISSING", false]);
  });

  it("carries more bytes than the bundle declares is refused before they are fetched", async () => {
    const repository = changed((manifest) => {
      objectOf(manifest).size = 1024 ** 4;
    });
    repository.traffic.whole.length = 0;
    expect(await pulledInto(repository)).toEqual(["CARRIED_RUN_MALFORMED", false]);
    expect(repository.traffic.read).toBeLessThan(MIB);
  });
});

describe("a pull that breaks off", () => {
  it("leaves no run, and the next one fetches only what is missing", async () => {
    const folder = makeFolder();
    try {
      const breaking = changed((_manifest, blobs) => {
        for (const [name, bytes] of blobs)
          if (bytes.subarray(0, 6).toString() === "RSPACK") blobs.delete(name);
      });
      expect(await pull(breaking, folder)).toBe("REGISTRY_NOT_FOUND");
      expect(existsSync(join(folder, ".runseal/runs/one"))).toBe(false);
      const whole = changed(() => undefined);
      expect(await pull(whole, folder)).toBe("OK");
      const large = createHash("sha256")
        .update(Buffer.alloc(2 * MIB, "large"))
        .digest("hex");
      expect(whole.traffic.whole).not.toContain(large);
    } finally {
      removeTree(folder);
    }
  });
});

describe("a restore of one file from a registry", () => {
  async function restoreOne(repository: MemoryRepository): Promise<string> {
    const folder = makeFolder();
    try {
      const source = new RegistrySource({ repository, address: { tag: "v1" } });
      const target = join(folder, "to");
      mkdirSync(target);
      const restored = await restoreCarried({
        source,
        target,
        trust: "any-signer",
        only: ["out/small-7"],
        environment: project.env,
      });
      if (restored.ok) return readFileSync(join(target, "out/small-7"), "utf8");
      return restored.operation?.code ?? restored.code;
    } finally {
      removeTree(folder);
    }
  }

  it("reads the bundle, and less than a hundredth of the outputs", async () => {
    const repository = changed(() => undefined);
    const files = ["OUTPUT_HASHES", "TASK_SPEC", "STATUS", "PROOF", "OUTPUT_TREE", "OUTPUTS_ROOT"];
    const manifest = JSON.parse(
      Buffer.from(repository.manifests.get(digest)?.bytes ?? []).toString(),
    ) as ManifestJson;
    const bundle = files.reduce((sum, name) => sum + layerOf(manifest, `${name}.json`).size, 2048);
    const all = [...repository.blobs.values()].reduce((sum, { length }) => sum + length, 0);
    expect(await restoreOne(repository)).toBe("7 ".repeat(300));
    expect(repository.traffic.read).toBeLessThan(bundle + all / 100);
  });

  it("is refused where the index of a pack leads to another record", async () => {
    const repository = changed((manifest, blobs) =>
      replace(layerOf(manifest, ".idx"), blobs, (bytes) => {
        // The offset of each entry.
        for (let at = 1068; at < bytes.length - 32; at += 48) bytes.writeUIntLE(16, at + 32, 6);
        return bytes;
      }),
    );
    expect(await restoreOne(repository)).toBe("CARRIED_RUN_MALFORMED");
  });

  it("is refused where the index of a pack is of another length", async () => {
    const repository = changed((manifest, blobs) =>
      replace(layerOf(manifest, ".idx"), blobs, (bytes) => bytes.subarray(0, -48)),
    );
    expect(await restoreOne(repository)).toBe("CARRIED_RUN_MALFORMED");
  });
});

describe("a run that is hashed in ranges", () => {
  const ROWS = 1501;

  async function open(repository: Repository): Promise<DividedRun> {
    const decide = deciderFor("any-signer");
    const opened = await DividedRun.open(repository, { tag: "v1" }, { policy: undefined, decide });
    if (!opened.ok) throw new Error(opened.message);
    expect(opened.value.outputs()).toMatchObject({ ok: true, value: { claims: { length: ROWS } } });
    return opened.value;
  }

  /** The codes of both halves, one after the other. */
  async function halves(repository: Repository): Promise<readonly string[]> {
    using run = await open(repository);
    const codes: string[] = [];
    for (const [from, to] of [
      [700, ROWS],
      [0, 700],
    ] as const) {
      const found = await run.find(from, to);
      codes.push(found.ok ? "OK" : found.code);
    }
    return codes;
  }

  function indexReads({ blobs, traffic }: MemoryRepository): number {
    return traffic.whole.filter((digest) => blobs.get(digest)?.subarray(0, 4).toString() === "RSIX").length;
  }

  it("has the index of its pack read once while it is open, whatever ranges are hashed at the same time", async () => {
    const repository = changed(() => undefined);
    expect(await halves(repository)).toEqual(["OK", "OK"]);
    expect(indexReads(repository)).toBe(1);
    using run = await open(repository);
    const found = await Promise.all([run.find(0, 700), run.find(700, ROWS), run.find(1, 2)]);
    expect(found.map(({ ok }) => ok)).toEqual([true, true, true]);
    expect(indexReads(repository)).toBe(2);
  });

  it("hashes its ranges although a caller who was reading the index gave up", async () => {
    const repository = changed(() => undefined);
    let isFirst = false;
    using run = await open({
      ...repository,
      readRange: async (...read) => {
        if (isFirst) {
          isFirst = false;
          await Promise.resolve();
          throw new Error("interrupted");
        }
        return await repository.readRange(...read);
      },
    });
    isFirst = true;
    const [first, second] = await Promise.allSettled([run.find(800, 900), run.find(900, ROWS)]);
    expect([first.status, second.status]).toEqual(["rejected", "fulfilled"]);
    expect(second).toMatchObject({ value: { ok: true } });
  });

  const BROKEN: Readonly<Record<string, Parameters<typeof changed>[0]>> = {
    "the index of a pack leads to another record": (manifest, blobs) =>
      replace(layerOf(manifest, ".idx"), blobs, (bytes) => leadTo(bytes, 16)),
    "the index of a pack leads beyond it": (manifest, blobs) =>
      replace(layerOf(manifest, ".idx"), blobs, (bytes) => leadTo(bytes, 2 ** 40)),
    "the index of a pack is of another length": (manifest, blobs) =>
      replace(layerOf(manifest, ".idx"), blobs, (bytes) => bytes.subarray(0, -48)),
  };

  /** Gives the entries of an index another offset, and the index its checksum. */
  function leadTo(bytes: Buffer, offset: number): Buffer {
    for (let at = 1068; at < bytes.length - 32; at += 48) bytes.writeUIntLE(offset, at + 32, 6);
    createHash("sha256")
      .update(bytes.subarray(0, -32))
      .digest()
      .copy(bytes, bytes.length - 32);
    return bytes;
  }

  it.each(Object.entries(BROKEN))("is malformed where %s", async (_what, change) => {
    expect(await halves(changed(change))).toEqual(["CARRIED_RUN_MALFORMED", "CARRIED_RUN_MALFORMED"]);
  });

  it("is malformed in the range of a record with other bytes, and in no other", async () => {
    const repository = changed((manifest, blobs) =>
      replace(layerOf(manifest, ".pack"), blobs, (bytes) => {
        bytes[100] = (bytes[100] ?? 0) ^ 1;
        return bytes;
      }),
    );
    expect((await halves(repository)).toSorted()).toEqual(["CARRIED_RUN_MALFORMED", "OK"]);
  });
});

describe("a repository with large manifests", () => {
  it("is listed as far as they fit into memory, and the list says so", async () => {
    const repository = memoryRepository();
    for (const [name, bytes] of pushed.blobs) repository.blobs.set(name, bytes);
    const { bytes, mediaType } = pushed.manifests.get(digest) ?? { bytes: Buffer.alloc(0), mediaType: "" };
    const large = 4 * MIB - 1024;
    const count = Math.ceil(MAX_LISTED_BYTES / large) + 2;
    for (let tag = 0; tag < count; tag++) {
      const blanks = Buffer.alloc(large + tag - bytes.length, " ");
      await repository.putManifest({ bytes: Buffer.concat([bytes, blanks]), mediaType }, `v${tag}`);
    }
    const listed = await listRepository(repository, {});
    expect(listed).toMatchObject({ ok: true, value: { more: true, others: 0 } });
    const runs = listed.ok ? listed.value.runs.size : 0;
    expect(runs).toBeGreaterThan(0);
    expect(runs * large).toBeLessThanOrEqual(MAX_LISTED_BYTES);
  });
});
