import { randomBytes } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { caseOf } from "../../support/command/case-of.ts";
import { BUNDLE, factsOf, makeSealedProject, namesIn, type Project } from "../../support/command/cli.ts";
import { Authority, reasonWithoutAuthority, sequence, tlv } from "../../support/evidence/authority.ts";
import {
  type Answer,
  honestly,
  REPLY_TYPE,
  type RunningServer,
  reply,
  serve,
} from "../../support/evidence/authority-server.ts";
import { timestampsFile, tokensOf } from "../../support/evidence/timestamps.ts";

const reason = reasonWithoutAuthority();
const FILE = `${BUNDLE}/TIMESTAMPS.json`;

/** The 64 bytes that are stamped. */
function signatureOf(project: Project): Buffer {
  const { signature } = JSON.parse(readFileSync(project.at(BUNDLE, "SIGNATURE.json"), "utf8")) as {
    signature: string;
  };
  return Buffer.from(signature, "hex");
}

/** An answer with a token. */
function respond(token: Uint8Array, status = 0): Buffer {
  return sequence(sequence(tlv(0x02, Buffer.from([status]))), token);
}

/** The nonce and the imprint of a request. */
function partsOf(query: Buffer): { readonly nonce: Buffer } {
  const start = query.length - 3 - 8;
  return { nonce: query.subarray(start, start + 8) };
}

