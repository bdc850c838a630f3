/**
 * Every command that writes beside a file or into a folder, as root runs it where another user owns the folder.
 *
 * @module
 */

import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { FIRST_SEED, SECOND_SEED, sealBundle, testSigner, writeBundle } from "../support/bundles/bundle.ts";
import { runFaulted } from "./faulted-process.ts";
import { placeKey } from "./home-files.ts";
import type { WriteCell } from "./write-cell.ts";

/** What `prepare` may use beside the cell: files of root's own. */
export interface AttackPlace {
  /** A private key of root's. */
  readonly key: string;
  /** A home of root's, out of reach. */
  readonly home: string;
  /** Built from `write-faults.c`, to kill a restore. */
  readonly library: string;
}

/** A command, and the folder in which it is run. */
export interface AttackedCommand {
  readonly name: string;
  readonly prepare: (cell: WriteCell, place: AttackPlace) => Promise<void>;
  readonly args: (cell: WriteCell, place: AttackPlace) => readonly string[];
  /**
   * The folder that the arguments or the environment name. The attacker changes what is below it. The path itself is
   * resolved once: an attacker who exchanges it decides which folder it is (docs/threat-model.md).
   */
  readonly arena: (cell: WriteCell) => string;
  /**
   * Whether the command looks up folders below the arena by their path, as those of a user's own files. It is not
   * promised to be safe where an attacker exchanges these folders (docs/threat-model.md).
   */
  readonly looksUpFolders?: boolean;
  /** Runs before each try, where the beginning can't be copied. */
  readonly begin?: (cell: WriteCell, place: AttackPlace) => Promise<void>;
  /** Default: root's own home. */
  readonly env?: (cell: WriteCell) => Readonly<Record<string, string>>;
}

const BUNDLE = sealBundle({ bind: true });
const BOB = testSigner(SECOND_SEED).publicKeyHex;
const DAVE = testSigner("404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f").publicKeyHex;
const NONE = "--no-passphrase";
const RUNS = ".runseal/runs";
const STATE = "home/.local/state/runseal";

const theirHome = (cell: WriteCell): Readonly<Record<string, string>> => ({ HOME: cell.at("home") });
const theirConfig = (cell: WriteCell) => ({ XDG_CONFIG_HOME: cell.at("home/.config") });
const theirState = (cell: WriteCell) => ({ XDG_STATE_HOME: cell.at("home/.local/state") });

const home = (cell: WriteCell): string => cell.at("home");
const project = (cell: WriteCell): string => cell.project;
const state = (cell: WriteCell): string => cell.at("home/.local/state");
const target = (cell: WriteCell): string => cell.at("place/target");

export const ATTACKED: readonly AttackedCommand[] = [
  trust("trust add --trust FILE", (file) => ["trust", "add", "bob", BOB, "--trust", file]),
  trust("trust remove --trust FILE", (file) => ["trust", "remove", "carol", "--trust", file]),
  inTheirHome("trust add", () => ["trust", "add", "dave", DAVE]),
  inTheirHome("key new", () => ["key", "new", "new", NONE]),
  inTheirHome("key new --force", () => ["key", "new", "alice", NONE, "--force"]),
  inTheirHome("key passwd", () => ["key", "passwd", "alice", NONE]),
  inTheirHome("key import", (_cell, { key }) => ["key", "import", `${key}.pem`, "--name", "new", NONE]),
  {
    ...inTheirHome("init", () => ["init", NONE]),
    prepare: async (cell) => {
      mkdirSync(join(cell.config, "keys"), { recursive: true });
    },
    env: theirConfig,
  },
  {
    name: "sign --counter",
    prepare: async ({ project }) => {
      writeBundle(project, BUNDLE);
    },
    args: ({ project }, { key }) => [
      ...["sign", "--counter", join(project, "run/run-001"), "--files", join(project, "files"), "--key", key],
      "--any-signer",
    ],
    arena: (cell) => join(cell.project, "run/run-001"),
  },
  {
    name: "prove --out",
    prepare: seal,
    args: ({ project }) => [
      ...["prove", join(project, ".runseal/runs/one"), "out/a.txt", "--out", join(project, "proof")],
    ],
    arena: project,
  },
  inProject("seal", ({ project }, { key }) => [
    ...["seal", join(project, "out"), "--here", "--project", project, "--id", "new", "--key", key],
  ]),
  {
    ...inProject("seal --out", (cell, { key }) => [
      ...[
        "seal",
        join(cell.project, "out"),
        "--here",
        "--project",
        cell.project,
        "--id",
        "new",
        "--key",
        key,
      ],
      ...["--out", cell.at("bundles")],
    ]),
    arena: (cell) => cell.at("bundles"),
  },
  {
    ...inProject("seal, state folder", ({ project }, { key }) => [
      ...["seal", join(project, "out"), "--here", "--project", project, "--id", "new", "--key", key],
    ]),
    arena: state,
    looksUpFolders: true,
    env: theirState,
  },
  inProject("run --report", ({ project }, { key }) => [
    ...["run", "--here", "--project", project, "--id", "new", "--key", key, "--output", join(project, "out")],
    ...["--report", join(project, "report.json"), "--", "true"],
  ]),
  inProject("prune", ({ project }) => ["prune", "--project", project]),
  restoring("restore", ["--to"]),
  restoring("restore --mkdir", ["--mkdir", "--to"]),
  {
    name: "undo",
    prepare: async (cell, place) => {
      await seal(cell, place);
      mkdirSync(target(cell));
      await cell.done(restoreArgs(cell, ["--to"]), { HOME: place.home });
    },
    args: (cell) => ["undo", "--restored", target(cell)],
    arena: target,
  },
  {
    ...restoring("recover", []),
    begin: killRestore,
    args: (cell) => ["recover", target(cell)],
  },
];

