/**
 * A private database for the demo and the measurements: Debian's PostgreSQL where it is installed, else PGlite, which is PostgreSQL in
 * WebAssembly. Nothing else can reach it but processes of this machine.
 */
import { spawn, spawnSync } from "node:child_process";
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { PGlite } from "@electric-sql/pglite";
import pg from "pg";
import { servePglite } from "./pglite-server.mjs";

/** PostgreSQL refuses root. */
const ORDINARY_USER = 65_534;
const DEBIAN = "/usr/lib/postgresql";

/** The folder of the newest PostgreSQL's programs; undefined where there is none. */
export function postgresPrograms() {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).map(Number).filter(Number.isFinite) : [];
  return versions
    .sort((one, other) => other - one)
    .map((version) => join(DEBIAN, String(version), "bin"))
    .find((folder) => existsSync(join(folder, "postgres")) && existsSync(join(folder, "initdb")));
}

/** Starts a cluster on a unix socket. Gives `{ name, pid, url(user), stop() }`. */
export async function startPostgres({ connections = 100, sync = false } = {}) {
  const bin = postgresPrograms();
  if (bin === undefined) throw new Error("PostgreSQL is not installed");
  // The path of a socket has at most 107 bytes.
  const folder = mkdtempSync(join(tmpdir(), "fleet-pg-"));
  chmodSync(folder, 0o755);
  const isRoot = process.getuid?.() === 0;
  if (isRoot) chownSync(folder, ORDINARY_USER, ORDINARY_USER);
  const user = { cwd: folder, ...(isRoot ? { uid: ORDINARY_USER, gid: ORDINARY_USER } : {}) };
  const data = join(folder, "data");
  const made = ["-D", data, "-U", "owner", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"];
  const { status, stderr } = spawnSync(join(bin, "initdb"), made, { ...user, encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  const settings = [
    "listen_addresses=",
    `fsync=${sync ? "on" : "off"}`,
    `max_connections=${connections}`,
    "log_min_messages=fatal",
  ];
  const args = ["-D", data, "-k", folder, ...settings.flatMap((setting) => ["-c", setting])];
  // Ctrl-C in a terminal reaches a whole group of processes: the workers are to end before their database.
  const server = spawn(join(bin, "postgres"), args, { ...user, stdio: "ignore", detached: true });
  const kill = () => server.kill("SIGQUIT");
  process.once("exit", kill);
  const url = (name = "owner") => `postgresql://${name}@/postgres?host=${folder}`;
  const stop = async () => {
    if (server.exitCode === null) {
      const exited = new Promise((resolve) => server.once("exit", resolve));
      server.kill("SIGINT");
      await exited;
    }
    process.off("exit", kill);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await answering(url());
  } catch (thrown) {
    await stop();
    throw thrown;
  }
  return { name: "PostgreSQL", pid: server.pid, url, stop };
}

/** Starts PGlite in this process, behind a socket. All its users are one. */
export async function startPglite() {
  const database = await PGlite.create();
  const server = await servePglite(database);
  return {
    name: "PGlite",
    pid: process.pid,
    url: () => `postgresql://postgres@${server.host}/postgres`,
    stop: async () => {
      await server.stop();
      await database.close();
    },
  };
}

/** Asks a database. Gives the rows. */
export async function query(connectionString, text, values = []) {
  const client = new pg.Client({ connectionString });
  client.on("error", () => undefined);
  await client.connect();
  try {
    return (await client.query(text, values)).rows;
  } finally {
    await client.end();
  }
}

async function answering(url) {
  for (let tries = 0; ; tries++) {
    try {
      await query(url, "SELECT 1");
      return;
    } catch (thrown) {
      if (tries === 300) throw thrown;
      await sleep(100);
    }
  }
}
