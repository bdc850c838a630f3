/**
 * A registry on this machine that serves one run of an OCI layout, and changes one answer of each visit: its body or a header. Its answers
 * are always complete: a client waits before it asks again, and that is no hang.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { changeBytes, changeJson } from "./mutate-texts.mjs";

const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const INDEX = "application/vnd.oci.image.index.v1+json";
const BLOB = "application/octet-stream";

/** Headers that a client reads, and values that it may not expect. */
const HEADERS = ["content-type", "docker-content-digest", "link", "location", "oci-filters-applied"];
const VALUES = [
  "",
  "x",
  "*/*",
  "sha256:",
  "sha512:ab",
  '</v2/>; rel="next"',
  "</v2/runs/tags/list?n=1>; rel=next",
  "a".repeat(5000),
];

export class FuzzedRegistry {
  #layout;
  #server = createServer((request, response) => this.#answer(request, response));
  #plan = { at: -1, change: undefined };
  host = "";

  static async open(layout) {
    const registry = new FuzzedRegistry();
    registry.#layout = layout;
    await new Promise((resolve) => registry.#server.listen(0, "127.0.0.1", resolve));
    registry.#server.unref();
    registry.host = `127.0.0.1:${registry.#server.address().port}`;
    return registry;
  }

  /** Chooses what is changed in the next visit. */
  plan(chance) {
    this.#plan = { at: chance.below(14), chance };
  }

  #answer({ method, url }, response) {
    let { body, status, type } = this.#find(new URL(url, "http://x").pathname);
    const headers = { "content-type": type };
    const { at, chance } = this.#plan;
    this.#plan = { at: at - 1, chance };
    if (at === 0) {
      const change = chance.below(4);
      if (change === 0) headers[chance.pick(HEADERS)] = chance.pick(VALUES);
      else if (change === 1) status = chance.pick([200, 204, 206, 301, 400, 401, 403, 404, 405, 416]);
      else body = chance.pick([changeJson, changeBytes])(body, chance);
      if (status === 401)
        headers["www-authenticate"] = chance.pick([
          'Basic realm="x"',
          "Bearer",
          'Bearer realm="/t"',
          ",,,",
          "x".repeat(9000),
        ]);
    }
    response.writeHead(status, { ...headers, "content-length": body.length });
    response.end(method === "HEAD" ? undefined : body);
  }

  #find(path) {
    const blob = (digest) => readFileSync(join(this.#layout, "blobs/sha256", digest.replace("sha256:", "")));
    const [, kind, name = ""] = /^\/v2\/runs\/(manifests|blobs|referrers|tags)\/(.+)$/.exec(path) ?? [];
    try {
      if (path === "/v2/") return { status: 200, type: "application/json", body: Buffer.from("{}") };
      if (kind === "tags")
        return { status: 200, type: "application/json", body: Buffer.from('{"name":"runs","tags":["t"]}') };
      if (kind === "referrers") {
        const body = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests: [] }));
        return { status: 200, type: INDEX, body };
      }
      if (kind === "blobs") return { status: 200, type: BLOB, body: blob(name) };
      const [run] = JSON.parse(readFileSync(join(this.#layout, "index.json"))).manifests;
      if (kind === "manifests")
        return { status: 200, type: MANIFEST, body: blob(name === "t" ? run.digest : name) };
    } catch (thrown) {
      if (thrown.code !== "ENOENT") throw thrown;
    }
    return {
      status: 404,
      type: "application/json",
      body: Buffer.from('{"errors":[{"code":"NAME_UNKNOWN"}]}'),
    };
  }
}
