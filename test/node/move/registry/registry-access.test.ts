/** Who is let in, and where requests go: tokens, redirects and TLS. A registry never learns more than it needs. */

import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { MANIFEST_TYPE } from "../../../../src/core/internal.ts";
import { nextAddress, realmAddress } from "../../../../src/node/move/registry/addresses.ts";
import {
  type CredentialSource,
  joinPassword,
} from "../../../../src/node/move/registry/credentials/credentials.ts";
import { listenForCauses } from "../../../../src/node/system/runtime/cause-channel.ts";
import { hasTool } from "../../../support/evidence/real-tools.ts";
import { ModelRegistry, ociDigestOf, sendJson } from "../../../support/registry/model-registry.ts";
import { blobOf, manifestOf, openAt, outcome, readBytes } from "../../../support/registry/registry-scene.ts";
import { type GuardedRegistry, startGuarded, TOKEN } from "../../../support/registry/token-server.ts";

const BYTES = randomBytes(5000);
const BLOB = blobOf(BYTES);
const NAME = "carrier";
const PASSWORD = "canary:pässword\n4711";

/** Credentials for any host, and the hosts that they were asked for. */
function known(
  kind: "password" | "identity-token" = "password",
): CredentialSource & { readonly hosts: string[] } {
  const hosts: string[] = [];
  return {
    hosts,
    find: (host) => {
      hosts.push(host);
      const value =
        kind === "password" ? joinPassword(NAME, PASSWORD) : { kind, secret: Buffer.from(PASSWORD) };
      return Promise.resolve({ ok: true, value });
    },
  };
}

/** What was published while a test ran: not even a log that was asked for may have a secret. */
const published: unknown[] = [];
const stopListening = listenForCauses((thrown) => published.push(thrown));
afterAll(stopListening);
afterEach(() => {
  const said = published.map((thrown) => (thrown instanceof Error ? [thrown.stack, { ...thrown }] : thrown));
  const text = JSON.stringify(said);
  expect(text).not.toMatch(/canary/);
  expect(text).not.toContain(Buffer.from(PASSWORD).toString("base64").slice(0, 12));
  expect(text).not.toContain(`${Buffer.from("canary").toJSON().data}`);
  published.length = 0;
});

let guarded: GuardedRegistry;
beforeEach(async () => {
  guarded = await startGuarded();
  guarded.registry.addBlob(BYTES);
});
afterEach(() => guarded[Symbol.asyncDispose]());

