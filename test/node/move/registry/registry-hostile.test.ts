/** Reading from registries that answer as none should: each wrong thing has a code, and nothing is read beyond its bound. */

import { randomBytes } from "node:crypto";
import type { ServerResponse } from "node:http";
import { setTimeout } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { INDEX_TYPE, MANIFEST_TYPE } from "../../../../src/core/internal.ts";
import { readBlob } from "../../../../src/node/move/registry/blob-bytes.ts";
import type { Repository } from "../../../../src/node/move/registry/repository.ts";
import { Interruption } from "../../../../src/node/system/runtime/interruption.ts";
import {
  type Meddler,
  ModelRegistry,
  ociDigestOf,
  sendJson,
} from "../../../support/registry/model-registry.ts";
import {
  blobOf,
  HURRIED,
  IMPATIENT,
  manifestOf,
  openAt,
  outcome,
  readBytes,
} from "../../../support/registry/registry-scene.ts";

const BYTES = randomBytes(200_000);
const BLOB = blobOf(BYTES);
const MANIFEST = manifestOf([BLOB]);

let registry: ModelRegistry;
let repository: Repository;

beforeEach(async () => {
  registry = await ModelRegistry.start();
  registry.addBlob(BYTES);
  registry.manifests.set("v1", { bytes: MANIFEST, type: MANIFEST_TYPE });
  registry.manifests.set(ociDigestOf(MANIFEST), { bytes: MANIFEST, type: MANIFEST_TYPE });
  repository = openAt(registry.host);
});
afterEach(async () => {
  repository[Symbol.dispose]();
  await registry[Symbol.asyncDispose]();
});

/** Answers every request in one way. */
function always(answer: (response: ServerResponse) => void): Meddler {
  return ({ response }) => {
    answer(response);
    return true;
  };
}

/** Answers the first requests in one way, and leaves the others to the registry. */
function first(count: number, answer: (response: ServerResponse) => void): Meddler {
  return ({ before, response }) => {
    if (before >= count) return false;
    answer(response);
    return true;
  };
}

const SPACES = Buffer.alloc(64 * 1024, 0x20);

/** Sends pieces until the other side closes the connection. */
function endlessly(response: ServerResponse, head = ""): void {
  response.write(head);
  const more = (): void => {
    while (!response.destroyed && response.write(SPACES));
  };
  response.on("drain", more);
  more();
}

/** One byte every few milliseconds. */
function dripping(response: ServerResponse): void {
  response.writeHead(200, { "content-length": BYTES.length });
  const timer = setInterval(() => response.write("x"), 20);
  response.on("close", () => clearInterval(timer));
}

/** Sends the head and some bytes of the blob, and closes the connection. */
function cut(response: ServerResponse): void {
  response.writeHead(200, { "content-length": BYTES.length });
  response.write(BYTES.subarray(0, 70_000), () => response.destroy());
}

/** Bytes that are not HTTP. */
function notHttp(response: ServerResponse): void {
  response.socket?.end("SSH-2.0-OpenSSH\r\n\r\n");
}

const TRIES = HURRIED.tries;

interface BlobRow {
  readonly what: string;
  readonly meddler: Meddler;
  readonly gives: string;
  readonly patience?: typeof IMPATIENT;
  /** Requests; left out where their number is not the point. */
  readonly requests?: number;
}

