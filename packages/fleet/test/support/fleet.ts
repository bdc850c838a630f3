/** The command `runseal-fleet` in processes of its own, over a database and a repository. @module */

import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Project } from "../../../../test/support/command/cli.ts";
import type { AuditReport, AuditStatus } from "../../src/audit/read-audit.ts";
import type { Postgres } from "./postgres.ts";

const MAIN = fileURLToPath(new URL("../../dist/main.js", import.meta.url));

const LIAR = fileURLToPath(new URL("./lying-worker.mjs", import.meta.url));

type Variables = Readonly<Record<string, string>>;

/** How a command ended. */
export interface FleetEnd {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A worker that runs. */
export interface RunningWorker {
  readonly child: ChildProcess;
  /** The lines that it logged. */
  readonly lines: readonly string[];
  readonly ended: Promise<number | NodeJS.Signals | null>;
}

/** With which workers sign alerts. */
export const ALERT_SECRET = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;

/** Users that are workers. */
const USERS = ["toiler", "toiler_2"] as const;

/** For each cluster, the name of the database that others are copies of. */
const templates = new WeakMap<Postgres, Promise<string>>();

async function migrated(postgres: Postgres): Promise<string> {
  const fleet = new Fleet(postgres, await postgres.createDatabase());
  const { exitCode, stderr } = await fleet.run(["migrate"]);
  if (exitCode !== 0) throw new Error(stderr);
  for (const user of USERS) await fleet.query(`CREATE ROLE ${user} LOGIN IN ROLE runseal_fleet_worker`);
  return fleet.database;
}

/** A fleet: a database with its schema, and processes. Dispose of it: its workers are killed. */
export class Fleet implements AsyncDisposable {
  readonly postgres: Postgres;
  readonly database: string;
  readonly #workers: RunningWorker[] = [];
  #isDisposed = false;

  /** Over a database as it is. */
  constructor(postgres: Postgres, database: string) {
    this.postgres = postgres;
    this.database = database;
  }

  /** Makes a database with the schema, and a user that is a worker. Migrates the first time, and copies then. */
  static async make(postgres: Postgres): Promise<Fleet> {
    const template = templates.get(postgres) ?? migrated(postgres);
    templates.set(postgres, template);
    return new Fleet(postgres, await postgres.createDatabase(await template));
  }

  /** Asks the database, as its owner if no user is named. */
  async query<Row extends object>(
    text: string,
    values: readonly unknown[] = [],
    user?: string,
  ): Promise<readonly Row[]> {
    return await this.postgres.query<Row & Record<string, unknown>>(this.database, text, values, user);
  }

  /** Runs a command as the owner of the schema, also with variables of a project's user. */
  async run(args: readonly string[], user = "owner", variables: Variables = {}): Promise<FleetEnd> {
    const child = this.#spawn([MAIN, ...args], user, variables);
    let [stdout, stderr] = ["", ""];
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    const exitCode = await new Promise<number | null>((resolve) => child.once("close", resolve));
    return { exitCode, stdout, stderr };
  }

  /** Submits an audit, and gives its id. */
  async submit(from: string, ...options: readonly string[]): Promise<string> {
    const { exitCode, stderr, stdout } = await this.run(["submit", from, ...options]);
    if (exitCode !== 0) throw new Error(stderr);
    return (JSON.parse(stdout) as { readonly audit: string }).audit;
  }

  /** Starts a worker as a user that may call functions only. */
  startWorker(...options: readonly string[]): RunningWorker {
    return this.#watch(this.#spawn([MAIN, "worker", ...options], "toiler"));
  }

  /** Starts a worker as another user. */
  startOtherWorker(...options: readonly string[]): RunningWorker {
    return this.#watch(this.#spawn([MAIN, "worker", ...options], "toiler_2"));
  }

  /** Starts a worker that lies about a share of ranges, and logs a line for each lie. */
  startLiar(share: number): RunningWorker {
    return this.#watch(this.#spawn([LIAR, String(share)], "toiler"));
  }