describe("a token", () => {
  it("is asked for once, with the password, for this repository alone, and then used again", async () => {
    const credentials = known();
    using repository = openAt(guarded.registry.host, { credentials });
    expect(await readBytes(repository, BLOB)).toBe(ociDigestOf(BYTES));
    expect(await readBytes(repository, BLOB)).toBe(ociDigestOf(BYTES));
    expect(credentials.hosts).toEqual([guarded.registry.host]);
    const [question, ...others] = guarded.questions;
    expect(others).toEqual([]);
    expect([...(question?.query ?? [])]).toEqual([
      ["own", "1"],
      ["service", "a registry"],
      ["scope", "repository:team/runs:pull"],
    ]);
    const pair = Buffer.from(`${NAME}:${PASSWORD}`).toString("base64");
    expect(question?.authorization).toBe(`Basic ${pair}`);
  });

  it("is asked for without a password where there is none", async () => {
    using repository = openAt(guarded.registry.host);
    expect(await readBytes(repository, BLOB)).toBe(ociDigestOf(BYTES));
    expect(guarded.questions.map(({ authorization }) => authorization)).toEqual([undefined]);
  });

  it("of a login is sent in a form, not in the address", async () => {
    using repository = openAt(guarded.registry.host, { credentials: known("identity-token") });
    expect(await readBytes(repository, BLOB)).toBe(ociDigestOf(BYTES));
    const [question] = guarded.questions;
    const form = new URLSearchParams(question?.body);
    expect(question?.method).toBe("POST");
    expect(Object.fromEntries(form)).toEqual({
      service: "a registry",
      scope: "repository:team/runs:pull",
      grant_type: "refresh_token",
      client_id: "runseal",
      refresh_token: PASSWORD,
    });
  });

  it("is asked for once by requests at the same time", async () => {
    using repository = openAt(guarded.registry.host, { credentials: known() });
    const read = await Promise.all([1, 2, 3, 4].map(() => readBytes(repository, BLOB)));
    expect(new Set(read)).toEqual(new Set([ociDigestOf(BYTES)]));
    expect(guarded.questions).toHaveLength(1);
  });

  it("that expired is asked for anew", async () => {
    using repository = openAt(guarded.registry.host, { credentials: known() });
    await readBytes(repository, BLOB);
    const { meddler } = guarded.registry;
    let expired = true;
    guarded.registry.meddler = (call) => {
      if (expired) call.request.headers.authorization = "Bearer old";
      expired = false;
      return meddler(call);
    };
    expect(await readBytes(repository, BLOB)).toBe(ociDigestOf(BYTES));
    expect(guarded.questions).toHaveLength(2);
  });

  const ANSWERS: readonly (readonly [string, (response: ServerResponse) => void, string])[] = [
    ["is not JSON", (response) => response.end(TOKEN), "REGISTRY_MALFORMED token"],
    ["is missing", (response) => sendJson(response, 200, {}), "REGISTRY_MALFORMED token"],
    ["is empty", (response) => sendJson(response, 200, { token: "" }), "REGISTRY_MALFORMED token"],
    ["is not a text", (response) => sendJson(response, 200, { token: [TOKEN] }), "REGISTRY_MALFORMED token"],
    [
      "is there twice",
      (response) => response.end(`{"token":"${TOKEN}","token":"${TOKEN}"}`),
      "REGISTRY_MALFORMED token",
    ],
    [
      "would begin another header",
      (response) => sendJson(response, 200, { token: `${TOKEN}\r\nx: y` }),
      "REGISTRY_MALFORMED token",
    ],
    [
      "is longer than headers are",
      (response) => sendJson(response, 200, { token: TOKEN.repeat(3000) }),
      "REGISTRY_MALFORMED token",
    ],
    [
      "never ends",
      (response) => {
        const more = (): void => {
          while (!response.destroyed && response.write(" ".repeat(65536)));
        };
        response.on("drain", more);
        more();
      },
      "REGISTRY_MALFORMED too-large",
    ],
    ["is refused", (response) => response.writeHead(401).end("canary"), "REGISTRY_DENIED unauthorized"],
    ["is forbidden", (response) => response.writeHead(403).end("canary"), "REGISTRY_DENIED unauthorized"],
    [
      "is somewhere else",
      (response) => response.writeHead(307, { location: "https://registry.example/" }).end(),
      "REGISTRY_REDIRECT_REFUSED redirect",
    ],
    ["meets an error", (response) => response.writeHead(500).end(), "REGISTRY_STATUS status 500"],
    ["is not HTTP", (response) => void response.socket?.end(`${TOKEN}\r\n\r\n`), "REGISTRY_MALFORMED http"],
    [
      "is another one",
      (response) => sendJson(response, 200, { token: "other" }),
      "REGISTRY_DENIED unauthorized",
    ],
  ];
  it.each(ANSWERS)("that %s is a fault without a secret in it", async (_what, give, gives) => {
    guarded.give = give;
    using repository = openAt(guarded.registry.host, { credentials: known() });
    const read = await repository.readManifest({ tag: "v1" });
    expect(outcome(read)).toBe(gives);
    expect(JSON.stringify(read)).not.toMatch(/canary/);
  });

  const REALMS = [
    "http://registry.example/token",
    "ftp://127.0.0.1/token",
    "/token",
    "file:///etc/passwd",
    "https://user:password@127.0.0.1/",
    "",
  ];
  it.each(REALMS)("is not asked for at %j, and no password leaves", async (realm) => {
    guarded.realm = realm;
    const credentials = known();
    using repository = openAt(guarded.registry.host, { credentials });
    expect(await readBytes(repository, BLOB)).toBe("REGISTRY_REDIRECT_REFUSED realm");
    expect(guarded.questions).toEqual([]);
  });

  it("may come from a server with https, or on this machine", () => {
    expect(realmAddress("https://auth.example/token#x")?.href).toBe("https://auth.example/token");
    expect(realmAddress("http://localhost:5001/token")?.href).toBe("http://localhost:5001/token");
    expect(realmAddress("http://127.1/")?.hostname).toBe("127.0.0.1");
    expect(realmAddress("http://127.0.0.1.example/")).toBeUndefined();
  });
});

