import { once } from "node:events";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openPool } from "../src/database/connection.ts";
import { isLocal, parseAddress } from "../src/service/listen.ts";
import { Fleet } from "./support/fleet.ts";
import { hasPostgres, Postgres } from "./support/postgres.ts";
import {
  type Answered,
  type Asked,
  addServant,
  addToken,
  CANARY,
  makeAudit,
  RunningService,
} from "./support/service.ts";

const NO_AUDIT = "00000000-0000-0000-0000-000000000000";

describe.skipIf(!hasPostgres())("the service", () => {
  let postgres: Postgres;
  let fleet: Fleet;
  let service: RunningService;
  let folder: string;
  let read: string;
  let submit: string;
  let audit: string;
  let digests: readonly string[];
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "fleet-serve-"));
    postgres = await Postgres.start();
    fleet = await Fleet.make(postgres);
    await addServant(fleet);
    [read, submit] = [(await addToken(fleet, "read")).token, (await addToken(fleet, "submit")).token];
    ({ audit, digests } = await makeAudit(fleet, "registry.example/team/runs", [
      { id: "one", code: "OK", verdict: { ok: true, message: "accepted" } },
      { id: "two", code: "OUTPUT_HASH_MISMATCH", verdict: { ok: false, message: "a file differs" } },
      { id: "three", code: "WORKER_LOST" },
      { id: "four" },
    ]));
    service = await RunningService.start(fleet, "--listen", "127.0.0.1:0", "--rate", "1000000");
  });
  afterAll(async () => {
    await service?.[Symbol.asyncDispose]();
    await postgres?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  const get = async (path: string, token: string | undefined = read): Promise<Answered> =>
    await service.ask({ path, token });
  const jsonOf = ({ text }: Answered): Record<string, unknown> => JSON.parse(text) as Record<string, unknown>;

  /** Sends a request that is refused: with the status and the code, and in the form of all refusals. */
  async function refused(asked: Asked, status: number, code: string): Promise<void> {
    const answered = await service.ask({ token: read, ...asked });
    expect([answered.status, jsonOf(answered)], JSON.stringify(asked).slice(0, 200)).toEqual([
      status,
      { code, message: expect.stringMatching(/^[a-z][^\n]{5,80}$/) },
    ]);
  }

  it("lists audits and runs in pages, and gives the verdict on one run", async () => {
    const other = await makeAudit(fleet, "registry.example/team/others", []);
    const first = jsonOf(await get("/v1/audits?limit=1"));
    expect(first).toMatchObject({ audits: [{ audit: other.audit, runs: 0 }], next: other.audit });
    expect(jsonOf(await get(`/v1/audits?before=${other.audit}`))).toMatchObject({
      audits: [{ audit, runs: 4, accepted: 1, open: 1, ended_at: null }],
      next: null,
    });
    expect(jsonOf(await get(`/v1/audits/${audit}`))).toEqual(await fleet.status(audit));
    const plan = await fleet.query("EXPLAIN SELECT * FROM runseal_fleet.audit_status");
    expect(JSON.stringify(plan).match(/ on run r\b/g)).toHaveLength(1);
    const page = jsonOf(await get(`/v1/audits/${audit}/runs?limit=2&after=1`));
    expect(page).toMatchObject({
      runs: [{ run_id: "two", digest: digests[1] }, { run_id: "three" }],
      next: 3,
    });
    expect(JSON.stringify(page)).not.toContain("verdict");
    expect(jsonOf(await get(`/v1/audits/${audit}/runs?code=OK`))).toMatchObject({
      runs: [{ run_id: "one" }],
      next: null,
    });
    expect(jsonOf(await get(`/v1/audits/${audit}/runs/${digests[1]}`))).toMatchObject({
      code: "OUTPUT_HASH_MISMATCH",
      verdict: { ok: false, message: "a file differs" },
    });
  });

  it("refuses without a valid token, with the wrong role, and after a token was removed", async () => {
    const { id, token } = await addToken(fleet, "read");
    for (const path of [
      "/v1/audits",
      `/v1/audits/${audit}`,
      `/v1/audits/${audit}/progress`,
      `/v1/files/${digests[0]}/runs`,
      "/metrics",
    ]) {
      for (const headers of [
        {},
        { authorization: "Bearer " },
        { authorization: `Basic ${token}` },
        { authorization: `Bearer ${token.slice(0, -1)}` },
        { authorization: `Bearer ${token.slice(0, 21)}${read.slice(21)}` },
        { authorization: `Bearer ${token.replaceAll("_", "%5f")}` },
      ])
        await refused({ path, token: undefined, headers }, 401, "UNAUTHORIZED");
    }
    const lower = await service.ask({ path: "/v1/audits", headers: { authorization: `bearer ${token}` } });
    expect(lower.status).toBe(200);
    const cookie = `runseal_fleet=${submit}`;
    const json = { "content-type": "application/json" };
    await refused(
      { method: "POST", path: "/v1/audits", token: undefined, headers: { ...json, cookie }, body: "{}" },
      401,
      "UNAUTHORIZED",
    );
    await refused({ method: "POST", path: "/v1/audits", token, headers: json, body: "{}" }, 403, "FORBIDDEN");
    expect((await fleet.run(["token", "remove", id])).exitCode).toBe(0);
    await refused({ path: "/v1/audits", token }, 401, "UNAUTHORIZED");
    const { stdout } = await fleet.run(["token", "list"]);
    expect(JSON.parse(stdout)).toMatchObject({
      tokens: [{ role: "read", name: "of a test" }, { role: "submit" }],
    });
    const [row] = await fleet.query<{ all: string }>(
      "SELECT json_agg(t)::text AS all FROM runseal_fleet.token t",
    );
    expect(row?.all).not.toContain(read.slice(21));
    expect(stdout).not.toContain(read.slice(21));
  });

  it("refuses what is malformed, unknown, too large or too long with a code and fixed words", async () => {
    const json = { "content-type": "application/json" };
    const post = { method: "POST", path: "/v1/audits", token: submit, headers: json };
    for (const body of [
      "",
      "{",
      "[]",
      "null",
      '{"repository":7}',
      '{"repository":"h/r","any_signer":"true"}',
      '{"__proto__":{}}',
    ])
      await refused({ ...post, body }, 400, "REQUEST_MALFORMED");
    const repository = "registry.example/team/runs";
    for (const body of [
      { repository },
      { repository, any_signer: true, policy: "" },
      { repository, any_signer: true, more: 1 },
      { repository, any_signer: true, plain_http: true },
    ])
      await refused({ ...post, body: JSON.stringify(body) }, 400, "REQUEST_MALFORMED");
    await refused(
      { ...post, body: JSON.stringify({ repository, any_signer: true }) },
      403,
      "REPOSITORY_REFUSED",
    );
    await refused(
      { ...post, body: JSON.stringify({ repository: "oci-layout:/etc", any_signer: true }) },
      403,
      "REPOSITORY_REFUSED",
    );
    await refused({ ...post, body: " ".repeat(1024 * 1024 + 1) }, 413, "BODY_TOO_LARGE");
    await refused(
      { ...post, headers: { "content-type": "text/xml" }, body: "x" },
      415,
      "MEDIA_TYPE_UNSUPPORTED",
    );
    await refused({ path: `/v1/audits?limit=${"1".repeat(3000)}` }, 414, "URL_TOO_LONG");
    await refused({ path: "/v1/audits", headers: { padding: "x".repeat(9000) } }, 431, "HEADERS_TOO_LARGE");
    for (const path of [
      "/v1/audits/x",
      "/v1/audits?limit=0",
      "/v1/audits?limit=101",
      "/v1/audits?limit=1&limit=2",
      "/v1/audits?x=1",
      `/v1/audits/${audit}/runs?code=%27`,
      `/v1/files/${"A".repeat(64)}/runs`,
      "/v1/audits/%",
    ])
      await refused({ path }, 400, "REQUEST_MALFORMED");
    for (const path of ["/v1", "/V1/audits", "/../etc/passwd", "/v2/audits"])
      await refused({ path }, 404, "NOT_FOUND");
    await refused({ path: `/v1/audits/${NO_AUDIT}` }, 404, "AUDIT_NOT_FOUND");
    await refused({ path: `/v1/audits/${audit}/runs/${"0".repeat(64)}` }, 404, "RUN_NOT_FOUND");
    await refused({ method: "DELETE", path: `/v1/audits/${audit}` }, 404, "NOT_FOUND");
  });

  it("is watched for secrets in each answer of these tests, which find one that is put there", async () => {
    const made = await makeAudit(fleet, `registry.example/${CANARY}`, []);
    await expect(get(`/v1/audits/${made.audit}`)).rejects.toThrow("the answer holds canary");
    await fleet.query("DELETE FROM runseal_fleet.audit WHERE id = $1", [made.audit]);
  });

  it("answers a thousand requests at once, and counts them", async () => {
    const answers = await Promise.all(
      Array.from({ length: 1000 }, async () => await get(`/v1/audits/${audit}`)),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    const { text } = await get("/metrics");
    const [, count] =
      /requests_total\{method="GET",route="\/v1\/audits\/:audit",status="200"\} (\d+)/.exec(text) ?? [];
    expect(Number(count)).toBeGreaterThanOrEqual(1000);
    expect(text).toContain('runseal_fleet_runs{code="open"} 1\n');
    expect(text).toContain("runseal_fleet_workers 0\n");
    expect(text).toContain('runseal_fleet_jobs{state="waiting"} 0\n');
  });

  it("limits the requests of each token, and those without one", async () => {
    await using limited = await RunningService.start(fleet, "--listen", "127.0.0.1:0", "--rate", "5");
    const statuses = async (token?: string, path = "/v1/audits"): Promise<readonly number[]> => {
      const all: number[] = [];
      for (let time = 0; time < 7; time++) all.push((await limited.ask({ path, token })).status);
      return all;
    };
    expect(await statuses(read)).toEqual([200, 200, 200, 200, 200, 429, 429]);
    expect(await statuses(submit)).toEqual([200, 200, 200, 200, 200, 429, 429]);
    expect(await statuses()).toEqual([401, 401, 401, 401, 401, 429, 429]);
    expect((await limited.ask({ path: "/nowhere" })).status).toBe(429);
    const last = await limited.ask({ path: "/v1/audits", token: read });
    expect(jsonOf(last)).toMatchObject({ code: "TOO_MANY_REQUESTS" });
    expect(Number(last.headers["retry-after"])).toBeGreaterThan(0);
    for (const open of ["/healthz", "/login"])
      expect(await statuses(undefined, open)).toEqual([200, 200, 200, 200, 200, 429, 429]);
    // Tokens that don't exist: of one address, no more are looked up than ten tokens could ask.
    const { token: late } = await addToken(fleet, "read");
    for (let time = 0; time < 50; time++)
      await limited.ask({
        path: "/v1/audits",
        token: `rsf_${String(time).padStart(16, "0")}_${"x".repeat(43)}`,
      });
    expect((await limited.ask({ path: "/v1/audits", token: late })).status).toBe(429);
  });

  it("takes a token from a form of its own pages alone, into a cookie that is bound to its host by TLS", async () => {
    const post = { method: "POST", token: undefined, body: `token=${read}` };
    const form = { "content-type": "application/x-www-form-urlencoded" };
    for (const path of ["/login", "/logout"]) {
      for (const site of ["cross-site", "same-site"])
        await refused({ ...post, path, headers: { ...form, "sec-fetch-site": site } }, 403, "FORBIDDEN");
      for (const type of ["application/json", "text/plain"])
        await refused({ ...post, path, headers: { "content-type": type } }, 415, "MEDIA_TYPE_UNSUPPORTED");
    }
    await using secure = await RunningService.start(fleet, "--listen", `unix:${join(folder, "tls")}`);
    const { headers, status } = await secure.ask({ ...post, path: "/login", headers: form });
    expect([status, headers["set-cookie"]]).toEqual([
      303,
      [`__Host-runseal_fleet=${read}; Path=/; HttpOnly; SameSite=Strict; Secure`],
    ]);
    const cookie = `a=b; __Host-runseal_fleet=${read}`;
    expect((await secure.ask({ path: "/", headers: { cookie } })).status).toBe(200);
  });

  it("bounds statements, and starts a connection with no parameter that pgbouncer refuses", async () => {
    const DATABASE_URL = postgres.url(fleet.database, "servant");
    const pool = openPool({ DATABASE_URL }, 1, 1234);
    expect((await pool.query("SHOW statement_timeout")).rows).toEqual([{ statement_timeout: "1234ms" }]);
    await pool.end();
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const asked = openPool(
      { DATABASE_URL: `postgresql://x@127.0.0.1:${(server.address() as AddressInfo).port}/x` },
      1,
      1234,
    );
    const [[socket]] = (await Promise.all([
      once(server, "connection"),
      Promise.race([asked.query("SELECT 1").catch(() => undefined), sleep(100)]),
    ])) as [[Socket], unknown];
    const chunk = (socket.read() as Buffer | null) ?? ((await once(socket, "data"))[0] as Buffer);
    expect(chunk.toString()).toContain("application_name");
    expect(chunk.toString()).not.toContain("statement_timeout");
    socket.destroy();
    server.close();
    await asked.end();
  });

  it("ends connections that are slow or silent, and takes no more than its bound", async () => {
    const { host, port } = service.place as { host: string; port: number };
    const ends = (socket: Socket): Promise<string> =>
      new Promise((resolve) => {
        let text = "";
        socket.setEncoding("utf8").on("data", (chunk: string) => {
          text += chunk;
        });
        socket.on("error", () => undefined).once("close", () => resolve(text));
      });
    const silent = connect(port, host);
    const slowHeaders = connect(port, host);
    slowHeaders.write("GET /healthz HTTP/1.1\r\n");
    const dripping = setInterval(() => slowHeaders.write("a"), 500);
    const slowBody = connect(port, host);
    slowBody.write(
      `POST /v1/audits HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${submit}\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{`,
    );
    const [, headers, body] = await Promise.all([silent, slowHeaders, slowBody].map(ends));
    clearInterval(dripping);
    for (const text of [headers, body])
      expect(text).toMatch(/^HTTP\/1.1 408 [\s\S]*"code":"REQUEST_TIMED_OUT"/);

    let closed = 0;
    const many = Array.from({ length: 600 }, () =>
      connect(port, host)
        .on("error", () => undefined)
        .on("close", () => closed++),
    );
    for (let tries = 0; tries < 100 && closed < 80; tries++) await sleep(50);
    expect(closed).toBeGreaterThanOrEqual(80);
    for (const socket of many) socket.destroy();
    await sleep(200);
    expect((await get("/healthz")).status).toBe(200);
  });

  it("sends the progress of an audit until it ends, to a bounded number of clients", async () => {
    const made = await makeAudit(fleet, "registry.example/team/followed", [{ id: "one" }]);
    const path = `/v1/audits/${made.audit}/progress`;
    const followers = Array.from({ length: 64 }, async () => await get(path));
    await sleep(1500);
    await refused({ path }, 503, "BUSY");
    await fleet.query(
      "UPDATE runseal_fleet.run SET state = 'parked', code = 'WORKER_LOST', ended_at = now() WHERE audit = $1",
      [made.audit],
    );
    await fleet.query("UPDATE runseal_fleet.audit SET open_runs = 0, ended_at = now() WHERE id = $1", [
      made.audit,
    ]);
    for (const { headers, status, text } of await Promise.all(followers)) {
      expect([status, headers["content-type"]]).toEqual([200, "text/event-stream"]);
      const events = text.trim().split("\n\n");
      expect(events.map((event) => event.split("\n")[0])).toEqual([
        "event: status",
        "event: status",
        "event: end",
      ]);
      expect(JSON.parse(events[1]?.split("data: ")[1] ?? "")).toMatchObject({
        open: 0,
        codes: { WORKER_LOST: 1 },
      });
    }
    expect((await get(path)).status).toBe(200);
  });

  it("keeps no place for clients that go while their audit is looked up", async () => {
    const { host, port } = service.place as { host: string; port: number };
    const path = `/v1/audits/${audit}/progress`;
    const request = `GET ${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${read}\r\n\r\n`;
    const locked = fleet.query("BEGIN; LOCK runseal_fleet.audit; SELECT pg_sleep(1.5); COMMIT");
    await sleep(200);
    // One connection asks thrice at once: only the first of its answers hears that it closes.
    const clients = Array.from({ length: 64 }, (_, at) =>
      connect(port, host, function (this: Socket) {
        this.write(request.repeat(at === 0 ? 3 : 1));
      }).on("error", () => undefined),
    );
    await sleep(500);
    for (const client of clients) client.destroy();
    await locked;
    await sleep(2500);
    const followers = Array.from({ length: 64 }, () => connect(port, host).on("error", () => undefined));
    const heads = followers.map(async (client) => {
      client.write(request);
      const [chunk] = (await once(client, "data")) as [Buffer];
      return chunk.toString().slice(9, 12);
    });
    expect(new Set(await Promise.all(heads))).toEqual(new Set(["200"]));
    for (const client of followers) client.destroy();
    await sleep(1500);
  });

  it("ends the stream of a token that is removed", async () => {
    const { id, token } = await addToken(fleet, "read");
    const following = get(`/v1/audits/${audit}/progress`, token);
    await sleep(500);
    await fleet.run(["token", "remove", id]);
    const { text } = await Promise.race([following, sleep(5000, { text: "it goes on" })]);
    expect(text).toMatch(/^event: status\n[^\n]+\n\n$/);
  });

  it("listens on a socket of its user alone, replaces one that is stale, and leaves one that is in use", async () => {
    const path = join(folder, "s");
    const first = await RunningService.start(fleet, "--listen", `unix:${path}`);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect((await first.ask({ path: "/healthz" })).status).toBe(200);
    await expect(RunningService.start(fleet, "--listen", `unix:${path}`)).rejects.toThrow("LISTEN_FAILED");
    // One that is too busy to answer is in use, too: its queue is full, and it refuses otherwise than a stale one.
    first.child.kill("SIGSTOP");
    const waiting = Array.from({ length: 600 }, () => connect(path).on("error", () => undefined));
    await sleep(500);
    await expect(RunningService.start(fleet, "--listen", `unix:${path}`)).rejects.toThrow("LISTEN_FAILED");
    for (const socket of waiting) socket.destroy();
    first.child.kill("SIGKILL");
    await once(first.child, "exit");
    const second = await RunningService.start(fleet, "--listen", `unix:${path}`);
    expect(await second.stop()).toBe(0);
    expect(statSync(path, { throwIfNoEntry: false })).toBeUndefined();
    await expect(RunningService.start(fleet, "--listen", "0.0.0.0:0")).rejects.toThrow("error: USAGE: ");
    for (const prefix of [
      "oci-layout:/srv/runs/",
      "OCI-layout:/srv/",
      "registry.example/../x",
      "registry.example/team/./",
    ])
      await expect(
        RunningService.start(fleet, "--listen", "127.0.0.1:0", "--repositories", prefix),
        prefix,
      ).rejects.toThrow("error: USAGE: ");
  });

  it("takes a path or an IP address with a port, and knows which ones are of this machine", () => {
    const local = (text: string): boolean | undefined => {
      const address = parseAddress(text);
      return address === undefined ? undefined : isLocal(address);
    };
    for (const text of ["unix:x", "127.0.0.1:0", "127.9.9.9:80", "[::1]:80"])
      expect(local(text), text).toBe(true);
    for (const text of ["0.0.0.0:0", "[::]:0", "192.0.2.1:80", "[::ffff:127.0.0.1]:80"])
      expect(local(text), text).toBe(false);
    for (const text of ["localhost:80", "127.0.0.1", "unix:", "127.0.0.1:65536", "127.1:80", "::1:80", ""])
      expect(local(text), text).toBeUndefined();
  });

  it("has a user of the database that calls its functions and reads no table", async () => {
    const tables = await fleet.query<{ name: string }>(
      "SELECT relname AS name FROM pg_class WHERE relkind IN ('r', 'v') AND relnamespace = 'runseal_fleet'::regnamespace",
    );
    expect(tables.length).toBeGreaterThan(8);
    for (const text of [
      ...tables.map(({ name }) => `SELECT FROM runseal_fleet.${name}`),
      "INSERT INTO runseal_fleet.token VALUES ('0123456789abcdef', 'submit', '', sha256('x'))",
      "SELECT FROM runseal_fleet_queue.jobs",
      `SELECT runseal_fleet.run_of('${NO_AUDIT}', '\\x00')`,
      `SELECT runseal_fleet.park('${NO_AUDIT}', '\\x00', 'X', '{}', 'x')`,
      `SELECT runseal_fleet.with_index('${audit}', true)`,
      "SELECT runseal_fleet.submit('h/r', true, NULL, NULL, 1, 0, 0, 0, false, '{}', '{}')",
      `SELECT runseal_fleet.index_files('${NO_AUDIT}', '\\x00', '\\x00')`,
    ])
      await expect(fleet.query(text, [], "servant"), text).rejects.toThrow("permission denied");
    expect(await fleet.query("SELECT runseal_fleet.token_of('')", [], "servant")).toEqual([]);
    const served =
      "SELECT runseal_fleet.submit_served($1, NULL, NULL, 1, 0, 0, 0, false, '{}', '{}', true) AS made";
    for (const repository of [
      "oci-layout:/etc",
      "OCI-layout:/srv/x",
      "h/../x",
      "h/r/..",
      "h",
      "",
      `h/${"x".repeat(600)}`,
    ])
      await expect(fleet.query(served, [repository], "servant"), repository).rejects.toThrow(
        "may not submit",
      );
    const [row] = await fleet.query<{ made: string }>(served, ["h/r"], "servant");
    expect(
      await fleet.query("DELETE FROM runseal_fleet.audit WHERE id = $1 RETURNING plain_http", [row?.made]),
    ).toEqual([{ plain_http: false }]);
  });

  it("says that the database is away, and goes on when it is back", async () => {
    await postgres.down("fast");
    for (const path of ["/healthz", "/v1/audits", "/metrics", "/"])
      await refused({ path }, 503, "DATABASE_UNAVAILABLE");
    expect(
      service.errors.every((line) =>
        /^\{"at":"[^"]+","event":"DATABASE_UNAVAILABLE","code":"\w+"\}$/.test(line),
      ),
    ).toBe(true);
    await postgres.up();
    expect((await get("/v1/audits")).status).toBe(200);
  });
});
