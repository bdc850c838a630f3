import { describe, expect, it } from "vitest";
import type { Descriptor } from "../../../../src/core/move/registry/descriptor.ts";
import {
  addToIndex,
  declaredMediaType,
  encodeEmptyIndex,
  encodeManifest,
  type ImageManifest,
  parseIndex,
  parseManifest,
} from "../../../../src/core/move/registry/image-manifest.ts";
import { INDEX_TYPE, MANIFEST_TYPE } from "../../../../src/core/move/registry/media-types.ts";
import { type HexDigest, isHexDigest } from "../../../../src/core/system/bytes/hex.ts";
import { encodeUtf8 } from "../../../../src/core/system/bytes/utf8.ts";
import { fc, runs } from "../../../support/rings/properties.ts";

const HEX = digest("1");

function digest(letter: string): HexDigest {
  const text = letter.repeat(64);
  if (!isHexDigest(text)) throw new TypeError("a digest is hex");
  return text;
}

const CONFIG = { mediaType: "application/vnd.oci.empty.v1+json", digest: `sha256:${HEX}`, size: 2 };

/** A lawful manifest as plain JSON, with members in place of others. */
function document(members: object = {}): object {
  return { schemaVersion: 2, mediaType: MANIFEST_TYPE, config: CONFIG, layers: [], ...members };
}

function readManifest(value: unknown): unknown {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const parsed = parseManifest(encodeUtf8(text));
  return parsed.ok ? "read" : parsed.reason;
}

describe("a manifest", () => {
  const READ: readonly (readonly [string, unknown])[] = [
    ["without layers", document()],
    ["without a media type of its own", document({ mediaType: undefined })],
    ["with members that are not known", document({ extra: { a: [1] } })],
    ["with no annotations, as skopeo writes it", document({ annotations: null })],
    ["with a layer", document({ layers: [{ ...CONFIG, annotations: { title: "a" }, platform: {} }] })],
    ["with 10,000 layers", document({ layers: Array.from({ length: 10_000 }, () => CONFIG) })],
    ["with a subject", document({ subject: CONFIG, artifactType: "application/x" })],
  ];
  it.each(READ)("%s is read", (_what, value) => {
    expect(readManifest(value)).toBe("read");
  });

  const layer = (members: object): object => document({ layers: [{ ...CONFIG, ...members }] });
  const REFUSED: readonly (readonly [string, unknown, string])[] = [
    ["that is not JSON", "{", "not-json"],
    ["with a member twice", '{"schemaVersion":2,"schemaVersion":2}', "not-json"],
    ["of version 1", document({ schemaVersion: 1 }), "schema-version"],
    ["of a version with a point", JSON.stringify(document()).replace(":2,", ":2.0,"), "schema-version"],
    ["that says it is an index", document({ mediaType: INDEX_TYPE }), "media-type"],
    ["without a configuration", document({ config: undefined }), "descriptor"],
    ["whose layers are an object", document({ layers: {} }), "descriptor"],
    [
      "with 10,001 layers",
      document({ layers: Array.from({ length: 10_001 }, () => CONFIG) }),
      "too-many-descriptors",
    ],
    ["with another digest than SHA-256", layer({ digest: `sha512:${HEX}${HEX}` }), "descriptor"],
    ["with a digest in capitals", layer({ digest: `sha256:${"A".repeat(64)}` }), "descriptor"],
    ["with a size with a point", layer({ size: 1.5 }), "descriptor"],
    ["with a size beyond what is exact", layer({ size: 2 ** 53 }), "descriptor"],
    ["with a layer that is elsewhere", layer({ urls: ["https://elsewhere.example/"] }), "descriptor"],
    ["with a layer without a type", layer({ mediaType: undefined }), "descriptor"],
    ["with a type without a subtype", layer({ mediaType: "text\n" }), "descriptor"],
    ["with annotations that are a list", layer({ annotations: ["a"] }), "descriptor"],
    ["with a long annotation", layer({ annotations: { a: "x".repeat(4097) } }), "descriptor"],
    [
      "with 257 annotations",
      document({ annotations: Object.fromEntries(Array.from({ length: 257 }, (_, row) => [`a${row}`, ""])) }),
      "annotations",
    ],
    ["with a subject that names nothing", document({ subject: {} }), "descriptor"],
    ["with an artifact type that is a number", document({ artifactType: 1 }), "artifact-type"],
  ];
  it.each(REFUSED)("%s is refused", (_what, value, reason) => {
    expect(readManifest(value)).toBe(reason);
  });

  it("is written in one form, in the order of its names", () => {
    const manifest: ImageManifest = {
      artifactType: "application/vnd.runseal.bundle.v1+json",
      config: {
        mediaType: "application/vnd.oci.empty.v1+json",
        digest: HEX,
        size: 2,
        annotations: new Map(),
      },
      layers: [
        {
          mediaType: "application/x",
          digest: digest("2"),
          size: 0,
          annotations: new Map([
            ["b", "2"],
            ["a", "1"],
          ]),
        },
      ],
      annotations: new Map([["z", "é"]]),
    };
    const d = (letter: string): string => `sha256:${letter.repeat(64)}`;
    expect(new TextDecoder().decode(encodeManifest(manifest))).toBe(
      `{"annotations":{"z":"é"},"artifactType":"application/vnd.runseal.bundle.v1+json",` +
        `"config":{"digest":"${d("1")}","mediaType":"application/vnd.oci.empty.v1+json","size":2},` +
        `"layers":[{"annotations":{"a":"1","b":"2"},"digest":"${d("2")}","mediaType":"application/x","size":0}],` +
        `"mediaType":"${MANIFEST_TYPE}","schemaVersion":2}`,
    );
  });

  const anyDescriptor: fc.Arbitrary<Descriptor> = fc.record({
    mediaType: fc.constantFrom("application/x", "text/plain"),
    digest: fc.constantFrom("1", "2", "a").map(digest),
    size: fc.nat(),
    annotations: fc
      .dictionary(fc.string({ maxLength: 5 }), fc.string({ maxLength: 9 }), { noNullPrototype: true })
      .map((texts) => new Map(Object.entries(texts))),
  });

  it("that was written is read back, whatever is in it", () => {
    const anyManifest = fc.record({
      config: anyDescriptor,
      layers: fc.array(anyDescriptor),
      annotations: fc.constant(new Map([["a", "b"]])),
    });
    fc.assert(
      fc.property(anyManifest, (manifest) => {
        const parsed = parseManifest(encodeManifest(manifest));
        expect(parsed.ok && encodeManifest(parsed.value)).toEqual(encodeManifest(manifest));
        expect(parsed.ok && parsed.value.layers).toEqual(manifest.layers);
      }),
      { numRuns: runs(200) },
    );
  });

  it("of which any byte is another one never makes the reader throw", () => {
    const bytes = encodeUtf8(JSON.stringify(document({ layers: [CONFIG], annotations: { a: "b" } })));
    for (let at = 0; at < bytes.length; at++) {
      for (const value of [0, 0x22, 0x2c, 0x7d, 0xff]) {
        const mangled = Uint8Array.from(bytes);
        mangled[at] = value;
        const parsed = parseManifest(mangled);
        if (!parsed.ok) expect(parsed.code).toBe("REGISTRY_MALFORMED");
      }
      expect(parseManifest(bytes.subarray(0, at)).ok).toBe(false);
    }
  });
});

