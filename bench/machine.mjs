/** On what it was measured, and with which versions. */
import { spawnSync } from "node:child_process";
import { availableParallelism, cpus, loadavg, release, totalmem } from "node:os";

/** A load above this means that other processes are working: the measurements would be noise. */
const QUIET_LOAD = 0.5;

const VERSIONS = {
  runseal: ["node", "dist/cli/main.js", "--version"],
  sha256sum: ["sha256sum", "--version"],
  minisign: ["minisign", "-v"],
  // What Debian builds doesn't know its own version.
  cosign: ["dpkg-query", "-W", "cosign"],
  hashdeep: ["hashdeep", "-V"],
  ostree: ["sh", "-c", "ostree --version | grep Version"],
  restic: ["restic", "version"],
  borg: ["borg", "--version"],
  oras: ["sh", "-c", "oras version | head -1"],
  "docker-registry": ["docker-registry", "--version"],
};

/** The machine and the tools, for the results. `folder` is where the workloads are. */
export function describeMachine(folder, repository) {
  return {
    cpu: cpus()[0]?.model,
    cores: availableParallelism(),
    memory_gib: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    node: process.version,
    file_system: said(["findmnt", "-n", "-o", "FSTYPE,OPTIONS", "-T", folder], repository),
    load_at_start: loadavg()[0],
    commit: said(["git", "describe", "--always", "--dirty"], repository),
    versions: Object.fromEntries(
      Object.entries(VERSIONS).map(([name, command]) => [name, said(command, repository)]),
    ),
  };
}

/** A warning where the machine is busy. */
export function warnIfBusy() {
  const [load = 0] = loadavg();
  return load > QUIET_LOAD
    ? `others are at work here (load ${load.toFixed(2)}): the times will be noisy`
    : undefined;
}

function said([command, ...args], cwd) {
  const { status, stdout } = spawnSync(command, args, { cwd, encoding: "utf8" });
  return status === 0 ? stdout.trim().split("\n").join("; ") : undefined;
}