const BLOB_ROWS: readonly BlobRow[] = [
  {
    what: "gives other bytes of the right length",
    meddler: always((response) => response.end(Buffer.alloc(BYTES.length))),
    gives: "REGISTRY_MALFORMED digest",
    requests: 1,
  },
  {
    what: "declares another length than the manifest",
    meddler: always((response) => response.end(BYTES.subarray(1))),
    gives: "REGISTRY_MALFORMED size",
    requests: 1,
  },
  {
    what: "declares no length and sends too little",
    meddler: always((response) => {
      response.write(BYTES.subarray(1));
      response.end();
    }),
    gives: "REGISTRY_MALFORMED size",
    requests: 1,
  },
  {
    what: "never stops",
    meddler: always((response) => endlessly(response)),
    gives: "REGISTRY_MALFORMED too-large",
  },
  {
    what: "compresses",
    meddler: always((response) => response.writeHead(200, { "content-encoding": "gzip" }).end(BYTES)),
    gives: "REGISTRY_MALFORMED content-encoding",
  },
  {
    what: "closes each connection at once",
    meddler: always((response) => response.destroy()),
    gives: "REGISTRY_UNREACHABLE lost",
    requests: TRIES,
  },
  {
    what: "is silent",
    patience: IMPATIENT,
    meddler: always(() => undefined),
    gives: "REGISTRY_UNREACHABLE timeout",
    requests: TRIES,
  },
  {
    what: "sends a byte now and then",
    patience: IMPATIENT,
    meddler: always(dripping),
    gives: "REGISTRY_UNREACHABLE timeout",
    requests: TRIES,
  },
  {
    what: "speaks something else than HTTP",
    meddler: always(notHttp),
    gives: "REGISTRY_MALFORMED http",
    requests: 1,
  },
  {
    what: "sends headers without end",
    meddler: always((response) => response.socket?.write(`HTTP/1.1 200 OK\r\nx: ${"x".repeat(2 ** 20)}`)),
    gives: "REGISTRY_MALFORMED http",
    requests: 1,
  },
  {
    what: "has an error inside each time",
    meddler: always((response) => response.writeHead(500).end()),
    gives: "REGISTRY_STATUS status 500",
    requests: TRIES,
  },
  {
    what: "has an error with an endless text",
    meddler: always((response) => endlessly(response.writeHead(400))),
    gives: "REGISTRY_STATUS status 400",
    requests: 1,
  },
  {
    what: "names an error that the specification has",
    meddler: always((response) =>
      sendJson(response, 400, { errors: [{ code: "NAME_INVALID", message: "canary" }] }),
    ),
    gives: "REGISTRY_STATUS status NAME_INVALID",
    requests: 1,
  },
  {
    what: "limits every request",
    meddler: always((response) => response.writeHead(429).end()),
    gives: "REGISTRY_STATUS rate-limit",
    requests: TRIES,
  },
  {
    what: "goes on at another place than it was asked for",
    meddler: ({ before, response }) => {
      if (before === 0) cut(response);
      else
        response.writeHead(206, { "content-range": `bytes 0-9/${BYTES.length}` }).end(BYTES.subarray(0, 10));
      return true;
    },
    gives: "REGISTRY_MALFORMED content-range",
    requests: 2,
  },
  {
    what: "gives a part where the whole was asked for",
    meddler: always((response) =>
      response.writeHead(206, { "content-range": `bytes 0-9/${BYTES.length}` }).end(BYTES.subarray(0, 10)),
    ),
    gives: "REGISTRY_STATUS status 206",
    requests: 1,
  },
];

