/**
 * A PostgreSQL of its own: a cluster in a temporary folder that listens on a unix socket there and nowhere else. It runs as an ordinary
 * user, because PostgreSQL refuses root, and ends with the tests, or with their process at the latest.
 *
 * @module
 */

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";

const ORDINARY_USER = 65_534;
const DEBIAN = "/usr/lib/postgresql";

/** How to stop a server: as an operator does, or as a crash does. */
export type Stop = "fast" | "crash";

/** The folder of the newest PostgreSQL's programs; undefined where there is none. */
function programs(): string | undefined {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).map(Number).filter(Number.isFinite) : [];
  const folders = versions
    .sort((one, other) => other - one)
    .map((version) => join(DEBIAN, String(version), "bin"));
  return folders.find((folder) => existsSync(join(folder, "postgres")) && existsSync(join(folder, "initdb")));
}

/** Whether PostgreSQL is here. */
export function hasPostgres(): boolean {
  return programs() !== undefined;
}

/** A private cluster. */
export class Postgres implements AsyncDisposable {
  readonly #bin: string;
  readonly #folder: string;
  readonly #isRoot = process.getuid?.() === 0;
  readonly #kill = (): void => void this.#server?.kill("SIGKILL");
  #server: ChildProcess | undefined;
  #databases = 0;

  private constructor(bin: string) {
    this.#bin = bin;
    // The path of a socket has at most 107 bytes.
    this.#folder = mkdtempSync(join(tmpdir(), "fleet-pg-"));
    chmodSync(this.#folder, 0o755);
    if (this.#isRoot) chownSync(this.#folder, ORDINARY_USER, ORDINARY_USER);
    process.once("exit", this.#kill);
  }

  /** Makes a cluster and starts it. */
  static async start(): Promise<Postgres> {
    const bin = programs();
    if (bin === undefined) throw new Error("PostgreSQL is not installed");
    const made = new Postgres(bin);
    const args = ["-D", made.#data, "-U", "owner", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"];
    const { status, stderr } = spawnSync(join(bin, "initdb"), args, { ...made.#user, encoding: "utf8" });
    if (status !== 0) throw new Error(stderr);
    await made.up();
    return made;
  }

  get #data(): string {
    return join(this.#folder, "data");
  }

  get #user(): { readonly uid?: number; readonly gid?: number; readonly cwd: string } {
    const cwd = this.#folder;
    return this.#isRoot ? { uid: ORDINARY_USER, gid: ORDINARY_USER, cwd } : { cwd };
  }

  /** The address of a database, for a user. */
  url(database: string, user = "owner"): string {
    return `postgresql://${user}@/${database}?host=${this.#folder}`;
  }

  /** Makes a database, empty or as a copy of another one that is not in use, and gives its name. */
  async createDatabase(template = "template1"): Promise<string> {
    const name = `fleet_${this.#databases++}`;
    await this.query("postgres", `CREATE DATABASE ${name} TEMPLATE ${template}`);
    return name;
  }

  /** Asks a database, as its owner if no user is named. */
  async query<Row extends pg.QueryResultRow>(
    database: string,
    text: string,
    values: readonly unknown[] = [],
    user?: string,
  ): Promise<readonly Row[]> {
    const client = new pg.Client({ connectionString: this.url(database, user) });
    client.on("error", () => undefined);
    await client.connect();
    try {
      return (await client.query<Row>(text, [...values])).rows;
    } finally {
      await client.end();
    }
  }

  /** Starts the server, and waits until it answers. */
  async up(): Promise<void> {
    // Processes are killed, and not machines: what the system has is not lost.
    const settings = ["listen_addresses=", "fsync=off", "max_connections=100", "log_min_messages=fatal"];
    const args = ["-D", this.#data, "-k", this.#folder, ...settings.flatMap((setting) => ["-c", setting])];
    this.#server = spawn(join(this.#bin, "postgres"), args, { ...this.#user, stdio: "ignore" });
    for (let tries = 0; ; tries++) {
      try {
        await this.query("postgres", "SELECT 1");
        return;
      } catch (thrown) {
        if (tries === 300) throw thrown;
        await sleep(100);
      }
    }
  }

  /** Stops the server. */
  async down(how: Stop): Promise<void> {
    const server = this.#server;
    if (server === undefined || server.exitCode !== null || server.signalCode !== null) return;
    const exited = new Promise((resolve) => server.once("exit", resolve));
    server.kill(how === "fast" ? "SIGINT" : "SIGQUIT");
    await exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.down("fast");
    process.off("exit", this.#kill);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