describe("a password", () => {
  it("is sent only after the registry asked, and then with each request", async () => {
    guarded.registry.meddler = ({ request, response }) => {
      if (request.headers.authorization !== undefined) return false;
      response.writeHead(401, { "www-authenticate": 'Negotiate, Basic realm="a \\"registry\\""' }).end();
      return true;
    };
    using repository = openAt(guarded.registry.host, { credentials: known() });
    expect(await readBytes(repository, BLOB)).toBe(ociDigestOf(BYTES));
    expect(await readBytes(repository, BLOB)).toBe(ociDigestOf(BYTES));
    const pair = `Basic ${Buffer.from(`${NAME}:${PASSWORD}`).toString("base64")}`;
    expect(guarded.registry.seen.map(({ headers }) => headers.authorization)).toEqual([
      undefined,
      pair,
      pair,
    ]);
  });

  it("that is wrong is sent once", async () => {
    guarded.registry.meddler = ({ response }) => {
      response.writeHead(401, { "www-authenticate": "Basic" }).end();
      return true;
    };
    using repository = openAt(guarded.registry.host, { credentials: known() });
    expect(await readBytes(repository, BLOB)).toBe("REGISTRY_DENIED unauthorized");
    expect(guarded.registry.seen).toHaveLength(2);
  });

  it("has a name without a colon or a control character", () => {
    for (const name of ["", "a:b", "a\nb", "x".repeat(2000)]) expect(joinPassword(name, "x")).toBeUndefined();
  });
});

describe("a redirect", () => {
  let other: ModelRegistry;
  beforeEach(async () => {
    other = await ModelRegistry.start();
    other.addBlob(BYTES);
  });
  afterEach(() => other[Symbol.asyncDispose]());

  /** Lets a user in, and then sends on. */
  function sendOn(status: number, location: string, only: (line: string) => boolean = () => true): void {
    const { meddler } = guarded.registry;
    guarded.registry.meddler = async (call) => {
      if (await meddler(call)) return true;
      if (!only(call.line)) return false;
      call.request.resume();
      call.response.writeHead(status, { location }).end();
      return true;
    };
  }

  it.each([301, 302, 303, 307, 308])(
    "of a read with status %i is followed, without the token",
    async (status) => {
      sendOn(status, `${other.url}/v2/x/y/blobs/${ociDigestOf(BYTES)}?signature=1`);
      using repository = openAt(guarded.registry.host, { credentials: known() });
      expect(await readBytes(repository, BLOB)).toBe(ociDigestOf(BYTES));
      expect(other.seen.map(({ headers }) => headers.authorization)).toEqual([undefined]);
    },
  );

  it("to the same registry keeps the token", async () => {
    sendOn(307, `/v2/team/moved/blobs/${ociDigestOf(BYTES)}`, (line) => line.includes("/team/runs/"));
    using repository = openAt(guarded.registry.host, { credentials: known() });
    expect(await readBytes(repository, BLOB)).toBe(ociDigestOf(BYTES));
    expect(guarded.registry.seen.at(-1)?.headers.authorization).toBe(`Bearer ${TOKEN}`);
  });

  it("back from another host has no token any more", async () => {
    sendOn(307, `${other.url}/back`, (line) => line.includes("/team/runs/"));
    other.meddler = ({ response }) => {
      response.writeHead(307, { location: `${guarded.registry.url}/v2/private/x/blobs/y` }).end();
      return true;
    };
    using repository = openAt(guarded.registry.host, { credentials: known() });
    expect(await readBytes(repository, BLOB)).toBe("REGISTRY_DENIED unauthorized");
    expect(guarded.registry.seen.at(-1)).toMatchObject({ line: "GET /v2/private/x/blobs/y" });
    expect(guarded.registry.seen.at(-1)?.headers.authorization).toBeUndefined();
  });

  it("to a host that wants a user does not get one", async () => {
    sendOn(307, `${other.url}/x`);
    other.meddler = ({ response }) => {
      response.writeHead(401, { "www-authenticate": "Basic" }).end();
      return true;
    };
    using repository = openAt(guarded.registry.host, { credentials: known() });
    expect(await readBytes(repository, BLOB)).toBe("REGISTRY_DENIED unauthorized");
    expect(other.seen).toHaveLength(1);
  });

  const REFUSED = [
    "http://registry.example/x",
    "http://169.254.169.254/latest/meta-data",
    "file:///etc/passwd",
    "https://user@registry.example/",
    "http://[::1",
    `http://127.0.0.1/${"x".repeat(9000)}`,
  ];
  it.each(REFUSED.map((one) => [one.slice(0, 50), one]))("to %s is refused", async (_shown, location) => {
    sendOn(307, location);
    using repository = openAt(guarded.registry.host, { credentials: known() });
    expect(await readBytes(repository, BLOB)).toBe("REGISTRY_REDIRECT_REFUSED redirect");
  });

  it("without a place is refused", async () => {
    guarded.registry.meddler = ({ response }) => {
      response.writeHead(307).end();
      return true;
    };
    using repository = openAt(guarded.registry.host);
    expect(await readBytes(repository, BLOB)).toBe("REGISTRY_REDIRECT_REFUSED redirect");
  });

  it("after five others is refused", async () => {
    guarded.registry.meddler = ({ before, response }) => {
      response.writeHead(307, { location: `/v2/hop/${before}` }).end();
      return true;
    };
    using repository = openAt(guarded.registry.host);
    expect(await readBytes(repository, BLOB)).toBe("REGISTRY_REDIRECT_REFUSED redirect");
    expect(guarded.registry.seen).toHaveLength(6);
  });

  it("of a write is followed only if it stays a write", async () => {
    using repository = openAt(guarded.registry.host, { credentials: known() });
    const bytes = manifestOf([]);
    sendOn(302, `${other.url}/v2/x/y/manifests/v1`, (line) => line.startsWith("PUT"));
    const put = await repository.putManifest({ bytes, mediaType: MANIFEST_TYPE }, "v1");
    expect(outcome(put)).toBe("REGISTRY_REDIRECT_REFUSED redirect");
    expect(other.seen).toEqual([]);
  });

  it("of a write with status 307 takes the body along, without the token", async () => {
    using repository = openAt(guarded.registry.host, { credentials: known() });
    const bytes = manifestOf([]);
    sendOn(307, `${other.url}/v2/x/y/manifests/v1`, (line) => line.startsWith("PUT"));
    expect(outcome(await repository.putManifest({ bytes, mediaType: MANIFEST_TYPE }, "v1"))).toBe("ok");
    expect(other.manifests.get("v1")?.bytes.equals(bytes)).toBe(true);
    expect(other.seen.map(({ headers }) => headers.authorization)).toEqual([undefined]);
  });
});