describe("a whole blob from a registry that", () => {
  it.each(BLOB_ROWS)("$what ends with $gives", async ({ gives, meddler, patience = HURRIED, requests }) => {
    registry.meddler = meddler;
    using reader = openAt(registry.host, { patience });
    expect(await readBytes(reader, BLOB)).toBe(gives);
    if (requests !== undefined) expect(registry.seen).toHaveLength(requests);
  });

  const MENDED: readonly (readonly [string, Meddler])[] = [
    ["fails three times", first(3, (response) => response.writeHead(503).end())],
    ["closes three connections", first(3, (response) => response.destroy())],
    [
      "limits the first request",
      first(1, (response) => response.writeHead(429, { "retry-after": "0" }).end()),
    ],
  ];
  it.each(MENDED)("%s is read completely", async (_what, meddler) => {
    registry.meddler = meddler;
    expect(await readBytes(repository, BLOB)).toBe(ociDigestOf(BYTES));
  });

  it("is silent once is read completely", async () => {
    using reader = openAt(registry.host, { patience: IMPATIENT });
    registry.meddler = first(1, () => undefined);
    expect(await readBytes(reader, BLOB)).toBe(ociDigestOf(BYTES));
  });

  it("cuts the connection is asked only for the rest", async () => {
    registry.meddler = first(1, cut);
    await readBytes(repository, BLOB);
    const [, second] = registry.seen;
    const [, begin] = /^bytes=([0-9]+)-199999$/.exec(second?.headers.range ?? "") ?? [];
    expect(Number(begin)).toBeGreaterThan(0);
    expect(Number(begin)).toBeLessThanOrEqual(70_000);
  });

  it("cuts the connection and passes over ranges is read completely, each byte once", async () => {
    registry.meddler = ({ before, request, response }) => {
      if (before === 0) cut(response);
      else delete request.headers.range;
      return before === 0;
    };
    expect(await readBytes(repository, BLOB)).toBe(ociDigestOf(BYTES));
  });
});

describe("connections", () => {
  it("are used again, by reads of parts, too", async () => {
    for (let offset = 0; offset < 100_000; offset += 10_000)
      expect(await readBytes(repository, BLOB, { offset, length: 10_000 })).toMatch(/^sha256:/);
    await repository.readManifest({ tag: "v1" });
    await repository.readManifest({ tag: "v2" });
    await repository.putBlob(blobOf(Buffer.from("a")));
    expect(registry.connections).toBe(1);
  });

  it("that the registry closed meanwhile are made anew", async () => {
    for (const _ of [1, 2, 3]) {
      expect(await readBytes(repository, BLOB)).toBe(ociDigestOf(BYTES));
      registry.closeAll();
    }
  });

  it("are at most eight at a time", async () => {
    const reads = Array.from({ length: 40 }, () => readBytes(repository, BLOB));
    expect(new Set(await Promise.all(reads))).toEqual(new Set([ociDigestOf(BYTES)]));
    expect(registry.connections).toBeLessThanOrEqual(8);
  });

  it("for which a request has to wait longer than for a silent registry are waited for", async () => {
    using reader = openAt(registry.host, { patience: { ...HURRIED, connectMs: 1_000, tries: 1 } });
    const slow = async (): Promise<void> => await setTimeout(300);
    // Three rounds of eight, of which each takes as long as a connection may take.
    const reads = Array.from({ length: 24 }, () => readBlob(reader, BLOB, slow));
    const codes = (await Promise.all(reads)).map(outcome);
    expect(new Set(codes)).toEqual(new Set(["ok"]));
  });

  it("are closed with the repository", async () => {
    await repository.readManifest({ tag: "v1" });
    expect(registry.open).toBe(1);
    repository[Symbol.dispose]();
    await expect.poll(() => registry.open).toBe(0);
  });
});

describe("an interruption", () => {
  const interrupt = (): AbortController => new AbortController();

  it("ends a read in the middle", async () => {
    const stop = interrupt();
    const read = readBlob(repository, BLOB, () => stop.abort(), stop.signal);
    await expect(read).rejects.toThrow(Interruption);
  });

  it("ends a request that has no answer", async () => {
    const stop = interrupt();
    registry.meddler = always(() => stop.abort());
    await expect(repository.readManifest({ tag: "v1" }, stop.signal)).rejects.toThrow(Interruption);
  });

  it("ends a pause between two tries", async () => {
    const stop = interrupt();
    using patient = openAt(registry.host, {
      patience: { ...HURRIED, firstPauseMs: 500_000, longestPauseMs: 500_000, pausesMs: 9e6 },
    });
    registry.meddler = always((response) => {
      response.writeHead(503).end();
      setTimeout(50).then(() => stop.abort());
    });
    await expect(patient.readManifest({ tag: "v1" }, stop.signal)).rejects.toThrow(Interruption);
  });

  it("that came before sends nothing", async () => {
    const stop = interrupt();
    stop.abort();
    await expect(repository.readManifest({ tag: "v1" }, stop.signal)).rejects.toThrow(Interruption);
    expect(registry.seen).toEqual([]);
  });
});

