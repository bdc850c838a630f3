/**
 * Manifests and indexes of OCI 1.1, read strictly and written in one form.
 *
 * https://github.com/opencontainers/image-spec/blob/v1.1.0/manifest.md and image-index.md. By these, readers pass over members that
 * they do not know. Not so here for what makes a blob another one: duplicate members, other digests than SHA-256, sizes that are
 * no counts and places elsewhere (`urls`) are refused.
 *
 * @module
 */

import type { HexDigest } from "../../system/bytes/hex.ts";
import { type Fault, ok, type Result } from "../../system/bytes/result.ts";
import { sortUtf8 } from "../../system/bytes/utf8.ts";
import { encodeOwn } from "../../system/json/canonical-json.ts";
import {
  asCount,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  jsonObject,
} from "../../system/json/json-value.ts";
import { parseObject } from "../../system/json/strict-json.ts";
import type { Descriptor } from "./descriptor.ts";
import { INDEX_TYPE, MANIFEST_TYPE } from "./media-types.ts";
import { ociDigest, parseOciDigest } from "./reference.ts";

/** Descriptors of one manifest or index. More than registries take in 4 MiB with titles. */
export const MAX_DESCRIPTORS = 10_000;

/** Annotations of one manifest or descriptor. */
const MAX_ANNOTATIONS = 256;

/** Characters of one annotation's value, and of a media type. A title is a path. */
const MAX_ANNOTATION = 4096;
const MAX_TYPE = 255;

