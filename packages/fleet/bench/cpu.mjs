/** CPU seconds of processes: on a machine that others use too, they say more than the clock. */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/** Linux counts in hundredths of a second. */
const TICKS = 100;
/** Places in /proc/PID/stat behind the name, which may hold blanks. */
const PLACES = { parent: 1, user: 11, system: 12, endedUser: 13, endedSystem: 14 };

/** CPU seconds of a process, with its children that have ended; 0 if it has gone. */
export function cpuOf(pid) {
  const { endedSystem, endedUser, system, user } = statOf(pid) ?? {};
  return user === undefined ? 0 : (user + system + endedUser + endedSystem) / TICKS;
}

/** The same of a process and its children that run: a server of PostgreSQL has one for each connection. */
export function cpuOfTree(pid) {
  const children = readdirSync("/proc").filter((name) => /^\d+$/.test(name) && statOf(name)?.parent === pid);
  return [pid, ...children].reduce((sum, one) => sum + cpuOf(one), 0);
}

/** CPU seconds of a command. Throws if it fails. */
export function cpuOfCommand(env, command) {
  const script = '"$@" > /dev/null; code=$?; times; exit $code';
  const args = ["-c", script, "sh", ...command];
  const { status, stderr, stdout } = spawnSync("sh", args, { env, encoding: "utf8" });
  if (status !== 0) throw new Error(`${command.join(" ")}: ${stderr}`);
  const [, children = ""] = stdout.trim().split("\n");
  return children.split(" ").reduce((sum, time) => sum + secondsIn(time), 0);
}

function secondsIn(time) {
  const [, minutes, seconds] = /^(\d+)m([\d.]+)s$/.exec(time);
  return Number(minutes) * 60 + Number(seconds);
}

function statOf(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return Object.fromEntries(Object.entries(PLACES).map(([name, place]) => [name, Number(fields[place])]));
  } catch {
    return undefined;
  }
}
