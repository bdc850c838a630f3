/** The client beside Debian's docker-registry, in each of the ways in which it lets users in. */

import { randomBytes } from "node:crypto";
import { afterAll, describe, expect, it } from "vitest";
import { fallbackTag, MANIFEST_TYPE, ok, plainDescriptor } from "../../../../src/core/internal.ts";
import { joinPassword } from "../../../../src/node/move/registry/credentials/credentials.ts";
import { DEFAULT_PATIENCE } from "../../../../src/node/move/registry/patience.ts";
import type { Repository } from "../../../../src/node/move/registry/repository.ts";
import {
  hasRegistry,
  type RealRegistry,
  Registries,
  type RegistryKind,
  USER,
} from "../../../support/registry/real-registry.ts";
import {
  blobOf,
  digestOf,
  EMPTY_CONFIG,
  loggedIn,
  manifestOf,
  openAt,
  outcome,
} from "../../../support/registry/registry-scene.ts";

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
  },
);

describe.skipIf(!hasRegistry()).each(["password", "token"] as const)("a %s docker-registry", (kind) => {
  it("does not let anyone in without credentials, or with a wrong password", async () => {
    const { host } = await registry(kind);
    using stranger = openAt(host, { patience: PATIENCE });
    expect(outcome(await stranger.putBlob(blobOf(randomBytes(10))))).toBe("REGISTRY_DENIED unauthorized");
    const wrong = joinPassword(USER.name, "wrong");
    const credentials = { find: () => Promise.resolve(ok(wrong)) };
    using guesser = openAt(host, { credentials, patience: PATIENCE });
    expect(outcome(await guesser.putBlob(blobOf(randomBytes(10))))).toBe("REGISTRY_DENIED unauthorized");
  });
});