describe("an index", () => {
  const one: Descriptor = {
    mediaType: MANIFEST_TYPE,
    digest: digest("2"),
    size: 5,
    annotations: new Map([["t", "v1"]]),
  };

  it("begins empty, and grows at its end", () => {
    const grown = addToIndex(encodeEmptyIndex(), one, () => false);
    const parsed = grown.ok && parseIndex(grown.value);
    expect(parsed).toEqual({ ok: true, value: [one] });
  });

  it("keeps members that are not known here", () => {
    const foreign = { ...CONFIG, platform: { os: "plan9" }, data: "e30=" };
    const index = encodeUtf8(
      JSON.stringify({ schemaVersion: 2, manifests: [foreign], annotations: { a: "b" }, x: 1.5 }),
    );
    const grown = addToIndex(index, one, () => false);
    expect(JSON.parse(grown.ok ? new TextDecoder().decode(grown.value) : "")).toMatchObject({
      manifests: [foreign, { digest: `sha256:${digest("2")}` }],
      annotations: { a: "b" },
      x: 1.5,
    });
  });

  it("loses the entries that the new one replaces, and no other", () => {
    const first = addToIndex(encodeEmptyIndex(), one, () => false);
    const second = first.ok
      ? addToIndex(first.value, { ...one, digest: digest("3"), annotations: new Map() }, () => false)
      : first;
    const third = second.ok
      ? addToIndex(
          second.value,
          { ...one, digest: digest("4") },
          ({ annotations }) => annotations.get("t") === "v1",
        )
      : second;
    const parsed = third.ok ? parseIndex(third.value) : third;
    expect(parsed.ok && parsed.value.map((entry) => entry.digest[0])).toEqual(["3", "4"]);
  });

  it("with 10,000 entries takes no more", () => {
    const full = encodeUtf8(
      JSON.stringify({ schemaVersion: 2, manifests: Array.from({ length: 10_000 }, () => CONFIG) }),
    );
    expect(addToIndex(full, one, () => false)).toMatchObject({ reason: "too-many-descriptors" });
    expect(addToIndex(full, one, () => true).ok).toBe(true);
  });

  it("that is not one is not grown", () => {
    expect(addToIndex(encodeUtf8("[]"), one, () => false)).toMatchObject({ reason: "not-json" });
    expect(addToIndex(encodeUtf8(JSON.stringify(document())), one, () => false)).toMatchObject({
      reason: "media-type",
    });
  });
});

describe("the media type that bytes say of themselves", () => {
  it("is given where it is lawful", () => {
    expect(declaredMediaType(encodeEmptyIndex())).toBe(INDEX_TYPE);
    for (const text of ["{", "[]", "{}", '{"mediaType":1}', '{"mediaType":"x"}'])
      expect(declaredMediaType(encodeUtf8(text))).toBeUndefined();
  });
});
