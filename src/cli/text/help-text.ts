/** What `--help` says beyond the list of options: two examples first, exit codes last. @module */

import { EXIT_CODES } from "../exit-code.ts";

const EXAMPLES = {
  init: ["runseal init", "runseal init --name alice@example.org"],
  key: ["runseal key show", "runseal key list"],
  "key show": ["runseal key show", "runseal key show alice@example.org --json"],
  "key list": ["runseal key list", "runseal key list --json"],
  seal: ["runseal seal dist", "runseal seal report.pdf data --id build-42 --task task.json"],
  verify: [
    "runseal verify .runseal/runs/build-42",
    "runseal verify build-42 --root /srv/data --trust signers.txt --all",
  ],
  chain: ["runseal chain verify .runseal/runs/monday .runseal/runs/tuesday", "runseal chain verify --help"],
  "chain verify": [
    "runseal chain verify .runseal/runs/monday .runseal/runs/tuesday",
    "runseal chain verify runs/* --root . --expect-root 0d693aec…",
  ],
  restore: [
    "runseal restore .runseal/runs/build-42 --to /srv/restored --mkdir",
    "runseal restore build-42 --root /backup --to . --dry-run",
  ],
  explain: ["runseal explain HASH_MISMATCH", "runseal explain RESTORE_TARGET_PATH_EXISTS --json"],
} as const;

/** The examples at the top of a command's help. */
export function commandHelp(command: keyof typeof EXAMPLES): string {
  return `Examples:\n${EXAMPLES[command].map((line) => `  ${line}\n`).join("")}`;
}

/** The exit codes at the end of the program's help. */
export function programHelp(): string {
  const lines = Object.entries(EXIT_CODES).map(([code, words]) => `  ${code.padStart(3)}  ${words}\n`);
  return `\nExit codes:\n${lines.join("")}`;
}
