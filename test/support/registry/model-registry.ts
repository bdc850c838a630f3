/**
 * A registry in memory behind HTTP on the loopback interface: honest by itself, and whatever a test makes of it.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";

/** A request, and the answer to it. */
export interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** `GET /v2/team/runs/blobs/sha256:…`, without the query. */
  readonly line: string;
  readonly query: URLSearchParams;
  /** How many requests came before this one. */
  readonly before: number;
}

/** Answers a request in place of the registry; `false` leaves it to the registry. */
export type Meddler = (call: Call) => boolean | Promise<boolean>;

/** A request that came. */
export interface SeenRequest {
  readonly line: string;
  readonly headers: IncomingMessage["headers"];
}

interface StoredManifest {
  readonly bytes: Buffer;
  readonly type: string;
}

/** A registry that is up. */
export class ModelRegistry implements AsyncDisposable {
  readonly blobs = new Map<string, Buffer>();
  /** By tag and by digest. */
  readonly manifests = new Map<string, StoredManifest>();
  readonly uploads = new Map<string, Buffer[]>();
  readonly seen: SeenRequest[] = [];
  meddler: Meddler = () => false;
  /** Whether it has the referrers API. */
  hasReferrersApi = false;
  readonly #server;
  readonly #sockets = new Set<Socket>();
  /** Connections that were made so far. */
  connections = 0;
  readonly #isSecure: boolean;

  private constructor(secure?: { readonly key: Buffer; readonly cert: Buffer }) {
    const listener = (request: IncomingMessage, response: ServerResponse): void => {
      response.on("error", () => undefined);
      request.on("error", () => undefined);
      this.#answer(request, response).catch(() => response.destroy());
    };
    this.#isSecure = secure !== undefined;
    this.#server = secure === undefined ? createServer(listener) : createSecureServer(secure, listener);
    this.#server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      this.connections += 1;
      socket.on("error", () => undefined);
      socket.once("close", () => this.#sockets.delete(socket));
    });
  }

  /** Starts one. With `secure` it speaks TLS. */
  static async start(secure?: { readonly key: Buffer; readonly cert: Buffer }): Promise<ModelRegistry> {
    const registry = new ModelRegistry(secure);
    await new Promise<void>((resolve) => registry.#server.listen(0, "127.0.0.1", resolve));
    return registry;
  }

  /** `127.0.0.1:PORT` */
  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get url(): string {
    return `http${this.#isSecure ? "s" : ""}://${this.host}`;
  }

  /** Connections that are open. */
  get open(): number {
    return this.#sockets.size;
  }

  /** The lines of the requests so far. */
  get lines(): readonly string[] {
    return this.seen.map(({ line }) => line);
  }

  /** Closes all connections. */
  closeAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Puts a blob. Gives its name. */
  addBlob(bytes: Buffer): string {
    const digest = ociDigestOf(bytes);
    this.blobs.set(digest, bytes);
    return digest;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.closeAll();
    await closed;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams: query } = new URL(request.url ?? "/", "http://localhost");
    const line = `${request.method} ${pathname}`;
    const call = { request, response, line, query, before: this.seen.length };
    this.seen.push({ line, headers: request.headers });
    if (await this.meddler(call)) return;
    const [, name = "", rest = ""] =
      /^\/v2\/(.+?)\/((?:blobs|manifests|tags|referrers)\/.*)$/.exec(pathname) ?? [];
    await this.#serve(call, name, rest);
  }

  async #serve(call: Call, name: string, rest: string): Promise<void> {
    const { request, response } = call;
    const [kind, reference = ""] = rest.split("/");
    const method = request.method ?? "";
    if (rest.startsWith("blobs/uploads/"))
      return await this.#upload(call, name, rest.slice("blobs/uploads/".length));
    if (kind === "blobs")
      return serveBytes(call, this.blobs.get(reference), "application/octet-stream", reference);
    if (kind === "tags") {
      const tags = [...this.manifests.keys()].filter((key) => !key.includes(":"));
      return sendJson(response, 200, { name, tags });
    }
    if (kind === "referrers") return this.#listReferrers(response, reference);
    if (method === "PUT") return await this.#putManifest(call, reference);
    const manifest = this.manifests.get(reference);
    serveBytes(call, manifest?.bytes, manifest?.type ?? "", manifest && ociDigestOf(manifest.bytes));
  }

  async #upload({ query, request, response }: Call, name: string, id: string): Promise<void> {
    if (request.method === "POST") {
      const next = String(this.uploads.size + 1);
      this.uploads.set(next, []);
      const location = `/v2/${name}/blobs/uploads/${next}?state=a%2Fb`;
      return void response.writeHead(202, { location, range: "0-0" }).end();
    }
    const pieces = this.uploads.get(id);
    if (pieces === undefined) return sendJson(response, 404, { errors: [{ code: "BLOB_UPLOAD_UNKNOWN" }] });
    // What arrived is kept, also if the connection breaks: the client goes on behind it.
    if (request.method !== "GET") for await (const piece of request) pieces.push(piece as Buffer);
    const bytes = Buffer.concat(pieces);
    const location = `/v2/${name}/blobs/uploads/${id}?state=a%2Fb`;
    const range = `0-${Math.max(0, bytes.length - 1)}`;
    if (request.method === "GET") return void response.writeHead(204, { location, range }).end();
    if (request.method === "PATCH") return void response.writeHead(202, { location, range }).end();
    const digest = query.get("digest") ?? "";
    if (ociDigestOf(bytes) !== digest)
      return sendJson(response, 400, { errors: [{ code: "DIGEST_INVALID" }] });
    this.blobs.set(digest, bytes);
    response.writeHead(201, { location: `/v2/${name}/blobs/${digest}` }).end();
  }

  async #putManifest({ request, response }: Call, reference: string): Promise<void> {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const bytes = Buffer.concat(pieces);
    const stored = { bytes, type: request.headers["content-type"] ?? "" };
    const digest = ociDigestOf(bytes);
    this.manifests.set(reference, stored).set(digest, stored);
    const { subject } = JSON.parse(bytes.toString("utf8"));
    const listed = this.hasReferrersApi && subject !== undefined ? { "oci-subject": subject.digest } : {};
    response.writeHead(201, { "docker-content-digest": digest, ...listed }).end();
  }

  #listReferrers(response: ServerResponse, subject: string): void {
    if (!this.hasReferrersApi) return void response.writeHead(404).end("404 page not found");
    const manifests = [...this.manifests]
      .filter(
        ([key, { bytes }]) =>
          key.includes(":") && JSON.parse(bytes.toString("utf8")).subject?.digest === subject,
      )
      .map(([digest, { bytes, type }]) => ({ mediaType: type, digest, size: bytes.length }));
    const type = "application/vnd.oci.image.index.v1+json";
    sendJson(response, 200, { schemaVersion: 2, mediaType: type, manifests }, type);
  }
}

