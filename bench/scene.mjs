/**
 * Where one workload is measured: a project with `out/`, a folder for what the tools keep, one to restore into, and
 * an environment that names them, so that what is run can be written down as plain shell lines (peers.mjs).
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const BENCH = fileURLToPath(new URL(".", import.meta.url));

/** Shown of what a failing command said. */
const SHOWN_CHARACTERS = 600;

export class Scene {
  constructor(folder, workload) {
    this.workload = workload;
    this.folder = mkdtempSync(join(folder, `${workload}-`));
    this.project = join(this.folder, "project");
    const work = join(this.folder, "work");
    this.env = {
      PATH: process.env.PATH,
      LC_ALL: "C",
      NODE: process.execPath,
      RUNSEAL: join(BENCH, "../dist/cli/main.js"),
      BENCH,
      WORK: work,
      THERE: join(this.folder, "there"),
      HOME: join(work, "home"),
      XDG_CONFIG_HOME: join(work, "home/config"),
      XDG_CACHE_HOME: join(work, "home/cache"),
      XDG_DATA_HOME: join(work, "home/data"),
      XDG_STATE_HOME: join(work, "home/state"),
      GNUPGHOME: join(work, "gpg"),
      COSIGN_PASSWORD: "",
      RESTIC_PASSWORD: "bench",
      RESTIC_REPOSITORY: join(work, "restic"),
      BORG_PASSPHRASE: "bench",
      BORG_REPO: join(work, "borg"),
    };
    for (const each of [this.project, this.env.HOME]) mkdirSync(each, { recursive: true });
  }

  /** The folder whose files are sealed. */
  get out() {
    return join(this.project, "out");
  }

  /** Runs a shell line in the project, under another program where one is named. Gives stdout, or throws. */
  shell(line, under = []) {
    const [command, ...args] = [...under, "sh", "-c", line];
    const options = { cwd: this.project, env: this.env, encoding: "utf8", maxBuffer: 1 << 30 };
    const end = spawnSync(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
    if (end.status !== 0) throw failureOf(line, end);
    return end.stdout;
  }

  /** Ends what a tool started for itself, and removes everything unless it is to be kept. */
  dispose(keep) {
    if (existsSync(this.env.GNUPGHOME)) this.shell("gpgconf --kill all");
    if (!keep) rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The user pressed Ctrl-C, which ended the running command: no other command is to run. */
export class Interrupted extends Error {}

/** What went wrong with a line. */
function failureOf(line, { status, signal, stderr, stdout }) {
  if (signal === "SIGINT" || status === 130) return new Interrupted(line);
  const said = `${stderr}${stdout}`.trim().slice(-SHOWN_CHARACTERS);
  return new Error(`${line}\n  ended with ${signal ?? `exit code ${status}`}\n  ${said}`);
}

/** Runs `act`. Gives its failure in words, or undefined. Rethrows an interruption. */
export function attempt(work) {
  try {
    work();
    return undefined;
  } catch (thrown) {
    if (thrown instanceof Interrupted) throw thrown;
    return thrown.message;
  }
}
