/** The client beside Debian's docker-registry, in each of the ways in which it lets users in. */

import { randomBytes } from "node:crypto";
import { afterAll, describe, expect, it } from "vitest";
import { fallbackTag, MANIFEST_TYPE, ok, plainDescriptor } from "../../src/core/internal.ts";
import { joinPassword } from "../../src/node/registry/credentials/credentials.ts";
import { DEFAULT_PATIENCE } from "../../src/node/registry/patience.ts";
import type { Repository } from "../../src/node/registry/repository.ts";
import { startCuttingProxy } from "../support/cutting-proxy.ts";
import { ociDigestOf } from "../support/model-registry.ts";
import {
  hasRegistry,
  type RealRegistry,
  Registries,
  type RegistryKind,
  USER,
} from "../support/real-registry.ts";
import {
  blobOf,
  digestOf,
  EMPTY_CONFIG,
  loggedIn,
  manifestOf,
  openAt,
  outcome,
  readBytes,
} from "../support/registry-scene.ts";

const PATIENCE = { ...DEFAULT_PATIENCE, firstPauseMs: 5, longestPauseMs: 20 };

const registries = new Registries();
const registry = (kind: RegistryKind): Promise<RealRegistry> => registries.of(kind);
afterAll(() => registries[Symbol.asyncDispose]());

async function open(kind: RegistryKind, repository = `team/${kind}`): Promise<Repository> {
  const { dockerConfig, host } = await registry(kind);
  return openAt(host, { repository, credentials: loggedIn(dockerConfig), patience: PATIENCE });
}

describe.skipIf(!hasRegistry()).each(["open", "password", "token"] as const)(
  "a %s docker-registry",
  (kind) => {
    it("gives back the bytes of a blob, whole and in parts", async () => {
      using repository = await open(kind);
      const bytes = randomBytes(300_000);
      const blob = blobOf(bytes, 70_000);
      expect(await repository.hasBlob(blob)).toEqual({ ok: true, value: false });
      expect(await repository.putBlob(blob)).toEqual({
        ok: true,
        value: { how: "uploaded", sentBytes: bytes.length },
      });
      expect(await readBytes(repository, blob)).toBe(ociDigestOf(bytes));
      expect(await readBytes(repository, blob, { offset: 1234, length: 100_000 })).toBe(
        ociDigestOf(bytes.subarray(1234, 101_234)),
      );
    });

    it("sends nothing of a blob that is there", async () => {
      using repository = await open(kind);
      const blob = blobOf(randomBytes(5000));
      await repository.putBlob(blob);
      expect(await repository.putBlob(blob)).toEqual({ ok: true, value: { how: "present", sentBytes: 0 } });
    });

    it("finds a manifest by tag and by digest, and lists its tag", async () => {
      using repository = await open(kind, `team/tags-${kind}`);
      const blob = blobOf(randomBytes(100));
      await repository.putBlob(blob);
      await repository.putBlob(EMPTY_CONFIG);
      const bytes = manifestOf([blob]);
      const digest = digestOf(bytes);
      expect(await repository.putManifest({ bytes, mediaType: MANIFEST_TYPE }, "v1")).toEqual({
        ok: true,
        value: digest,
      });
      const stored = { ok: true, value: { bytes, digest, mediaType: MANIFEST_TYPE } };
      expect(await repository.readManifest({ tag: "v1" })).toEqual(stored);
      expect(await repository.readManifest({ digest })).toEqual(stored);
      expect(await repository.listTags()).toEqual({ ok: true, value: { items: ["v1"], more: false } });
    });

    it("has no tags and no manifest before something was put", async () => {
      using repository = await open(kind, `team/nothing-${kind}`);
      expect(await repository.listTags()).toEqual({ ok: true, value: { items: [], more: false } });
      expect(outcome(await repository.readManifest({ tag: "v1" }))).toBe("REGISTRY_NOT_FOUND");
    });

    it("lists referrers by the fallback tag, because it has no API for them", async () => {
      using repository = await open(kind, `team/referrers-${kind}`);
      await repository.putBlob(EMPTY_CONFIG);
      const subject = manifestOf([]);
      await repository.putManifest({ bytes: subject, mediaType: MANIFEST_TYPE }, "v1");
      const name = { digest: digestOf(subject), size: subject.length };
      expect(await repository.listReferrers(name.digest)).toEqual({
        ok: true,
        value: { items: [], more: false },
      });
      const referrers = [1, 2].map((count) =>
        manifestOf(
          Array.from({ length: count }, () => EMPTY_CONFIG),
          name,
        ),
      );
      const descriptors = referrers.map((bytes) =>
        plainDescriptor(MANIFEST_TYPE, digestOf(bytes), bytes.length),
      );
      for (const [row, bytes] of referrers.entries()) {
        const descriptor = descriptors[row];
        if (descriptor === undefined) throw new TypeError("each has one");
        expect(outcome(await repository.putReferrer(name.digest, descriptor, bytes))).toBe("ok");
      }
      expect(await repository.listReferrers(name.digest)).toEqual({
        ok: true,
        value: { items: descriptors, more: false },
      });
      const tags = await repository.listTags();
      expect(tags.ok && tags.value.items).toContain(fallbackTag(name.digest));
    });

    it("refuses a manifest whose blobs are missing, by the registry's own word", async () => {
      using repository = await open(kind);
      const bytes = manifestOf([blobOf(randomBytes(10))]);
      const put = await repository.putManifest({ bytes, mediaType: MANIFEST_TYPE }, "broken");
      expect(outcome(put)).toBe("REGISTRY_STATUS MANIFEST_BLOB_UNKNOWN");
    });

    it("does not take a blob whose source changed", async () => {
      using repository = await open(kind);
      const blob = { ...blobOf(randomBytes(5000)), digest: digestOf(Buffer.from("before")) };
      expect(outcome(await repository.putBlob(blob))).toBe("CHANGED_WHILE_READ");
      expect(await repository.hasBlob(blob)).toEqual({ ok: true, value: false });
    });
  },
);

