/** Putting blobs and manifests where connections break, and where registries are not honest about what they have. */

import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { MANIFEST_TYPE, plainDescriptor } from "../../../../src/core/internal.ts";
import type { BlobSource, Repository } from "../../../../src/node/move/registry/repository.ts";
import { Interruption } from "../../../../src/node/system/runtime/interruption.ts";
import { operationFault } from "../../../../src/node/system/runtime/operation-fault.ts";
import {
  type Call,
  type Meddler,
  ModelRegistry,
  ociDigestOf,
  sendJson,
} from "../../../support/registry/model-registry.ts";
import {
  blobOf,
  digestOf,
  HURRIED,
  manifestOf,
  openAt,
  outcome,
} from "../../../support/registry/registry-scene.ts";

const CHUNK = 100_000;
const BYTES = randomBytes(3 * CHUNK + 1234);
const BLOB = blobOf(BYTES, 8192);
const NAME = ociDigestOf(BYTES);

let registry: ModelRegistry;
let repository: Repository;
beforeEach(async () => {
  registry = await ModelRegistry.start();
  repository = openAt(registry.host, { chunkBytes: CHUNK });
});
afterEach(async () => {
  repository[Symbol.dispose]();
  await registry[Symbol.asyncDispose]();
});

/** The requests by method. */
function methods(): readonly string[] {
  return registry.lines.map((line) => line.slice(0, line.indexOf(" ")));
}

/** Meddles with the nth request of a method, from 0. */
function nth(method: string, wanted: readonly number[], meddle: (call: Call) => void): Meddler {
  let seen = 0;
  return (call) => {
    if (call.request.method !== method || !wanted.includes(seen++)) return false;
    meddle(call);
    return true;
  };
}

/** Takes some bytes of an upload, keeps them, and closes the connection. */
function cutUpload({ request }: Call): void {
  const upload = registry.uploads.get(/uploads\/([0-9]+)/.exec(request.url ?? "")?.[1] ?? "");
  let room = 40_000;
  request.on("data", (piece: Buffer) => {
    upload?.push(piece.subarray(0, room));
    room -= Math.min(room, piece.length);
    if (room === 0) request.destroy();
  });
}