describe("a sink", () => {
  it("that throws has its own error thrown, and the connection is closed", async () => {
    const read = readBlob(repository, BLOB, () => {
      throw new RangeError("of the sink");
    });
    await expect(read).rejects.toThrow("of the sink");
    await expect.poll(() => registry.open).toBe(0);
  });
});

describe("a part of a blob", () => {
  const RANGE = { offset: 1000, length: 5000 };
  const PART = BYTES.subarray(1000, 6000);

  it("is all that is read where the registry knows ranges", async () => {
    expect(await readBytes(repository, BLOB, RANGE)).toBe(ociDigestOf(PART));
    expect(registry.seen.map(({ headers }) => headers.range)).toEqual(["bytes=1000-5999"]);
  });

  it("is cut out of the whole where it does not", async () => {
    registry.meddler = ({ request }) => {
      delete request.headers.range;
      return false;
    };
    expect(await readBytes(repository, BLOB, RANGE)).toBe(ociDigestOf(PART));
  });

  it("is put together of the shorter parts that a registry gives", async () => {
    registry.meddler = ({ request }) => {
      const [, begin = ""] = /^bytes=([0-9]+)-/.exec(request.headers.range ?? "") ?? [];
      request.headers.range = `bytes=${begin}-${Math.min(5999, Number(begin) + 1999)}`;
      return false;
    };
    expect(await readBytes(repository, BLOB, RANGE)).toBe(ociDigestOf(PART));
    expect(registry.seen).toHaveLength(3);
  });

  it("of no bytes asks nothing", async () => {
    expect(await readBytes(repository, BLOB, { offset: 5, length: 0 })).toBe(ociDigestOf(Buffer.alloc(0)));
    expect(registry.seen).toEqual([]);
  });
});
/** Kilobytes that come soon enough, one after the other, and never end. */
function trickling(response: ServerResponse): void {
  response.writeHead(200, { "content-type": MANIFEST_TYPE });
  const timer = setInterval(() => response.write(SPACES.subarray(0, 20_000)), 50);
  response.on("close", () => clearInterval(timer));
}

const MANIFEST_ROWS: readonly (readonly [string, Meddler, string])[] = [
  [
    "is a switch to another protocol",
    always((response) =>
      response.socket?.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n"),
    ),
    "REGISTRY_MALFORMED http",
  ],
  ["never ends", always((response) => endlessly(response, "{")), "REGISTRY_MALFORMED too-large"],
  [
    "is a page of a web site",
    always((response) => response.writeHead(200, { "content-type": "text/html" }).end("<html>")),
    "REGISTRY_MALFORMED content-type",
  ],
  [
    "has no type",
    always((response) => response.writeHead(200).end(MANIFEST)),
    "REGISTRY_MALFORMED content-type",
  ],
  [
    "comes with another digest than its own",
    always((response) =>
      response
        .writeHead(200, { "content-type": MANIFEST_TYPE, "docker-content-digest": ociDigestOf(BYTES) })
        .end(MANIFEST),
    ),
    "REGISTRY_MALFORMED digest",
  ],
];

describe("a manifest that", () => {
  it.each(MANIFEST_ROWS)("%s is refused", async (_what, meddler, gives) => {
    registry.meddler = meddler;
    expect(outcome(await repository.readManifest({ tag: "v1" }))).toBe(gives);
  });

  it("takes its time is given up", async () => {
    using reader = openAt(registry.host, { patience: IMPATIENT });
    registry.meddler = always(trickling);
    expect(outcome(await reader.readManifest({ tag: "v1" }))).toBe("REGISTRY_UNREACHABLE timeout");
  });

  it("is another one than its digest says is refused", async () => {
    registry.meddler = always((response) =>
      response.writeHead(200, { "content-type": MANIFEST_TYPE }).end(MANIFEST),
    );
    const read = await repository.readManifest({ digest: BLOB.digest });
    expect(outcome(read)).toBe("REGISTRY_MALFORMED digest");
  });
});