describe.skipIf(!hasRegistry()).each(["password", "token"] as const)("a %s docker-registry", (kind) => {
  it("does not let anyone in without credentials, or with a wrong password", async () => {
    const { host } = await registry(kind);
    using stranger = openAt(host, { patience: PATIENCE });
    expect(outcome(await stranger.putBlob(blobOf(randomBytes(10))))).toBe("REGISTRY_UNAUTHORIZED");
    const wrong = joinPassword(USER.name, "wrong");
    const credentials = { find: () => Promise.resolve(ok(wrong)) };
    using guesser = openAt(host, { credentials, patience: PATIENCE });
    expect(outcome(await guesser.putBlob(blobOf(randomBytes(10))))).toBe("REGISTRY_UNAUTHORIZED");
  });
});

describe.skipIf(!hasRegistry())("a docker-registry behind a line that breaks", () => {
  const bytes = randomBytes(3 * 2 ** 20);
  const blob = blobOf(bytes, 65_536);
  const CUTS = [300_000, 900_000, 1_700_000, 2_900_000];

  it("has the right blob in the end, and gives it back", async () => {
    const { host } = await registry("open");
    await using up = await startCuttingProxy(host, CUTS);
    using sender = openAt(up.host, { chunkBytes: 2 ** 20, patience: PATIENCE });
    expect(await sender.putBlob(blob)).toMatchObject({ ok: true, value: { how: "uploaded" } });
    expect(up.cuts).toBeGreaterThan(1);
    await using down = await startCuttingProxy(host, CUTS);
    using reader = openAt(down.host, { patience: PATIENCE });
    expect(await readBytes(reader, blob)).toBe(ociDigestOf(bytes));
    expect(down.cuts).toBeGreaterThan(0);
  });
});