/** Type and subtype, in the characters of RFC 6838. */
const MEDIA_TYPE = /^[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*\/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*$/;

/** An image manifest. */
export interface ImageManifest {
  readonly artifactType?: string | undefined;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
  /** The manifest that this one refers to. */
  readonly subject?: Descriptor | undefined;
  readonly annotations: ReadonlyMap<string, string>;
}

/** Why bytes are not a manifest or an index. */
export type ManifestReason =
  | "not-json"
  | "schema-version"
  | "media-type"
  | "artifact-type"
  | "descriptor"
  | "too-many-descriptors"
  | "annotations";

/** Bytes that are not what they should be. */
export interface ManifestFault extends Fault<"REGISTRY_MALFORMED"> {
  readonly reason: ManifestReason;
}

/** Reads an image manifest. The caller has bounded the bytes. Fails with REGISTRY_MALFORMED. */
export function parseManifest(bytes: Uint8Array): Result<ImageManifest, ManifestFault> {
  const document = parseDocument(bytes, MANIFEST_TYPE);
  if (!document.ok) return document;
  const object = document.value;
  const config = readDescriptor(object.get("config"));
  const layers = readDescriptors(object.get("layers"));
  if (!layers.ok) return layers;
  const artifactType = readType(object, "artifactType");
  if (artifactType === null) return malformed("artifact-type");
  const subject = object.has("subject") ? readDescriptor(object.get("subject")) : undefined;
  if (config === undefined || (object.has("subject") && subject === undefined))
    return malformed("descriptor");
  const annotations = readAnnotations(object.get("annotations"));
  if (annotations === undefined) return malformed("annotations");
  return ok({ artifactType, config, layers: layers.value, subject, annotations });
}

/** Writes an image manifest: equal manifests are equal bytes. Throws a RangeError on sizes that are no counts, which is a bug. */
export function encodeManifest({
  annotations,
  artifactType,
  config,
  layers,
  subject,
}: ImageManifest): Uint8Array {
  return encodeOwn(
    jsonObject({
      schemaVersion: 2,
      mediaType: MANIFEST_TYPE,
      artifactType,
      config: descriptorObject(config),
      layers: layers.map(descriptorObject),
      subject: subject && descriptorObject(subject),
      annotations: annotationsObject(annotations),
    }),
  );
}

/** Reads the descriptors of an index. The caller has bounded the bytes. Fails with REGISTRY_MALFORMED. */
export function parseIndex(bytes: Uint8Array): Result<readonly Descriptor[], ManifestFault> {
  const document = parseDocument(bytes, INDEX_TYPE);
  return document.ok ? readDescriptors(document.value.get("manifests")) : document;
}

/** Writes an index without any descriptor. */
export function encodeEmptyIndex(): Uint8Array {
  return encodeOwn(jsonObject({ schemaVersion: 2, mediaType: INDEX_TYPE, manifests: [] }));
}

/**
 * Writes an index with one descriptor more, at its end; every other member of the index stays as it is, also one that is not known
 * here. Entries for which `replaces` holds go: a tag leads to one manifest. Fails with REGISTRY_MALFORMED where the bytes are not
 * an index, or have no room.
 */
export function addToIndex(
  bytes: Uint8Array,
  added: Descriptor,
  replaces: (entry: Descriptor) => boolean,
): Result<Uint8Array, ManifestFault> {
  const document = parseDocument(bytes, INDEX_TYPE);
  if (!document.ok) return document;
  const listed = document.value.get("manifests");
  const read = readDescriptors(listed);
  if (!read.ok) return read;
  const kept = (Array.isArray(listed) ? listed : []).filter((_, row) => {
    const entry = read.value[row];
    return entry === undefined || !replaces(entry);
  });
  if (kept.length >= MAX_DESCRIPTORS) return malformed("too-many-descriptors");
  const object = new Map<string, JsonValue>(document.value);
  object.set("manifests", [...kept, descriptorObject(added)]);
  return ok(encodeOwn(object));
}

/** The media type that a manifest or an index says of itself; `undefined` if it says none that is lawful, or is not JSON. */
export function declaredMediaType(bytes: Uint8Array): string | undefined {
  const document = parseObject(bytes);
  return (document && readType(document, "mediaType")) ?? undefined;
}

/** A descriptor of a blob without annotations. */
export function plainDescriptor(mediaType: string, digest: HexDigest, size: number): Descriptor {
  return { mediaType, digest, size, annotations: new Map() };
}

function malformed(reason: ManifestReason): ManifestFault {
  return { ok: false, code: "REGISTRY_MALFORMED", reason };
}

/** The object of a document of version 2. It may leave its media type out, as the first version of OCI did. */
function parseDocument(bytes: Uint8Array, type: string): Result<JsonObject, ManifestFault> {
  const object = parseObject(bytes);
  if (object === undefined) return malformed("not-json");
  if (asCount(object.get("schemaVersion")) !== 2) return malformed("schema-version");
  if (object.has("mediaType") && object.get("mediaType") !== type) return malformed("media-type");
  return ok(object);
}

function readDescriptors(value: JsonValue | undefined): Result<readonly Descriptor[], ManifestFault> {
  if (!Array.isArray(value)) return malformed("descriptor");
  if (value.length > MAX_DESCRIPTORS) return malformed("too-many-descriptors");
  const descriptors: Descriptor[] = [];
  for (const item of value) {
    const descriptor = readDescriptor(item);
    if (descriptor === undefined) return malformed("descriptor");
    descriptors.push(descriptor);
  }
  return ok(descriptors);
}

function readDescriptor(value: JsonValue | undefined): Descriptor | undefined {
  // What is elsewhere is never fetched.
  if (!isJsonObject(value) || value.has("urls")) return undefined;
  const mediaType = readType(value, "mediaType");
  const artifactType = readType(value, "artifactType");
  const digest = parseOciDigest(value.get("digest"));
  const size = asCount(value.get("size"));
  const annotations = readAnnotations(value.get("annotations"));
  if (typeof mediaType !== "string" || artifactType === null) return undefined;
  if (digest === undefined || size === undefined || annotations === undefined) return undefined;
  return { mediaType, digest, size, annotations, ...(artifactType === undefined ? {} : { artifactType }) };
}

/** A member that is a media type; null for one that is there and is not. */
function readType(object: JsonObject, name: string): string | undefined | null {
  const value = object.get(name);
  if (value === undefined) return undefined;
  return typeof value === "string" && value.length <= MAX_TYPE && MEDIA_TYPE.test(value) ? value : null;
}

function readAnnotations(value: JsonValue | undefined): ReadonlyMap<string, string> | undefined {
  const annotations = new Map<string, string>();
  // skopeo writes null where there are none.
  if (value === undefined || value === null) return annotations;
  if (!isJsonObject(value) || value.size > MAX_ANNOTATIONS) return undefined;
  for (const key of sortUtf8([...value.keys()])) {
    const text = value.get(key);
    if (typeof text !== "string" || text.length > MAX_ANNOTATION || key.length > MAX_TYPE) return undefined;
    annotations.set(key, text);
  }
  return annotations;
}

function descriptorObject({ annotations, artifactType, digest, mediaType, size }: Descriptor): JsonObject {
  return jsonObject({
    mediaType,
    digest: ociDigest(digest),
    size,
    artifactType,
    annotations: annotationsObject(annotations),
  });
}

function annotationsObject(annotations: ReadonlyMap<string, string>): JsonObject | undefined {
  return annotations.size === 0 ? undefined : new Map(annotations);
}
