/** OCI layouts on disk: what runseal writes there, and what a stranger may have put there. */

import { randomBytes } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type BlobName, MANIFEST_TYPE, plainDescriptor } from "../../../../src/core/internal.ts";
import { openLayout } from "../../../../src/node/move/registry/layout/layout-repository.ts";
import type { Repository } from "../../../../src/node/move/registry/repository.ts";
import { Interruption } from "../../../../src/node/system/runtime/interruption.ts";
import { hasTool, runTool } from "../../../support/evidence/real-tools.ts";
import { ociDigestOf } from "../../../support/registry/model-registry.ts";
import {
  blobOf,
  digestOf,
  EMPTY_CONFIG,
  manifestOf,
  outcome,
  readBytes,
} from "../../../support/registry/registry-scene.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "runseal-layout-"));
  path = join(folder, "layout");
});
afterEach(() => rmSync(folder, { recursive: true }));

function open(makes = true): Repository {
  const opened = openLayout({ kind: "layout", path }, { makes });
  if (!opened.ok) throw new Error(opened.message);
  return opened.value;
}

function tryOpen(makes = false): string {
  const opened = openLayout({ kind: "layout", path }, { makes });
  if (opened.ok) opened.value[Symbol.dispose]();
  return outcome(opened);
}

const BYTES = randomBytes(600_000);
const BLOB = blobOf(BYTES);

/** Where a blob is. */
function blobPath({ digest }: BlobName): string {
  return join(path, "blobs/sha256", digest);
}

/** Makes a layout with a manifest over one blob, tagged v1. */
async function make(): Promise<Buffer> {
  using layout = open();
  await layout.putBlob(BLOB);
  await layout.putBlob(EMPTY_CONFIG);
  const bytes = manifestOf([BLOB]);
  expect(outcome(await layout.putManifest({ bytes, mediaType: MANIFEST_TYPE }, "v1"))).toBe("ok");
  return bytes;
}

