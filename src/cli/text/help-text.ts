/** What `--help` says beyond the list of options: two examples first, exit codes last. @module */

import { EXIT_CODES } from "../exit-code.ts";

const EXAMPLES = {
  init: ["runseal init --name alice@example.org", "runseal init --no-passphrase"],
  key: ["runseal key show", "runseal key list"],
  "key new": [
    "runseal key new alice@laptop",
    "RUNSEAL_PASSPHRASE_COMMAND='pass show runseal' runseal key new ci",
  ],
  "key show": ["runseal key show", "runseal key show alice@example.org --json"],
  "key list": ["runseal key list", "runseal key list --json"],
  "key passwd": ["runseal key passwd", "runseal key passwd ci --no-passphrase"],
  "key import": [
    "runseal key import ~/.ssh/id_ed25519 --name alice@example.org",
    "runseal key import key.pem --name ci --no-passphrase",
  ],
  "key export-public": ["runseal key export-public", "runseal key export-public alice --format openssh"],
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
  countersign: [
    "runseal countersign .runseal/runs/build-42",
    "runseal countersign build-42 --root /srv/data --ssh-agent",
  ],
  trust: ["runseal trust list", "runseal trust add alice@example.org 'ssh-ed25519 AAAA…'"],
  "trust list": ["runseal trust list", "runseal trust list --trust signers.txt --json"],
  "trust add": [
    "runseal trust add alice@example.org ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA…",
    "runseal trust add build 45cbd2e9540ab858… --valid-before 20270101 --bound",
  ],
  "trust remove": ["runseal trust remove alice@example.org", "runseal trust remove 45cbd2e9540ab858…"],
  "trust check": [
    "runseal trust check 45cbd2e9540ab858…",
    "runseal trust check 45cbd2e9… --trust signers.txt",
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