describe("an upload", () => {
  it("of a blob that fits takes one PUT", async () => {
    const small = blobOf(BYTES.subarray(0, CHUNK));
    expect(await repository.putBlob(small)).toEqual({
      ok: true,
      value: { how: "uploaded", sentBytes: CHUNK },
    });
    expect(methods()).toEqual(["HEAD", "POST", "PUT"]);
  });

  it("of a longer one is cut into requests, and leaves the registry's own parameters as they are", async () => {
    const urls: (string | undefined)[] = [];
    registry.meddler = ({ request }) => {
      urls.push(request.url);
      return false;
    };
    expect(outcome(await repository.putBlob(BLOB))).toBe("ok");
    expect(methods()).toEqual(["HEAD", "POST", "PATCH", "PATCH", "PATCH", "PATCH", "PUT"]);
    expect(urls.at(-1)).toBe(`/v2/team/runs/blobs/uploads/1?state=a%2Fb&digest=${NAME}`);
    expect(registry.blobs.has(NAME)).toBe(true);
  });

  it("of a registry that wants larger requests has them", async () => {
    registry.meddler = nth("POST", [0], ({ response }) => {
      registry.uploads.set("1", []);
      const headers = { location: "/v2/team/runs/blobs/uploads/1", "oci-chunk-min-length": "250000" };
      response.writeHead(202, headers).end();
    });
    expect(outcome(await repository.putBlob(BLOB))).toBe("ok");
    expect(methods()).toEqual(["HEAD", "POST", "PATCH", "PATCH", "PUT"]);
  });

  const BREAKS: readonly (readonly [string, () => Meddler])[] = [
    ["is cut in its second request", () => nth("PATCH", [1], cutUpload)],
    ["is cut in each of three requests", () => nth("PATCH", [0, 1, 2], cutUpload)],
    ["loses the answer to a request", () => nth("PATCH", [2], ({ response }) => response.destroy())],
    ["meets an error once", () => nth("PATCH", [1], ({ response }) => response.writeHead(503).end())],
    ["is cut before it begins", () => nth("POST", [0], ({ response }) => response.destroy())],
    ["is cut at its last request", () => nth("PUT", [0], ({ response }) => response.destroy())],
  ];
  it.each(BREAKS)("that %s goes on, and the registry has the right bytes", async (_what, meddler) => {
    registry.meddler = meddler();
    expect(outcome(await repository.putBlob(BLOB))).toBe("ok");
    expect(registry.blobs.has(NAME)).toBe(true);
  });

  it("that was cut sends only what the registry does not have", async () => {
    registry.meddler = nth("PATCH", [1], cutUpload);
    const put = await repository.putBlob(BLOB);
    const sent = put.ok ? put.value.sentBytes : 0;
    // The registry had 40,000 bytes of the request that was cut; what was sent beyond them was lost on its way.
    expect(sent).toBeGreaterThanOrEqual(BYTES.length);
    expect(sent).toBeLessThanOrEqual(BYTES.length + CHUNK - 40_000);
    expect(registry.uploads.size).toBe(1);
  });

  it("whose last answer was lost is found done", async () => {
    registry.meddler = nth("PUT", [0], ({ response }) => {
      registry.addBlob(BYTES);
      response.destroy();
    });
    expect(outcome(await repository.putBlob(BLOB))).toBe("ok");
    expect(methods().slice(-2)).toEqual(["PUT", "HEAD"]);
  });

  it("that the registry forgot begins anew", async () => {
    registry.meddler = nth("PATCH", [1], ({ response }) => {
      registry.uploads.clear();
      sendJson(response, 404, { errors: [{ code: "BLOB_UPLOAD_UNKNOWN" }] });
    });
    expect(outcome(await repository.putBlob(BLOB))).toBe("ok");
    expect(registry.blobs.has(NAME)).toBe(true);
  });

  it("of which the registry has other bytes than it says begins anew", async () => {
    registry.meddler = nth("PATCH", [1], ({ request, response }) => {
      request.resume();
      request.on("end", () => {
        registry.uploads.get("1")?.push(Buffer.alloc(CHUNK));
        const location = "/v2/team/runs/blobs/uploads/1";
        response.writeHead(202, { location, range: `0-${2 * CHUNK - 1}` }).end();
      });
    });
    expect(outcome(await repository.putBlob(BLOB))).toBe("ok");
    expect(methods().filter((method) => method === "POST")).toHaveLength(2);
    expect(registry.blobs.has(NAME)).toBe(true);
  });

  it.each([400, 405, 501])(
    "in parts, which the registry refuses with status %i, is sent as a whole",
    async (status) => {
      registry.meddler = ({ request, response }) => {
        if (request.method !== "PATCH") return false;
        request.resume();
        request.on("end", () => response.writeHead(status).end());
        return true;
      };
      expect(outcome(await repository.putBlob(BLOB))).toBe("ok");
      expect(methods()).toEqual(["HEAD", "POST", "PATCH", "POST", "PUT"]);
    },
  );

  it("reports each byte that is sent", async () => {
    let sent = 0;
    const put = await repository.putBlob(BLOB, { sent: (bytes) => (sent += bytes) });
    expect(put.ok && put.value.sentBytes).toBe(sent);
  });

  it("ends with an Interruption, and leaves no connection open", async () => {
    const interrupt = new AbortController();
    registry.meddler = nth("PATCH", [1], () => interrupt.abort());
    await expect(repository.putBlob(BLOB, { signal: interrupt.signal })).rejects.toThrow(Interruption);
  });
});

interface RefusedRow {
  readonly what: string;
  readonly meddler: () => Meddler;
  readonly gives: string;
}