describe("a layout", () => {
  it("has the three parts of the specification, and nothing else", async () => {
    await make();
    expect(readdirSync(path).sort()).toEqual(["blobs", "index.json", "ingest", "oci-layout"]);
    expect(readdirSync(join(path, "ingest"))).toEqual([]);
    expect(JSON.parse(readFileSync(join(path, "oci-layout"), "utf8"))).toEqual({
      imageLayoutVersion: "1.0.0",
    });
    const { manifests } = JSON.parse(readFileSync(join(path, "index.json"), "utf8"));
    expect(manifests).toMatchObject([
      {
        mediaType: MANIFEST_TYPE,
        artifactType: "application/vnd.runseal.bundle.v1+json",
        annotations: { "org.opencontainers.image.ref.name": "v1" },
      },
    ]);
  });

  it("gives back what was put, whole and in parts", async () => {
    const manifest = await make();
    using layout = open(false);
    expect(await readBytes(layout, BLOB)).toBe(ociDigestOf(BYTES));
    const range = { offset: 300_000, length: 100 };
    expect(await readBytes(layout, BLOB, range)).toBe(ociDigestOf(BYTES.subarray(300_000, 300_100)));
    const digest = digestOf(manifest);
    const stored = { ok: true, value: { digest, mediaType: MANIFEST_TYPE } };
    expect(await layout.readManifest({ tag: "v1" })).toMatchObject(stored);
    expect(await layout.readManifest({ digest })).toMatchObject(stored);
  });

  it("lists its tags, of which each leads to one manifest", async () => {
    await make();
    using layout = open(false);
    const other = manifestOf([]);
    await layout.putManifest({ bytes: other, mediaType: MANIFEST_TYPE }, "v1");
    await layout.putManifest({ bytes: other, mediaType: MANIFEST_TYPE }, "v2");
    await layout.putManifest({ bytes: other, mediaType: MANIFEST_TYPE }, "v2");
    expect(await layout.listTags()).toEqual({ ok: true, value: { items: ["v1", "v2"], more: false } });
    expect(await layout.readManifest({ tag: "v1" })).toMatchObject({ value: { digest: digestOf(other) } });
  });

  it("lists the referrers of a manifest by their subjects", async () => {
    const subject = await make();
    using layout = open(false);
    const name = { digest: digestOf(subject), size: subject.length };
    const bytes = manifestOf([], name);
    const descriptor = plainDescriptor(MANIFEST_TYPE, digestOf(bytes), bytes.length);
    expect(outcome(await layout.putReferrer(name.digest, descriptor, bytes))).toBe("ok");
    expect(await layout.listReferrers(name.digest)).toEqual({
      ok: true,
      value: {
        items: [{ ...descriptor, artifactType: "application/vnd.runseal.bundle.v1+json" }],
        more: false,
      },
    });
    expect(await layout.listReferrers(descriptor.digest)).toEqual({
      ok: true,
      value: { items: [], more: false },
    });
    // It has no tag.
    expect(await layout.listTags()).toEqual({ ok: true, value: { items: ["v1"], more: false } });
  });

  it("lists them although other manifests of the layout are gone, or were exchanged", async () => {
    const subject = await make();
    using layout = open(false);
    const name = { digest: digestOf(subject), size: subject.length };
    const [gone, exchanged, bytes] = ["gone", "exchanged", "kept"].map((tag) =>
      manifestOf([], { digest: digestOf(Buffer.from(tag)), size: 1 }),
    ) as [Buffer, Buffer, Buffer];
    for (const other of [gone, exchanged, bytes])
      await layout.putManifest({ bytes: other, mediaType: MANIFEST_TYPE }, undefined);
    rmSync(blobPath({ digest: digestOf(gone), size: 0 }));
    writeFileSync(blobPath({ digest: digestOf(exchanged), size: 0 }), "{}");
    const own = manifestOf([], name);
    const descriptor = plainDescriptor(MANIFEST_TYPE, digestOf(own), own.length);
    await layout.putReferrer(name.digest, descriptor, own);
    const listed = await layout.listReferrers(name.digest);
    expect(listed).toMatchObject({ value: { items: [{ digest: descriptor.digest }] } });
  });

  it("keeps both tags of two commands that write at the same moment", async () => {
    await make();
    const manifests = Array.from({ length: 8 }, (_, row) =>
      manifestOf(Array.from({ length: row }, () => EMPTY_CONFIG)),
    );
    await Promise.all(
      manifests.map(async (bytes, row) => {
        using layout = open(false);
        expect(outcome(await layout.putManifest({ bytes, mediaType: MANIFEST_TYPE }, `t${row}`))).toBe("ok");
      }),
    );
    using layout = open(false);
    const tags = await layout.listTags();
    expect(tags.ok && [...tags.value.items].sort()).toEqual([
      "t0",
      "t1",
      "t2",
      "t3",
      "t4",
      "t5",
      "t6",
      "t7",
      "v1",
    ]);
  });

  it("is made where nothing is, or where a killed command began one, and nowhere else", async () => {
    expect(tryOpen(false)).toBe("REGISTRY_NOT_FOUND layout");
    expect(existsSync(path)).toBe(false);
    mkdirSync(join(path, "blobs"), { recursive: true });
    expect(tryOpen(false)).toBe("REGISTRY_NOT_FOUND layout");
    expect(tryOpen(true)).toBe("ok");
    rmSync(path, { recursive: true });
    mkdirSync(path);
    writeFileSync(join(path, "thesis.tex"), "");
    expect(tryOpen(true)).toBe("REGISTRY_NOT_FOUND layout");
    expect(readdirSync(path)).toEqual(["thesis.tex"]);
  });

  it("loses what a killed command left after a day, and not before", async () => {
    await make();
    const left = ["runseal-0123456789abcdef", "runseal-fedcba9876543210", "of-others"].map((name) =>
      join(path, "ingest", name),
    );
    for (const file of left) writeFileSync(file, "x");
    for (const file of [left[0], left[2]]) utimesSync(file ?? "", 1, 1);
    using layout = open(false);
    await layout.putBlob(blobOf(Buffer.from("new")));
    expect(readdirSync(join(path, "ingest")).sort()).toEqual(["of-others", "runseal-fedcba9876543210"]);
  });

  it("has no part of a blob whose source changed, or that was interrupted", async () => {
    await make();
    using layout = open(false);
    const changed = { ...blobOf(randomBytes(100)), digest: digestOf(Buffer.from("before")) };
    expect(outcome(await layout.putBlob(changed))).toBe("CHANGED_WHILE_READ");
    const longer = { ...changed, size: 50 };
    expect(outcome(await layout.putBlob(longer))).toBe("CHANGED_WHILE_READ");
    const interrupt = new AbortController();
    const new1 = blobOf(randomBytes(5000));
    const sent = (): void => interrupt.abort();
    await expect(layout.putBlob(new1, { sent, signal: interrupt.signal })).rejects.toThrow(Interruption);
    expect(readdirSync(join(path, "ingest"))).toEqual([]);
    expect(existsSync(blobPath(changed))).toBe(false);
    expect(existsSync(blobPath(new1))).toBe(false);
  });

  it("has a blob of the wrong size written anew", async () => {
    await make();
    truncateSync(blobPath(BLOB), 10);
    using layout = open(false);
    expect(await readBytes(layout, BLOB)).toBe("REGISTRY_MALFORMED size");
    expect(outcome(await layout.putBlob(BLOB))).toBe("ok");
    expect(await readBytes(layout, BLOB)).toBe(ociDigestOf(BYTES));
  });
});