  /** Starts a command as the owner of the schema. */
  startCommand(args: readonly string[], variables: Variables): RunningWorker {
    return this.#watch(this.#spawn([MAIN, ...args], "owner", variables));
  }

  #watch(child: ChildProcess): RunningWorker {
    const lines: string[] = [];
    if (child.stderr !== null) createInterface(child.stderr).on("line", (line) => lines.push(line));
    const ended = new Promise<number | NodeJS.Signals | null>((resolve) =>
      child.once("exit", (code, signal) => resolve(signal ?? code)),
    );
    const worker = { child, lines, ended };
    this.#workers.push(worker);
    return worker;
  }

  /** Starts a worker, and starts it again whenever it ends, as systemd does. */
  superviseWorker(...options: readonly string[]): void {
    const { ended } = this.startWorker(...options);
    void ended.then(async () => {
      await sleep(500);
      if (!this.#isDisposed) this.superviseWorker(...options);
    });
  }

  /** Waits until so many workers have sent a heartbeat. */
  async beating(workers: number): Promise<void> {
    const count = async (): Promise<number> => (await this.query("SELECT FROM runseal_fleet.process")).length;
    for (let tries = 0; tries < 200 && (await count()) < workers; tries++) await sleep(100);
  }

  /** Waits for the end of an audit; gives what came of it. Throws after so many seconds. */
  async ended(audit: string, seconds = 120): Promise<AuditReport> {
    const until = Date.now() + seconds * 1000;
    while (await this.isOpen(audit)) {
      if (Date.now() > until)
        throw new Error(
          `the audit has not ended: ${JSON.stringify(await this.status(audit))}${this.#logs()}`,
        );
      await sleep(100);
    }
    return JSON.parse((await this.run(["report", audit])).stdout) as AuditReport;
  }

  /** Whether an audit has not ended. */
  async isOpen(audit: string): Promise<boolean> {
    const [row] = await this.query<{ open: boolean }>(
      "SELECT ended_at IS NULL AS open FROM runseal_fleet.audit WHERE id = $1",
      [audit],
    );
    return row?.open === true;
  }

  /** How far an audit is. */
  async status(audit: string): Promise<AuditStatus> {
    return JSON.parse((await this.run(["status", audit])).stdout) as AuditStatus;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    for (const { child } of this.#workers) child.kill("SIGKILL");
    await Promise.all(this.#workers.map(({ ended }) => ended));
  }

  #logs(): string {
    return this.#workers.flatMap(({ lines }) => lines.slice(-20)).join("\n");
  }

  #spawn(args: readonly string[], user: string, variables: Variables = {}): ChildProcess {
    const { HOME, PATH } = process.env;
    const env = {
      HOME,
      PATH,
      ...variables,
      DATABASE_URL: this.postgres.url(this.database, user),
      RUNSEAL_FLEET_DEBUG: "1",
      RUNSEAL_FLEET_ALERT_SECRET: ALERT_SECRET,
    };
    return spawn(process.execPath, [...args], { env, stdio: ["ignore", "pipe", "pipe"] });
  }
}

/** Seals runs of a project, each of files of its own, and pushes them to a repository. Gives their run ids. */
export async function pushRuns(
  project: Project,
  repository: string,
  runs: Readonly<Record<string, Readonly<Record<string, string | Uint8Array>>>>,
): Promise<readonly string[]> {
  for (const [id, files] of Object.entries(runs)) {
    const paths = Object.fromEntries(
      Object.entries(files).map(([path, content]) => [`${id}/${path}`, content]),
    );
    project.write(paths);
    await project.done(["seal", id, "--id", id]);
    await project.done(["push", id, repository]);
  }
  return Object.keys(runs);
}

/** Writes the trust file of a project's own key. */
export async function writeTrust(project: Project, name = "signers.txt"): Promise<string> {
  const { public_key: key } = await project.json(["key", "show"]);
  project.write({ [name]: `alice runseal-ed25519 ${String(key)}\n` });
  return project.at(name);
}
