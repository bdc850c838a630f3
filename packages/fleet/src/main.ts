#!/usr/bin/env node
/** `runseal-fleet`: audits of runs on more than one machine. @module */

import { parseArgs } from "node:util";
import { ArgumentError } from "runseal";
import { type Command, type CommandEnd, type Io, UsageError } from "./command/command.ts";
import { fleetFault } from "./outcome/fault.ts";
import { Interrupted } from "./outcome/interrupted.ts";

/** The commands. Each is loaded when it is called. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  migrate: async () => (await import("./command/migrate.ts")).migrateCommand,
  submit: async () => (await import("./command/submit.ts")).submitCommand,
  worker: async () => (await import("./command/worker.ts")).workerCommand,
  status: async () => (await import("./command/status.ts")).statusCommand,
  schedules: async () => (await import("./command/schedules.ts")).schedulesCommand,
  join: async () => (await import("./command/join.ts")).joinCommand,
  serve: async () => (await import("./command/serve.ts")).serveCommand,
  token: async () => (await import("./command/token.ts")).tokenCommand,
  find: async () => (await import("./command/find.ts")).findCommand,
  report: async () => (await import("./command/status.ts")).reportCommand,
};

/** Exit codes as `runseal` has them: wrong usage, and what could not be read or written. */
const USAGE = 2;
const FAILED = 4;

async function help(): Promise<string> {
  const commands = await Promise.all(Object.values(COMMANDS).map((load) => load()));
  return commands.map(({ usage }) => `runseal-fleet ${usage}\n`).join("");
}

async function runCommand(args: readonly string[], io: Io): Promise<number> {
  const [name = "", ...rest] = args;
  if (name === "--help" || name === "-h") {
    io.write(await help());
    return 0;
  }
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (load === undefined) {
    io.writeError(`error: USAGE: there is no such command\n${await help()}`);
    return USAGE;
  }
  const command = await load();
  try {
    const { positionals, values } = parseArgs({
      args: rest,
      options: command.options,
      allowPositionals: true,
    });
    const given = Object.entries(values).map(([option, value]) => [
      option,
      Array.isArray(value) ? value[0] : value,
    ]);
    return print(await command.run(Object.fromEntries(given), positionals, io), io);
  } catch (thrown) {
    return printThrown(thrown, command, io);
  }
}

function print(end: CommandEnd, io: Io): number {
  if (end.ok) {
    if (end.json !== undefined) io.write(`${JSON.stringify(end.json)}\n`);
    return end.exitCode;
  }
  io.writeError(`error: ${end.code}: ${end.message}\n`);
  return FAILED;
}

/** A wrong call is said in words. Of PostgreSQL's errors the code alone: its words may hold names and values. */
function printThrown(thrown: unknown, { usage }: Command, io: Io): number {
  if (thrown instanceof Interrupted) {
    io.writeError(`error: INTERRUPTED: ${thrown.message}\n`);
    return thrown.exitCode;
  }
  const isUsage = thrown instanceof UsageError || thrown instanceof ArgumentError;
  const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : "";
  if (isUsage || code.startsWith("ERR_PARSE_ARGS")) {
    const message = isUsage ? thrown.message : "an option is unknown, or lacks its value";
    io.writeError(`error: USAGE: ${message}\nusage: runseal-fleet ${usage}\n`);
    return USAGE;
  }
  if (io.environment["RUNSEAL_FLEET_DEBUG"] === "1" && thrown instanceof Error)
    io.writeError(`${thrown.stack ?? ""}\n`);
  const words =
    "the database could not be used; RUNSEAL_FLEET_DEBUG=1 writes the cause, which may hold secrets";
  return print(fleetFault("DATABASE_FAILED", code === "" ? words : `${code}: ${words}`), io);
}

const stopping = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.once(signal, () => stopping.abort(new Interrupted(signal)));
process.exitCode = await runCommand(process.argv.slice(2), {
  environment: process.env,
  write: (text) => void process.stdout.write(text),
  writeError: (text) => void process.stderr.write(text),
  signal: stopping.signal,
});
