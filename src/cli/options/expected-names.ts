/** What to type where a user of other programs, or of another day, expects a command of some name. @module */

/** For a name that no command and no option has: the command line that does it. */
export const EXPECTED_NAMES: Readonly<Record<string, string>> = {
  "--root": "--project or --files",
  chain: "runseal verify --history",
  "check-proof": "runseal check",
  countersign: "runseal sign --counter",
  delete: "runseal prune",
  "export-public": "runseal key export --format runseal",
  forget: "runseal prune",
  fsck: "runseal store check",
  gc: "runseal prune",
  history: "runseal log",
  inspect: "runseal show",
  list: "runseal log",
  login: "docker login HOST",
  ls: "runseal log",
  pack: "runseal push RUN FILE.runseal",
  page: "runseal export --format page -o FILE",
  remove: "runseal prune",
  report: "runseal verify --report FILE",
  revert: "runseal undo",
  rm: "runseal prune",
  snapshots: "runseal log",
  timestamp: "runseal sign --time",
  "verify-chain": "runseal verify --history",
  version: "runseal --version",
};