const REFUSED: readonly RefusedRow[] = [
  {
    what: "answers with no place",
    meddler: () => nth("POST", [0], ({ response }) => response.writeHead(202).end()),
    gives: "REGISTRY_MALFORMED location",
  },
  {
    what: "names a place on another machine in plain HTTP",
    meddler: () =>
      nth("POST", [0], ({ response }) =>
        response.writeHead(202, { location: "http://registry.example/x" }).end(),
      ),
    gives: "REGISTRY_MALFORMED location",
  },
  {
    what: "says that the blob is there before its bytes were sent",
    meddler: () => nth("POST", [0], ({ response }) => response.writeHead(201).end()),
    gives: "REGISTRY_STATUS status 201",
  },
  {
    what: "has more bytes than were sent",
    meddler: () =>
      nth("PATCH", [0], ({ request, response }) => {
        request.resume();
        const location = "/v2/team/runs/blobs/uploads/1";
        request.on("end", () => response.writeHead(202, { location, range: "0-999999999" }).end());
      }),
    gives: "REGISTRY_MALFORMED upload-range",
  },
  {
    what: "takes nothing of a request, and says so",
    meddler: () =>
      nth("PATCH", [0], ({ request, response }) => {
        request.resume();
        const location = "/v2/team/runs/blobs/uploads/1";
        request.on("end", () => response.writeHead(202, { location, range: "0-0" }).end());
      }),
    gives: "REGISTRY_MALFORMED upload-range",
  },
  {
    what: "refuses the digest each time",
    meddler: () =>
      nth("PUT", [0, 1, 2, 3, 4], ({ response }) =>
        sendJson(response, 400, { errors: [{ code: "DIGEST_INVALID" }] }),
      ),
    gives: "REGISTRY_STATUS status DIGEST_INVALID",
  },
  {
    what: "cuts each request before a byte arrived",
    meddler: () => nth("PATCH", [...Array(50).keys()], ({ response }) => response.destroy()),
    gives: "REGISTRY_UNREACHABLE lost",
  },
  {
    what: "refuses what is too large",
    meddler: () =>
      nth("PATCH", [0], ({ response }) => response.writeHead(413, { connection: "close" }).end()),
    gives: "REGISTRY_STATUS status 413",
  },
  {
    what: "says that a blob of another size is there",
    meddler: () =>
      nth("HEAD", [0], ({ response }) => response.writeHead(200, { "content-length": "5" }).end()),
    gives: "REGISTRY_MALFORMED size",
  },
];

describe("an upload to a registry that", () => {
  it.each(REFUSED)("$what ends with $gives", async ({ gives, meddler }) => {
    registry.meddler = meddler();
    expect(outcome(await repository.putBlob(BLOB))).toBe(gives);
    expect(registry.blobs.has(NAME)).toBe(false);
  });
});

describe("a source", () => {
  const SOURCES: readonly (readonly [string, BlobSource, string])[] = [
    [
      "gives too little",
      { ...BLOB, open: (at) => blobOf(BYTES.subarray(0, -1)).open(at) },
      "CHANGED_WHILE_READ",
    ],
    [
      "gives other bytes",
      { ...BLOB, open: (at) => blobOf(randomBytes(BYTES.length)).open(at) },
      "CHANGED_WHILE_READ",
    ],
    [
      "can't be read",
      {
        ...BLOB,
        async *open() {
          yield BYTES.subarray(0, 10);
          yield operationFault("READ_FAILED", { path: "a", reason: "input-output" });
        },
      },
      "READ_FAILED",
    ],
  ];
  it.each(SOURCES)("that %s puts nothing", async (_what, source, gives) => {
    expect(outcome(await repository.putBlob(source))).toBe(gives);
    expect(registry.blobs.has(NAME)).toBe(false);
  });

  it("may use the memory of a chunk again once the next one was taken", async () => {
    const two = [Buffer.alloc(8192), Buffer.alloc(8192)];
    const source: BlobSource = {
      ...BLOB,
      async *open(offset) {
        let turn = 0;
        for (let at = offset; at < BYTES.length; at += 8192) {
          const buffer = two[turn % 2] ?? Buffer.alloc(0);
          turn += 1;
          const length = BYTES.copy(buffer, 0, at, at + 8192);
          yield buffer.subarray(0, length);
        }
      },
    };
    expect(outcome(await repository.putBlob(source))).toBe("ok");
    expect(registry.blobs.has(NAME)).toBe(true);
  });
});

describe("a manifest", () => {
  const bytes = manifestOf([]);

  it("is put again where the first try failed", async () => {
    registry.meddler = nth("PUT", [0, 1], ({ response }) => response.destroy());
    expect(await repository.putManifest({ bytes, mediaType: MANIFEST_TYPE }, "v1")).toEqual({
      ok: true,
      value: digestOf(bytes),
    });
  });

  it("that the registry stored as another one is a fault", async () => {
    registry.meddler = nth("PUT", [0], ({ response }) =>
      response.writeHead(201, { "docker-content-digest": NAME }).end(),
    );
    const put = await repository.putManifest({ bytes, mediaType: MANIFEST_TYPE }, "v1");
    expect(outcome(put)).toBe("REGISTRY_MALFORMED digest");
  });
});