function replaceByFolder(address: string): void {
  rmSync(address);
  mkdirSync(address);
}

describe("a stranger's layout", () => {
  const INDEX = (members: object): string => JSON.stringify({ schemaVersion: 2, manifests: [], ...members });

  const VERSIONS: readonly (readonly [string, string])[] = [
    ["another version", '{"imageLayoutVersion":"2.0.0"}'],
    ["no version", "{}"],
    ["a version twice", '{"imageLayoutVersion":"1.0.0","imageLayoutVersion":"1.0.0"}'],
    ["no JSON", "1.0.0"],
    ["a version without end", " ".repeat(5000)],
  ];
  it.each(VERSIONS)("with %s is refused", async (_what, text) => {
    await make();
    writeFileSync(join(path, "oci-layout"), text);
    expect(tryOpen()).toBe("REGISTRY_MALFORMED version");
  });

  it.each(["oci-layout", "blobs", "blobs/sha256"])("whose %s is a link is refused", async (name) => {
    await make();
    renameSync(join(path, name), join(folder, "moved"));
    symlinkSync(join(folder, "moved"), join(path, name));
    expect(tryOpen()).toBe(`REGISTRY_MALFORMED ${name === "oci-layout" ? "version" : "blobs"}`);
    expect(tryOpen(true)).toBe(`REGISTRY_MALFORMED ${name === "oci-layout" ? "version" : "blobs"}`);
  });

  const INDEXES: readonly (readonly [string, string])[] = [
    ["that is not JSON", "["],
    ["with members twice", '{"schemaVersion":2,"manifests":[],"manifests":[]}'],
    ["of 5 MiB", INDEX({ x: "x".repeat(5 * 2 ** 20) })],
    ["with an entry that names nothing", INDEX({ manifests: [{}] })],
  ];
  it.each(INDEXES)("with an index %s is refused, and the index stays", async (_what, text) => {
    const manifest = await make();
    writeFileSync(join(path, "index.json"), text);
    using layout = open(false);
    expect(outcome(await layout.readManifest({ tag: "v1" }))).toBe("REGISTRY_MALFORMED index");
    expect(outcome(await layout.listTags())).toBe("REGISTRY_MALFORMED index");
    expect(outcome(await layout.listReferrers(digestOf(manifest)))).toBe("REGISTRY_MALFORMED index");
    const put = await layout.putManifest({ bytes: manifest, mediaType: MANIFEST_TYPE }, "v2");
    expect(outcome(put)).toBe("REGISTRY_MALFORMED index");
    expect(readFileSync(join(path, "index.json"), "utf8")).toBe(text);
  });

  it("whose index is a link is refused, and nothing is written through it", async () => {
    const manifest = await make();
    renameSync(join(path, "index.json"), join(folder, "index"));
    symlinkSync("../index", join(path, "index.json"));
    const before = readFileSync(join(folder, "index"), "utf8");
    using layout = open(false);
    expect(outcome(await layout.readManifest({ tag: "v1" }))).toBe("REGISTRY_MALFORMED index");
    const put = await layout.putManifest({ bytes: manifest, mediaType: MANIFEST_TYPE }, "v2");
    expect(outcome(put)).toBe("REGISTRY_MALFORMED index");
    expect(readFileSync(join(folder, "index"), "utf8")).toBe(before);
  });

  it("in which a tag leads to two manifests is refused", async () => {
    await make();
    const index = JSON.parse(readFileSync(join(path, "index.json"), "utf8"));
    writeFileSync(
      join(path, "index.json"),
      JSON.stringify({ ...index, manifests: [...index.manifests, ...index.manifests] }),
    );
    using layout = open(false);
    expect(outcome(await layout.readManifest({ tag: "v1" }))).toBe("REGISTRY_MALFORMED tag");
  });

  const BLOBS: readonly (readonly [string, (address: string) => void, string])[] = [
    ["is missing", (address) => rmSync(address), "REGISTRY_NOT_FOUND content"],
    ["is a folder", replaceByFolder, "REGISTRY_MALFORMED blob"],
    [
      "is a link to the right bytes",
      (address) => {
        renameSync(address, `${address}.moved`);
        symlinkSync(`${address}.moved`, address);
      },
      "REGISTRY_MALFORMED blob",
    ],
    ["is shorter", (address) => truncateSync(address, 5), "REGISTRY_MALFORMED size"],
    ["is longer", (address) => truncateSync(address, 700_000), "REGISTRY_MALFORMED size"],
    [
      "has other bytes",
      (address) => writeFileSync(address, Buffer.alloc(BYTES.length)),
      "REGISTRY_MALFORMED digest",
    ],
  ];
  it.each(BLOBS)("whose blob %s is not believed", async (_what, damage, gives) => {
    await make();
    damage(blobPath(BLOB));
    using layout = open(false);
    expect(await readBytes(layout, BLOB)).toBe(gives);
  });

  it("whose manifest was exchanged, or is too large, is not believed", async () => {
    const manifest = await make();
    const name = { digest: digestOf(manifest), size: manifest.length };
    writeFileSync(blobPath(name), manifest.toString("utf8").replace("empty", "EMPTY"));
    using layout = open(false);
    expect(outcome(await layout.readManifest({ tag: "v1" }))).toBe("REGISTRY_MALFORMED digest");
    truncateSync(blobPath(name), 5 * 2 ** 20);
    expect(outcome(await layout.readManifest({ tag: "v1" }))).toBe("REGISTRY_MALFORMED too-large");
  });
});

