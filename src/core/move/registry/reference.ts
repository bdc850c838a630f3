/**
 * References to runs in registries: `HOST[:PORT]/REPO[:TAG][@sha256:…]`, in the grammar of docker, and to OCI layouts on disk:
 * `oci-layout:DIR[:TAG][@sha256:…]`.
 *
 * A host is always named: a text without one may be a path, and no registry is the default.
 * https://github.com/distribution/reference/blob/v0.6.0/reference.go
 *
 * @module
 */

import { type HexDigest, isHexDigest } from "../../system/bytes/hex.ts";
import { type Fault, ok, type Result } from "../../system/bytes/result.ts";

/** Characters of a whole reference: a layout's path may have 4096 bytes. */
const MAX_REFERENCE = 4096 + 512;

/** Characters of a repository's name, by docker's grammar. */
const MAX_REPOSITORY = 255;

/** Characters of a host name in DNS. */
const MAX_HOST = 253;

const LAYOUT_PREFIX = "oci-layout:";

const DIGEST_PREFIX = "sha256:";

/** Labels of letters, digits and inner hyphens. */
const HOST_NAME =
  /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/;

const IPV6_HOST = /^\[[0-9A-Fa-f:.]{2,45}\]$/;

/** The separators share no character with what they separate, so that a match takes linear time. */
const COMPONENT = /^[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*$/;

const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;

const PORT = /^[1-9][0-9]{0,4}$/;
const MAX_PORT = 65535;

/** Which manifest of a repository: a tag leads to one, and a digest says which one that must be. */
export interface ManifestChoice {
  readonly tag?: string | undefined;
  readonly digest?: HexDigest | undefined;
}

/** A repository of a registry, and which manifest of it. */
export interface RegistryReference extends ManifestChoice {
  readonly kind: "registry";
  /** A name or an address, `[…]` around one of IPv6, and `:` with a port, if one was given. */
  readonly host: string;
  /** Components with `/` between. */
  readonly repository: string;
}

/** An OCI layout on disk, and which manifest of it. */
export interface LayoutReference extends ManifestChoice {
  readonly kind: "layout";
  /** A path as it was given. */
  readonly path: string;
}

/** Where runs are. */
export type Reference = RegistryReference | LayoutReference;

/** What part of a reference is not lawful. */
export type ReferencePart = "length" | "scheme" | "host" | "port" | "repository" | "path" | "tag" | "digest";

/** A text that is not a reference. */
export interface ReferenceFault extends Fault<"ARGUMENT_MALFORMED"> {
  readonly part: ReferencePart;
}

/**
 * Whether a text names a digest, as `…@sha256:…` does, and does not begin as an explicit path. It never means a path: the reader
 * relies on the digest, and a file of that name does not have it.
 */
export function pinsDigest(text: string): boolean {
  return /^[^./].*@sha[0-9]+:/is.test(text);
}

/** Whether a text is meant as a reference: a layout, a first component that can only be a host, or a digest. Says nothing of its form. */
export function looksLikeReference(text: string): boolean {
  if (text.startsWith(LAYOUT_PREFIX) || pinsDigest(text)) return true;
  const slash = text.indexOf("/");
  if (slash <= 0) return false;
  const first = text.slice(0, slash);
  // No host begins with a dot, but hidden folders do: `.runseal/runs/one` is a path, wherever it leads.
  return !first.startsWith(".") && (/[.:]/.test(first) || first === "localhost");
}

/** Reads a reference. Fails with ARGUMENT_MALFORMED and the first part that is not lawful. */
export function parseReference(text: string): Result<Reference, ReferenceFault> {
  if (text.length > MAX_REFERENCE) return malformed("length");
  const at = text.indexOf("@");
  // A path of a layout may have an `@` of its own; only one that a digest follows ends it.
  const end = text.startsWith(LAYOUT_PREFIX) ? text.lastIndexOf(`@${DIGEST_PREFIX}`) : at;
  const digest = end < 0 ? undefined : parseOciDigest(text.slice(end + 1));
  if (end >= 0 && digest === undefined) return malformed("digest");
  const named = end < 0 ? text : text.slice(0, end);
  return named.startsWith(LAYOUT_PREFIX)
    ? parseLayout(named.slice(LAYOUT_PREFIX.length), digest)
    : parseRegistry(named, digest);
}

/** The reference to the repository or layout, without tag and digest. */
export function repositoryText(reference: Reference): string {
  return reference.kind === "layout"
    ? `${LAYOUT_PREFIX}${reference.path}`
    : `${reference.host}/${reference.repository}`;
}

/** A whole reference as text: `parseReference` reads it back, except a layout whose path ends like a tag. */
export function referenceText(reference: Reference): string {
  const { digest, tag } = reference;
  const named = `${repositoryText(reference)}${tag === undefined ? "" : `:${tag}`}`;
  return digest === undefined ? named : `${named}@${ociDigest(digest)}`;
}

/** Whether a text is a lawful tag. */
export function isTag(text: string): boolean {
  return TAG.test(text);
}

/** Whether a text is a lawful name of a repository. */
export function isRepositoryName(text: string): boolean {
  return text.length <= MAX_REPOSITORY && text.split("/").every((component) => COMPONENT.test(component));
}

/** A digest as OCI writes it: `sha256:` and 64 hex characters. */
export function ociDigest(digest: HexDigest): string {
  return `${DIGEST_PREFIX}${digest}`;
}

/** Reads a digest as OCI writes it; `undefined` for anything else, other algorithms included. */
export function parseOciDigest(text: unknown): HexDigest | undefined {
  if (typeof text !== "string" || !text.startsWith(DIGEST_PREFIX)) return undefined;
  const digest = text.slice(DIGEST_PREFIX.length);
  return isHexDigest(digest) ? digest : undefined;
}

/** The tag under which the referrers of a manifest are listed where a registry has no referrers API. */
export function fallbackTag(subject: HexDigest): string {
  return `sha256-${subject}`;
}

/** Whether a tag is of that form, and so is not one that a user gave to a run. */
export function isFallbackTag(tag: string): boolean {
  return /^sha256-[0-9a-f]{64}(?:$|\.)/.test(tag);
}

function malformed(part: ReferencePart): ReferenceFault {
  return { ok: false, code: "ARGUMENT_MALFORMED", part };
}

function parseRegistry(
  named: string,
  digest: HexDigest | undefined,
): Result<RegistryReference, ReferenceFault> {
  if (/^https?:\/\//i.test(named)) return malformed("scheme");
  const slash = named.indexOf("/");
  if (slash < 0) return malformed("repository");
  const host = named.slice(0, slash);
  const breach = findHostBreach(host);
  if (breach !== undefined) return malformed(breach);
  const { name: repository, tag } = splitTag(named.slice(slash + 1));
  if (!isRepositoryName(repository)) return malformed("repository");
  if (tag !== undefined && !isTag(tag)) return malformed("tag");
  return ok({ kind: "registry", host, repository, tag, digest });
}

function parseLayout(rest: string, digest: HexDigest | undefined): Result<LayoutReference, ReferenceFault> {
  const { name: path, tag } = splitTag(rest);
  if (path === "" || path.includes("\0")) return malformed("path");
  if (tag !== undefined && !isTag(tag)) return malformed("tag");
  return ok({ kind: "layout", path, tag, digest });
}

/** Splits at the last colon of the last component. The colon of a drive, as in `C:\runs`, stands before a separator. */
function splitTag(text: string): { readonly name: string; readonly tag?: string } {
  const colon = text.lastIndexOf(":");
  if (colon < 0 || colon < Math.max(text.lastIndexOf("/"), text.lastIndexOf("\\"))) return { name: text };
  return { name: text.slice(0, colon), tag: text.slice(colon + 1) };
}

function findHostBreach(host: string): "host" | "port" | undefined {
  const [, name = "", port] = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/.exec(host) ?? [];
  const isName = name.length <= MAX_HOST && HOST_NAME.test(name);
  if (!isName && !IPV6_HOST.test(name)) return "host";
  if (port !== undefined && (!PORT.test(port) || Number(port) > MAX_PORT)) return "port";
  // Without a dot, a port or this name, docker takes the first component for a part of a repository.
  return port !== undefined || name === "localhost" || /[.[]/.test(name) ? undefined : "host";
}