describe("a referrer", () => {
  const subject = manifestOf([]);
  const name = { digest: digestOf(subject), size: subject.length };
  const bytes = manifestOf([blobOf(Buffer.from("a"))], name);
  const descriptor = plainDescriptor(MANIFEST_TYPE, digestOf(bytes), bytes.length);

  it("is listed by the registry where it has the API: no index is written", async () => {
    registry.hasReferrersApi = true;
    expect(outcome(await repository.putReferrer(name.digest, descriptor, bytes))).toBe("ok");
    expect(methods()).toEqual(["PUT"]);
    expect(await repository.listReferrers(name.digest)).toEqual({
      ok: true,
      value: { items: [descriptor], more: false },
    });
  });

  it("is written again where another client's index came over it", async () => {
    let overwritten = 0;
    registry.meddler = ({ line, request }) => {
      if (line === `GET /v2/team/runs/manifests/sha256-${name.digest}` && overwritten < 2) {
        registry.manifests.delete(`sha256-${name.digest}`);
        if (registry.lines.some((one) => one === line.replace("GET", "PUT"))) overwritten += 1;
      }
      return request.method === "nothing";
    };
    expect(outcome(await repository.putReferrer(name.digest, descriptor, bytes))).toBe("ok");
    expect(await repository.listReferrers(name.digest)).toEqual({
      ok: true,
      value: { items: [descriptor], more: false },
    });
  });

  it("that never stays in the index is a fault", async () => {
    registry.meddler = ({ line }) => {
      if (line.startsWith("GET")) registry.manifests.delete(`sha256-${name.digest}`);
      return false;
    };
    const put = await repository.putReferrer(name.digest, descriptor, bytes);
    expect(outcome(put)).toBe("CHANGED_WHILE_READ");
  });

  it("keeps what other clients wrote into the index", async () => {
    const other = {
      mediaType: "application/vnd.other+json",
      digest: NAME,
      size: 3,
      platform: { os: "plan9" },
    };
    const index = {
      schemaVersion: 2,
      mediaType: "application/vnd.oci.image.index.v1+json",
      manifests: [other],
      extra: 1,
    };
    registry.manifests.set(`sha256-${name.digest}`, {
      bytes: Buffer.from(JSON.stringify(index)),
      type: index.mediaType,
    });
    await repository.putReferrer(name.digest, descriptor, bytes);
    const written = JSON.parse(registry.manifests.get(`sha256-${name.digest}`)?.bytes.toString("utf8") ?? "");
    expect(written.manifests[0]).toEqual(other);
    expect(written.extra).toBe(1);
    expect(written.manifests).toHaveLength(2);
  });
});

describe("tries", () => {
  it("end where an upload begins anew each time, and never gets further", async () => {
    const large = randomBytes(3 * 2 ** 20);
    using patient = openAt(registry.host, { chunkBytes: 2 ** 20 });
    let patches = 0;
    registry.meddler = ({ request }) => {
      // As docker-registry does: after a cut, the upload is gone.
      if (request.method !== "PATCH" || patches++ % 2 === 0) return false;
      registry.uploads.clear();
      request.destroy();
      return true;
    };
    expect(outcome(await patient.putBlob(blobOf(large, 65536)))).toBe("REGISTRY_UNREACHABLE lost");
    expect(patches).toBe(2 * HURRIED.tries);
  });

  it("count anew once a megabyte has passed", async () => {
    const large = randomBytes(6 * 2 ** 20);
    using patient = openAt(registry.host, { chunkBytes: 2 ** 20 });
    let patches = 0;
    registry.meddler = ({ request }) => {
      // Every other request breaks: six of them, and there are four tries.
      if (request.method !== "PATCH" || patches++ % 2 === 1) return false;
      request.destroy();
      return true;
    };
    expect(outcome(await patient.putBlob(blobOf(large, 65536)))).toBe("ok");
    expect(registry.blobs.has(ociDigestOf(large))).toBe(true);
    expect(patches).toBeGreaterThan(2 * HURRIED.tries);
  });
});