/** `sha256:` and the digest. */
export function ociDigestOf(bytes: Buffer): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

/** Sends JSON. */
export function sendJson(
  response: ServerResponse,
  status: number,
  value: unknown,
  type = "application/json",
): void {
  const body = Buffer.from(JSON.stringify(value));
  response.writeHead(status, { "content-type": type, "content-length": body.length }).end(body);
}

/** Sends bytes, or the part of them that the request asks for; 404 where there are none. */
export function serveBytes(
  { request, response }: Call,
  bytes: Buffer | undefined,
  type: string,
  digest?: string,
): void {
  if (bytes === undefined) {
    sendJson(response, 404, { errors: [{ code: "MANIFEST_UNKNOWN" }] });
    return;
  }
  const [, first, last] = /^bytes=([0-9]+)-([0-9]*)$/.exec(request.headers.range ?? "") ?? [];
  const headers = {
    "content-type": type,
    ...(digest === undefined ? {} : { "docker-content-digest": digest }),
  };
  if (first === undefined) {
    response.writeHead(200, { ...headers, "content-length": bytes.length });
    response.end(request.method === "HEAD" ? undefined : bytes);
    return;
  }
  const end = last === undefined || last === "" ? bytes.length : Number(last) + 1;
  const part = bytes.subarray(Number(first), end);
  response.writeHead(206, {
    ...headers,
    "content-length": part.length,
    "content-range": `bytes ${first}-${Number(first) + part.length - 1}/${bytes.length}`,
  });
  response.end(part);
}