describe.skipIf(!hasTool("skopeo") || !hasTool("oras"))("other tools", () => {
  it("write layouts that runseal reads, and adds to", async () => {
    writeFileSync(join(folder, "a.bin"), BYTES);
    const pushed = runTool("oras", ["push", "--oci-layout", `${path}:v1`, "a.bin"], { cwd: folder });
    expect(pushed).toMatchObject({ status: 0 });
    using layout = open(false);
    expect(await readBytes(layout, BLOB)).toBe(ociDigestOf(BYTES));
    const bytes = manifestOf([BLOB]);
    await layout.putBlob(EMPTY_CONFIG);
    expect(outcome(await layout.putManifest({ bytes, mediaType: MANIFEST_TYPE }, "v2"))).toBe("ok");
    const tags = runTool("oras", ["repo", "tags", "--oci-layout", path]);
    expect(tags).toEqual({ status: 0, text: "v1\nv2\n" });
  });

  it("attach referrers that runseal lists", async () => {
    const manifest = await make();
    const type = "application/vnd.example.note";
    const args = ["attach", "--oci-layout", `${path}:v1`, "--artifact-type", type, "--annotation", "a=b"];
    expect(runTool("oras", args)).toMatchObject({ status: 0 });
    using layout = open(false);
    const listed = await layout.listReferrers(digestOf(manifest));
    expect(listed.ok && listed.value.items.map(({ artifactType }) => artifactType)).toEqual([type]);
  });
});