describe.skipIf(reason !== undefined)(
  `timestamps${reason === undefined ? "" : ` (skipped: ${reason})`}`,
  () => {
    let authority: Authority;
    let other: Authority;
    let server: RunningServer;
    const servers: RunningServer[] = [];

    beforeAll(async () => {
      authority = new Authority();
      other = new Authority();
      server = await start(honestly(authority));
    });
    afterAll(async () => {
      for (const one of servers) await one.close();
      authority[Symbol.dispose]();
      other[Symbol.dispose]();
    });

    async function start(answer: Answer): Promise<RunningServer> {
      const one = await serve(answer);
      servers.push(one);
      return one;
    }

    /** A project with a bundle, whose user trusts the authority. */
    async function makeScene(): Promise<Project> {
      const project = await makeSealedProject();
      await project.done(["trust", "add", "test-tsa", "--tsa", authority.ca]);
      return project;
    }

    describe("runseal sign --time", () => {
      it("adds a token that openssl accepts over the signature, and verify says the time", async () => {
        using project = await makeScene();
        const before = Date.now();
        const facts = await project.json(["sign", "--time", "one", "--tsa", server.url]);
        expect(facts).toMatchObject({
          ok: true,
          run_id: "one",
          time: { authority: "test-tsa", certificate: authority.digest("ca"), accuracy_ms: 1000 },
          certificates: [authority.digest("leaf"), authority.digest("ca")],
          timestamps: 1,
          dropped: 0,
        });
        const [token = Buffer.alloc(0)] = tokensOf(readFileSync(project.at(FILE)));
        expect(authority.opensslAccepts(token, signatureOf(project))).toBe(true);
        const verified = await project.json(["verify", "one"]);
        const { time } = verified as { time: { before: string; not_after: string } };
        expect(Date.parse(time.before)).toBeGreaterThanOrEqual(Math.floor(before / 1000) * 1000);
        expect(Date.parse(time.not_after) - Date.parse(time.before)).toBe(1000);
        expect(verified).toMatchObject({
          ok: true,
          time: { ok: true, code: "OK", authority: "test-tsa", tokens: [{ entry: 1, ok: true, code: "OK" }] },
          trust: { ok: true, time: { authority: "test-tsa" } },
        });
        const { stdout } = await project.done(["verify", "one"]);
        expect(stdout).toContain(`time     before ${time.before} ±1 s, says test-tsa (trusted)\n`);
      });

      it("asks by the rules of RFC 3161: content type, certReq, and another nonce each time", async () => {
        using project = await makeScene();
        const seen: string[] = [];
        const one = await start((query, response) => {
          seen.push(partsOf(query).nonce.toString("hex"));
          expect(query.subarray(-3)).toEqual(Buffer.from("0101ff", "hex"));
          reply(response, authority.reply(query));
        });
        await project.done(["sign", "--time", "one", "--tsa", one.url]);
        await project.done(["sign", "--time", "one", "--tsa", one.url]);
        expect(new Set(seen).size).toBe(2);
        expect(tokensOf(readFileSync(project.at(FILE)))).toHaveLength(2);
      });

      it("keeps a token of an authority that the trust file does not name, and says so", async () => {
        using project = await makeSealedProject();
        const end = await project.run(["sign", "--time", "one", "--tsa", server.url]);
        expect(end).toMatchObject({ exitCode: 0 });
        expect(end.stderr).toContain("the trust file does not name the authority");
        expect(end.stderr).toContain(`sha256:${authority.digest("ca")}`);
        expect(await project.json(["verify", "one"])).toMatchObject({
          ok: true,
          time: { ok: false, code: "TIMESTAMP_INVALID", flaw: "authority-unknown" },
        });
        await project.done(["trust", "add", "test-tsa", "--tsa", authority.leaf]);
        expect(await project.json(["verify", "one"])).toMatchObject({
          time: { ok: true, authority: "test-tsa" },
        });
      });

      it("adds no token to another bundle that takes the path while the authority is asked", async () => {
        using project = await makeScene();
        await project.done(["seal", "out", "--id", "two", "--tsa", server.url]);
        const good = readFileSync(project.at(".runseal/runs/two/TIMESTAMPS.json"));
        const swapping = await start((query, response) => {
          renameSync(project.at(BUNDLE), project.at("before"));
          renameSync(project.at(".runseal/runs/two"), project.at(BUNDLE));
          reply(response, authority.reply(query));
        });
        expect(await project.json(["sign", "--time", "one", "--tsa", swapping.url])).toMatchObject({
          ok: false,
          code: "CHANGED_WHILE_READ",
        });
        expect(readFileSync(project.at(FILE))).toEqual(good);
        expect(namesIn(project.at("before"))).not.toContain("TIMESTAMPS.json");
        expect(namesIn(project.at(BUNDLE)).filter((name) => name.startsWith("."))).toEqual([]);
      });

      it("takes an https server whose CA NODE_EXTRA_CA_CERTS names, and no other", async () => {
        using project = await makeScene();
        using tls = new Authority({ extensions: ["subjectAltName=DNS:localhost"] });
        const secure = await serve(honestly(authority), {
          key: readFileSync(tls.key),
          cert: readFileSync(tls.leaf),
        });
        servers.push(secure);
        const stamp = ["sign", "--time", "one", "--tsa", secure.url];
        expect(await project.json(stamp, { process: true })).toMatchObject({
          code: "TSA_UNREACHABLE",
          details: { reason: "tls" },
          exit_code: 9,
        });
        const env = { ...project.env, NODE_EXTRA_CA_CERTS: tls.ca };
        expect(await project.json(stamp, { env })).toMatchObject({ ok: true, timestamps: 1 });
      });
    });

    describe("an authority that does not answer as it should", () => {
      const plainly = (answer: Answer) => (): Answer => answer;
      const HOSTILE: readonly (readonly [
        what: string,
        code: string,
        answer: (project: Project) => Answer,
      ])[] = [
        [
          "sends a byte a second",
          "TSA_UNREACHABLE timeout",
          plainly((_query, response) => {
            response.writeHead(200, { "content-type": REPLY_TYPE });
            const timer = setInterval(() => response.write("0"), 100);
            response.on("close", () => clearInterval(timer));
          }),
        ],
        [
          "switches to another protocol, unasked",
          "TSA_ANSWER_MALFORMED form",
          plainly((_query, response) =>
            response.socket?.write(
              "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n",
            ),
          ),
        ],
        ["ends the connection", "TSA_UNREACHABLE lost", plainly((_query, response) => response.destroy())],
        [
          "ends the connection within its answer",
          "TSA_UNREACHABLE lost",
          plainly((_query, response) => {
            response.writeHead(200, { "content-type": REPLY_TYPE, "content-length": 100 });
            response.write("0", () => response.destroy());
          }),
        ],
        [
          "says that it sends 1 GB",
          "TSA_ANSWER_MALFORMED too-large",
          plainly((_query, response) => {
            response.writeHead(200, { "content-type": REPLY_TYPE, "content-length": 2 ** 30 });
            response.write("0");
          }),
        ],
        [
          "sends 1 GB",
          "TSA_ANSWER_MALFORMED too-large",
          plainly((_query, response) => {
            response.writeHead(200, { "content-type": REPLY_TYPE });
            const piece = Buffer.alloc(64 * 1024);
            const more = (left: number): void => {
              if (left > 0 && !response.destroyed) response.write(piece, () => more(left - 1));
            };
            more(16_384);
          }),
        ],
        [
          "sends a token of 65 KiB",
          "TSA_ANSWER_MALFORMED too-large",
          plainly((_query, response) =>
            reply(response, respond(sequence(tlv(0x04, randomBytes(65 * 1024))))),
          ),
        ],
        [
          "grants and sends no token",
          "TSA_ANSWER_MALFORMED form",
          plainly((_query, response) => reply(response, sequence(sequence(tlv(2, Buffer.from([0])))))),
        ],
        [
          "refuses and sends a token all the same",
          "TSA_REFUSED",
          (project) => (query, response) =>
            reply(response, respond(authority.forge(signatureOf(project), partsOf(query)), 2)),
        ],
      ];
      it.each(HOSTILE)("that %s: %s, exit code 9, and nothing changes", async (_what, code, answer) => {
        using project = await makeScene();
        const hostile = await start(answer(project));
        const stamp = ["sign", "--time", "one", "--tsa", hostile.url, "--json"];
        const end = await project.changesNothing(stamp, {
          env: { ...project.env, RUNSEAL_TSA_TIMEOUT: "1" },
        });
        const facts = factsOf(end);
        expect(facts).toMatchObject({ exit_code: 9, ok: false });
        expect(caseOf(facts)).toBe(code);
        expect(end.exitCode).toBe(9);
      });

      it("is not there: a seal stands, with exit code 9, and timestamp adds the token later", async () => {
        using project = await makeScene();
        const seal = ["seal", "out", "--id", "two", "--tsa", "http://127.0.0.1:9"];
        expect(await project.json(seal)).toMatchObject({
          ok: false,
          code: "TSA_UNREACHABLE",
          exit_code: 9,
          run_id: "two",
          timestamp: null,
        });
        expect(await project.json(["verify", "two"])).toMatchObject({ ok: true, time: null });
        expect(await project.json(["sign", "--time", "two", "--tsa", server.url])).toMatchObject({
          ok: true,
        });
        expect(await project.json(["verify", "two", "--require-timestamp"])).toMatchObject({ ok: true });
      });

      it("leaves the exit code of a run to its command", async () => {
        using project = await makeScene();
        const run = (id: string, command: string): readonly string[] => [
          "run",
          "--id",
          id,
          "--output",
          id,
          "--tsa",
          "http://127.0.0.1:9",
          "--",
          "sh",
          "-c",
          command,
        ];
        const fine = await project.run(run("two", "echo > two"));
        expect(fine.exitCode).toBe(9);
        expect(fine.stderr).toContain("error: TSA_UNREACHABLE");
        const failed = await project.run(run("three", "echo > three; exit 3"));
        expect(failed.exitCode).toBe(3);
        expect(failed.stderr).toContain("warning: TSA_UNREACHABLE");
        expect(await project.json(["verify", "two"])).toMatchObject({ ok: true });
      });
    });

    describe("seal, run and sign --tsa", () => {
      it("stamp what they seal", async () => {
        using project = await makeScene();
        const sealed = await project.json(["seal", "out", "--id", "two", "--tsa", server.url]);
        expect(sealed).toMatchObject({
          ok: true,
          timestamp: { time: { authority: "test-tsa" }, timestamps: 1 },
        });
        const { exitCode, stderr } = await project.run([
          "run",
          "--id",
          "three",
          "--output",
          "made",
          "--tsa",
          server.url,
          "--",
          "sh",
          "-c",
          "echo > made",
        ]);
        expect(exitCode, stderr).toBe(0);
        expect(stderr).toMatch(/time {5}before .* says test-tsa \(trusted\)/);
        const chain = await project.json(["verify", "--history", "--require-timestamp"]);
        expect(chain).toMatchObject({ code: "TIMESTAMP_REQUIRED", details: { run_id: "one" }, exit_code: 3 });
        await project.done(["sign", "--time", "one", "--tsa", server.url]);
        expect(await project.json(["verify", "--history", "--require-timestamp"])).toMatchObject({
          ok: true,
        });
      });

      it("stamp the signature of sign, not of the job that sealed", async () => {
        using project = await makeScene();
        await project.done(["seal", "out", "--unsigned", "--id", "two"]);
        expect(await project.json(["sign", "two", "--yes", "--tsa", server.url])).toMatchObject({
          ok: true,
          signed_elsewhere: { command: "not witnessed by the signer" },
          timestamp: { time: { authority: "test-tsa" }, timestamps: 1 },
        });
        expect(await project.json(["verify", "two", "--require-timestamp"])).toMatchObject({ ok: true });
      });

      it("end with TSA_UNREACHABLE, exit code 9, where a signal comes while the authority is asked", async () => {
        using project = await makeScene();
        let isAsked = false;
        const silent = await start(() => {
          isAsked = true;
        });
        const kill = { signal: "SIGINT" as const, when: () => isAsked };
        const seal = ["seal", "out", "--id", "two", "--tsa", silent.url, "--json"];
        const { exitCode, stdout } = await project.run(seal, { kill });
        expect(exitCode).toBe(9);
        expect(JSON.parse(stdout)).toMatchObject({
          code: "TSA_UNREACHABLE",
          details: { reason: "interrupted" },
          run_id: "two",
          timestamp: null,
        });
        expect(await project.json(["verify", "two"])).toMatchObject({ ok: true });
      });

      it("leave it to timestamp to end with 130 then, which changes nothing", async () => {
        using project = await makeScene();
        let isAsked = false;
        const silent = await start(() => {
          isAsked = true;
        });
        const kill = { signal: "SIGINT" as const, when: () => isAsked };
        const end = await project.changesNothing(["sign", "--time", "one", "--tsa", silent.url, "--json"], {
          kill,
        });
        expect(JSON.parse(end.stdout)).toMatchObject({ code: "INTERRUPTED", exit_code: 130 });
      });
    });

    describe("TIMESTAMPS.json", () => {
      const stamp = (): readonly string[] => ["sign", "--time", "one", "--tsa", server.url];

      const BROKEN: readonly (readonly [what: string, place: (project: Project) => void])[] = [
        ["is not JSON", (project) => writeFileSync(project.at(FILE), "no")],
        [
          "has 17 tokens",
          (project) =>
            writeFileSync(
              project.at(FILE),
              timestampsFile(Array.from({ length: 17 }, () => Buffer.of(5, 0))),
            ),
        ],
        [
          "has a token of 65 KiB",
          (project) => writeFileSync(project.at(FILE), timestampsFile([randomBytes(65 * 1024)])),
        ],
        [
          "is of 2 MB",
          (project) => writeFileSync(project.at(FILE), `{"tokens":["${"A".repeat(2 ** 21)}"],"version":1}`),
        ],
        ["is a folder", (project) => mkdirSync(project.at(FILE))],
        [
          "is a link to such a file",
          (project) => {
            writeFileSync(project.at("elsewhere"), timestampsFile([]));
            symlinkSync(project.at("elsewhere"), project.at(FILE));
          },
        ],
        ["is a link that leads nowhere", (project) => symlinkSync("nowhere", project.at(FILE))],
      ];
      it.each(BROKEN)(
        "that %s does not count and is not replaced: TIMESTAMPS_MALFORMED",
        async (_what, place) => {
          using project = await makeScene();
          place(project);
          expect(await project.json(["verify", "one"])).toMatchObject({
            ok: true,
            time: { ok: false, code: "TIMESTAMPS_MALFORMED" },
          });
          expect(await project.json(["verify", "one", "--require-timestamp"])).toMatchObject({
            code: "TIMESTAMP_REQUIRED",
            exit_code: 3,
          });
          const end = await project.changesNothing([...stamp(), "--json"]);
          expect(JSON.parse(end.stdout)).toMatchObject({ code: "TIMESTAMPS_MALFORMED", exit_code: 1 });
        },
      );

      it("loses tokens that do not hold, so that sixteen planted ones block nothing", async () => {
        using project = await makeScene();
        const signature = signatureOf(project);
        const broken = Array.from({ length: 8 }, () => authority.forge(randomBytes(64)));
        const foreign = Array.from({ length: 8 }, () =>
          other.forge(signature, { nonce: randomBytes(8).fill(1, 0, 1) }),
        );
        writeFileSync(project.at(FILE), timestampsFile([...broken, ...foreign]));
        expect(await project.json(stamp())).toMatchObject({ ok: true, timestamps: 9, dropped: 8 });
        writeFileSync(project.at(FILE), timestampsFile([...foreign, ...foreign.toReversed()]));
        expect(await project.json(stamp())).toMatchObject({ ok: true, timestamps: 16, dropped: 1 });
        expect(await project.json(["verify", "one"])).toMatchObject({ time: { ok: true } });
      });

      it("is readable by every user, and keeps its mode when it is replaced", async () => {
        using project = await makeScene();
        await project.done(stamp());
        chmodSync(project.at(FILE), 0o600);
        await project.done(stamp());
        expect(tokensOf(readFileSync(project.at(FILE)))).toHaveLength(2);
        rmSync(project.at(FILE));
        expect(existsSync(project.at(FILE))).toBe(false);
      });
    });
  },
);