function trust(name: string, args: (file: string) => readonly string[]): AttackedCommand {
  return {
    name,
    prepare: async (cell) => {
      mkdirSync(cell.at("shared"));
      writeFileSync(
        cell.at("shared/signers"),
        `carol runseal-ed25519 ${testSigner(FIRST_SEED).publicKeyHex}\n`,
      );
    },
    args: (cell) => args(cell.at("shared/signers")),
    arena: (cell) => cell.at("shared"),
  };
}

function inTheirHome(name: string, args: AttackedCommand["args"]): AttackedCommand {
  return {
    name,
    prepare: async (cell) => placeKey(cell, "alice", FIRST_SEED),
    args,
    arena: home,
    looksUpFolders: true,
    env: theirHome,
  };
}

function inProject(name: string, args: AttackedCommand["args"]): AttackedCommand {
  return { name, prepare: seal, args, arena: project };
}

/** A project with a run, and something for prune. */
async function seal(cell: WriteCell, { home, key }: AttackPlace): Promise<void> {
  for (const folder of ["bundles", "place", `${STATE}/heads`, `${STATE}/verified`, "project/out"]) {
    mkdirSync(cell.at(folder), { recursive: true });
  }
  writeFileSync(join(cell.project, "out/a.txt"), "alpha\n");
  await cell.done(["seal", "out", "--id", "one", "--key", key], { HOME: home });
  writeFileSync(join(cell.project, "out/b.txt"), "beta\n");
  const unnamed = join(cell.project, ".runseal/objects/ab", "cd".repeat(31));
  mkdirSync(dirname(unnamed), { recursive: true });
  writeFileSync(unnamed, "unnamed");
}

function restoring(name: string, options: readonly string[]): AttackedCommand {
  return {
    name,
    prepare: async (cell, place) => {
      await seal(cell, place);
      if (!options.includes("--mkdir")) mkdirSync(target(cell));
    },
    args: (cell) => restoreArgs(cell, options),
    arena: options.includes("--mkdir") ? (cell) => cell.at("place") : target,
  };
}

function restoreArgs(cell: WriteCell, options: readonly string[]): readonly string[] {
  return [
    "restore",
    join(cell.project, RUNS, "one"),
    "--files",
    cell.project,
    "--any-signer",
    ...options,
    target(cell),
  ];
}

/** Kills a restore when it has put its last file in place. Its journal is bound to this very folder. */
async function killRestore(cell: WriteCell, place: AttackPlace): Promise<void> {
  const log = join(cell.folder, "../log");
  const setting = { cwd: cell.project, env: { ...cell.env, HOME: place.home }, below: target(cell), log };
  const args = restoreArgs(cell, ["--to"]);
  const { calls } = await runFaulted(place.library, args, setting);
  rmSync(target(cell), { recursive: true });
  mkdirSync(target(cell));
  const links = calls.flatMap(({ name }, index) => (name === "link" ? [index + 1] : []));
  await runFaulted(place.library, args, setting, { mode: "kill", at: links.at(-1) ?? 1 });
}
