/** The service in a process of its own, as a user of the database with the rights of a service, and a client for it. @module */

import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { Agent, request } from "node:http";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Fleet } from "./fleet.ts";

const MAIN = fileURLToPath(new URL("../../dist/main.js", import.meta.url));

/** A secret that the service has: its password of the database. No answer may hold it. */
export const CANARY = "canary-7f3a9c1e5b";

/** What a client sends. The path goes out as it is. */
export interface Asked {
  readonly method?: string;
  readonly path: string;
  readonly token?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** What came back. */
export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly text: string;
}

/** What no answer may hold: secrets of the process, and where and how it works. */
const INTERNAL =
  /canary|node_modules|\bat \S+ \(|\.[jt]s:\d|SELECT |INSERT |runseal_fleet\.\w+|servant|\/tmp\/|postgres/i;

/** Something internal that an answer holds; undefined if there is nothing. */
function leakIn({ headers, text }: Answered): string | undefined {
  return INTERNAL.exec(`${JSON.stringify(headers)}\n${text}`)?.[0];
}

/** A running service. Dispose of it. */
export class RunningService implements AsyncDisposable {
  /** Where it listens, as it says. */
  readonly listening: string;
  readonly child: ChildProcess;
  readonly errors: readonly string[];
  readonly #ended: Promise<number | null>;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 200 });

  private constructor(
    child: ChildProcess,
    listening: string,
    errors: readonly string[],
    ended: Promise<number | null>,
  ) {
    this.child = child;
    this.listening = listening;
    this.errors = errors;
    this.#ended = ended;
  }

  /** Starts a service over the database of a fleet. */
  static async start(fleet: Fleet, ...options: readonly string[]): Promise<RunningService> {
    const { HOME, PATH } = process.env;
    const url = fleet.postgres.url(fleet.database, `servant:${CANARY}`);
    const child = spawn(process.execPath, [MAIN, "serve", ...options], {
      env: { HOME, PATH, DATABASE_URL: url, SECRET_OF_THE_SERVICE: CANARY },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const errors: string[] = [];
    createInterface(child.stderr).on("line", (line) => errors.push(line));
    const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
    const listening = await new Promise<string | undefined>((resolve) => {
      createInterface(child.stdout).once("line", (line) =>
        resolve((JSON.parse(line) as { readonly listening: string }).listening),
      );
      child.once("close", () => resolve(undefined));
    });
    if (listening === undefined) throw new Error(errors.join("\n"));
    return new RunningService(child, listening, errors, ended);
  }

  /** Sends a request, and reads the whole answer. Throws if it holds something internal. */
  async ask({ body, headers = {}, method = "GET", path, token }: Asked): Promise<Answered> {
    return await new Promise((resolve, reject) => {
      const own = {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        // Node frames no body of a HEAD by itself: its bytes would be taken for the next request.
        ...(body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) }),
      };
      const sent = request(
        { ...this.place, agent: this.#agent, method, path, headers: { ...own, ...headers } },
        (answer) => {
          let text = "";
          answer.setEncoding("utf8").on("data", (chunk: string) => {
            text += chunk;
          });
          answer.once("error", reject);
          answer.once("end", () => {
            const answered = { status: answer.statusCode ?? 0, headers: answer.headers, text };
            const leak = leakIn(answered);
            if (leak === undefined) resolve(answered);
            else reject(new Error(`the answer holds ${leak}: ${JSON.stringify(answered).slice(0, 500)}`));
          });
        },
      );
      sent.once("error", reject).end(body);
    });
  }

  /** Sends JSON. */
  async post(path: string, token: string | undefined, json: unknown): Promise<Answered> {
    const headers = { "content-type": "application/json" };
    return await this.ask({ method: "POST", path, token, headers, body: JSON.stringify(json) });
  }

  /** How to connect to it. */
  get place(): { readonly socketPath: string } | { readonly host: string; readonly port: number } {
    if (this.listening.startsWith("unix:")) return { socketPath: this.listening.slice("unix:".length) };
    const { hostname: host, port } = new URL(this.listening);
    return { host, port: Number(port) };
  }

  /** Ends it as systemd does; gives the exit code. */
  async stop(): Promise<number | null> {
    this.child.kill("SIGTERM");
    return await this.#ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#agent.destroy();
    this.child.kill("SIGKILL");
    await this.#ended;
  }
}

/** Adds a user of the database that is a service. A cluster has it once. */
export async function addServant(fleet: Fleet): Promise<void> {
  await fleet.query(`DO $$ BEGIN CREATE ROLE servant LOGIN IN ROLE runseal_fleet_service;
    EXCEPTION WHEN duplicate_object THEN NULL; END $$`);
}

/** Adds a token with the command. */
export async function addToken(
  fleet: Fleet,
  role: "read" | "submit",
): Promise<{ readonly id: string; readonly token: string }> {
  const { exitCode, stderr, stdout } = await fleet.run([
    "token",
    "add",
    "--role",
    role,
    "--name",
    "of a test",
  ]);
  if (exitCode !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as { readonly id: string; readonly token: string };
}

/** A run of a made-up audit. */
export interface MadeRun {
  readonly id: string;
  /** Undefined: it is open. */
  readonly code?: string;
  readonly verdict?: unknown;
}

/** Writes an audit as workers would have left it. Gives its id, and the digests of its runs. */
export async function makeAudit(
  fleet: Fleet,
  repository: string,
  runs: readonly MadeRun[],
): Promise<{ readonly audit: string; readonly digests: readonly string[] }> {
  const open = runs.filter(({ code }) => code === undefined).length;
  const [row] = await fleet.query<{ id: string }>(
    `INSERT INTO runseal_fleet.audit (repository, plain_http, attempts, double_check, others, broken, more, open_runs, ended_at)
     VALUES ($1, false, 8, 0, 0, 0, false, $2::integer, CASE WHEN $2::integer = 0 THEN now() END) RETURNING id`,
    [repository, open],
  );
  const audit = row?.id ?? "";
  const digests = runs.map(() => randomBytes(32));
  const states = runs.map(({ code, verdict }) =>
    code === undefined ? "waiting" : verdict === undefined ? "parked" : "judged",
  );
  await fleet.query(
    `INSERT INTO runseal_fleet.run (audit, digest, place, run_id, state, is_doubled, code, verdict, ended_at)
     SELECT $1, r.digest, r.place, r.run_id, r.state, false, r.code, r.verdict::json, CASE WHEN r.code IS NOT NULL THEN now() END
     FROM unnest($2::bytea[], $3::text[], $4::text[], $5::text[], $6::text[]) WITH ORDINALITY
       AS r (digest, run_id, state, code, verdict, place)`,
    [
      audit,
      digests,
      runs.map(({ id }) => id),
      states,
      runs.map(({ code }) => code ?? null),
      runs.map(({ verdict }) => (verdict === undefined ? null : JSON.stringify(verdict))),
    ],
  );
  return { audit, digests: digests.map((digest) => digest.toString("hex")) };
}
