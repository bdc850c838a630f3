/** The compose file of docs/fleet.md: its steps, with its variables, over a cluster that asks for passwords. */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { hasPostgres, Postgres } from "./support/postgres.ts";

const PAGE = new URL("../../../docs/fleet.md", import.meta.url);
const CLONE = fileURLToPath(new URL("../../..", import.meta.url));

/** All that a URL, SQL or a shell would read in another way. */
const PASSWORDS = { OWNER_PASSWORD: "o@/:?#%41'\"\\ ", WORKER_PASSWORD: "w@/:?#%41'\"\\ $HOME" };

interface Service {
  readonly command: readonly [string, ...string[]];
  readonly environment: Readonly<Record<string, string>>;
}

function services(): Readonly<Record<"migrate" | "roles" | "worker", Service>> {
  const [, text = ""] = /<!-- tested: compose -->\n```yaml\n(.*?)```/s.exec(readFileSync(PAGE, "utf8")) ?? [];
  return (parse(text, { merge: true }) as { readonly services: ReturnType<typeof services> }).services;
}

it.skipIf(!hasPostgres())(
  "the compose file makes the schema and the worker's user, and a worker beats",
  async () => {
    await using postgres = await Postgres.start();
    const [{ hba_file: hba } = { hba_file: "" }] = await postgres.query<{ hba_file: string }>(
      "postgres",
      "SHOW hba_file",
    );
    await postgres.query("postgres", "CREATE ROLE postgres SUPERUSER LOGIN");
    await postgres.query(
      "postgres",
      `ALTER ROLE postgres PASSWORD '${PASSWORDS.OWNER_PASSWORD.replace("'", "''")}'`,
    );
    await postgres.query("postgres", "CREATE DATABASE fleet");
    writeFileSync(hba, "local all owner trust\nlocal all all scram-sha-256\n");
    await postgres.query("postgres", "SELECT pg_reload_conf()");

    const folder = mkdtempSync(join(tmpdir(), "fleet-compose-"));
    try {
      writeFileSync(join(folder, "config.json"), "{}");
      const host = new URL(postgres.url("fleet").replace("@/", "@h/")).searchParams.get("host") ?? "";
      const called = ({ command: [program, ...args], environment }: Service) => {
        const given = Object.entries(environment).map(([name, value]) => {
          const [, password = ""] = /^\$\{(\w+):\?\}$/.exec(value) ?? [];
          return [name, password in PASSWORDS ? PASSWORDS[password as keyof typeof PASSWORDS] : value];
        });
        const ours = { PGHOST: host, DOCKER_CONFIG: folder, HOME: "/nonexistent", PATH: process.env["PATH"] };
        return {
          program: program === "node" ? process.execPath : program,
          args: args.map((arg) => arg.replace(/^\/runseal\//, CLONE)),
          env: { ...Object.fromEntries(given), ...ours },
        };
      };
      const { migrate, roles, worker } = services();
      // A step that is tried again does the same.
      for (const step of [migrate, migrate, roles, roles]) {
        const { args, env, program } = called(step);
        const { status, stderr } = spawnSync(program, args, { env, encoding: "utf8" });
        expect(status, stderr).toBe(0);
      }
      const { args, env, program } = called(worker);
      const child = spawn(program, args, { env, stdio: "ignore" });
      const ended = new Promise((resolve) => child.once("exit", resolve));
      const beats = async () => await postgres.query("fleet", "SELECT FROM runseal_fleet.process");
      while ((await beats()).length === 0 && child.exitCode === null) await sleep(100);
      child.kill("SIGTERM");
      expect(await ended).toBe(0);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);