const TAG_ROWS: readonly (readonly [string, Meddler, string])[] = [
  ["never end", always((response) => endlessly(response, '{"tags":[')), "REGISTRY_MALFORMED too-large"],
  ["are not JSON", always((response) => response.end("v1\nv2\n")), "REGISTRY_MALFORMED tags"],
  [
    "have a member twice",
    always((response) => response.end('{"tags":["v1"],"tags":["v2"]}')),
    "REGISTRY_MALFORMED tags",
  ],
  [
    "are not lawful",
    always((response) => response.end('{"tags":["\\u001b[2Jv1"]}')),
    "REGISTRY_MALFORMED tags",
  ],
  [
    "lead to a page that was read",
    always((response) =>
      response.writeHead(200, { link: '</v2/team/runs/tags/list?n=1000>; rel="next"' }).end('{"tags":[]}'),
    ),
    "REGISTRY_MALFORMED link",
  ],
  [
    "lead to another machine in plain HTTP",
    always((response) =>
      response.writeHead(200, { link: '<http://registry.example/>; rel="next"' }).end('{"tags":[]}'),
    ),
    "REGISTRY_MALFORMED link",
  ],
];

describe("tags", () => {
  it.each(TAG_ROWS)("that %s are refused", async (_what, meddler, gives) => {
    registry.meddler = meddler;
    expect(outcome(await repository.listTags())).toBe(gives);
  });

  it("are read page by page", async () => {
    registry.meddler = ({ query, response }) => {
      const last = Number(query.get("last") ?? 0);
      const link = last < 3 ? { link: `</v2/team/runs/tags/list?last=${last + 1}>; rel="next"` } : {};
      response.writeHead(200, link).end(JSON.stringify({ tags: [`v${last}`] }));
      return true;
    };
    expect(await repository.listTags()).toEqual({
      ok: true,
      value: { items: ["v0", "v1", "v2", "v3"], more: false },
    });
  });

  it("in pages without end are read up to a bound, and said to be more", async () => {
    registry.meddler = ({ before, response }) => {
      response.writeHead(200, { link: `<?last=${before}>; rel="next"` });
      response.end(JSON.stringify({ tags: Array.from({ length: 1000 }, (_, row) => `v${before}-${row}`) }));
      return true;
    };
    const listed = await repository.listTags();
    expect(listed.ok && [listed.value.items.length, listed.value.more]).toEqual([100_000, true]);
    expect(registry.seen).toHaveLength(100);
  });
});

describe("the index of a fallback tag that", () => {
  const REFUSED: readonly (readonly [string, string, string])[] = [
    ["is not JSON", "[", "REGISTRY_MALFORMED not-json"],
    [
      "has a member twice",
      '{"schemaVersion":2,"manifests":[],"manifests":[]}',
      "REGISTRY_MALFORMED not-json",
    ],
    ["is of version 1", '{"schemaVersion":1,"manifests":[]}', "REGISTRY_MALFORMED schema-version"],
    ["lists no descriptor", '{"schemaVersion":2,"manifests":[{}]}', "REGISTRY_MALFORMED descriptor"],
  ];
  it.each(REFUSED)("%s is refused, and not written over", async (_what, text, gives) => {
    const stored = { bytes: Buffer.from(text), type: INDEX_TYPE };
    registry.manifests.set(`sha256-${BLOB.digest}`, stored);
    expect(outcome(await repository.listReferrers(BLOB.digest))).toBe(gives);
    expect(registry.manifests.get(`sha256-${BLOB.digest}`)).toBe(stored);
  });
});