describe("plain HTTP", () => {
  it("is never used after https, and to another machine only where it is allowed", () => {
    const https = new URL("https://registry.example/v2/");
    const http = new URL("http://registry.example/v2/");
    const gives = (from: URL, to: string, plainHttp: boolean): string | undefined =>
      nextAddress(from, to, plainHttp)?.href;
    expect(gives(https, "http://127.0.0.1/x", true)).toBeUndefined();
    expect(gives(https, "//cdn.example/x", false)).toBe("https://cdn.example/x");
    expect(gives(http, "http://cdn.example/x", false)).toBeUndefined();
    expect(gives(http, "http://cdn.example/x", true)).toBe("http://cdn.example/x");
    expect(gives(http, "http://127.0.0.1/x", false)).toBe("http://127.0.0.1/x");
    expect(gives(http, "https://cdn.example/x", false)).toBe("https://cdn.example/x");
  });

  it("in an answer to TLS is named as such, and nothing was asked", async () => {
    using repository = openAt(guarded.registry.host, { plainHttp: false, credentials: known() });
    expect(await readBytes(repository, BLOB)).toBe("REGISTRY_UNREACHABLE plain-http");
    expect(guarded.registry.seen).toEqual([]);
  });
});

describe.skipIf(!hasTool("openssl"))("TLS", () => {
  const folder = mkdtempSync(join(tmpdir(), "runseal-tls-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const [key, cert] = [join(folder, "key"), join(folder, "cert")];
  spawnSync("openssl", [
    ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"],
    ...["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", cert],
  ]);
  let secure: ModelRegistry;
  beforeEach(async () => {
    secure = await ModelRegistry.start({ key: readFileSync(key), cert: readFileSync(cert) });
    secure.addBlob(BYTES);
  });
  afterEach(async () => {
    delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
    await secure[Symbol.asyncDispose]();
  });

  it("with a certificate that no authority vouches for is refused, once", async () => {
    using repository = openAt(secure.host, { plainHttp: false, credentials: known() });
    expect(await readBytes(repository, BLOB)).toBe("REGISTRY_UNREACHABLE tls");
    expect(secure.seen).toEqual([]);
  });

  it("never leads to plain HTTP, on this machine neither", async () => {
    // A test can't add an authority to a process that runs. The client itself has no such switch.
    process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
    using repository = openAt(secure.host, { plainHttp: false });
    expect(await readBytes(repository, BLOB)).toBe(ociDigestOf(BYTES));
    secure.meddler = ({ response }) => {
      response.writeHead(307, { location: `${guarded.registry.url}/v2/x/y/blobs/z` }).end();
      return true;
    };
    expect(await readBytes(repository, BLOB)).toBe("REGISTRY_REDIRECT_REFUSED redirect");
    expect(guarded.registry.seen).toEqual([]);
  });
});
