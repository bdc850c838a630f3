/**
 * A sealed project whose packs are changed, and the commands that read or collect them.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { checkStore } from "../../dist/node/records/store/check-store.js";
import { collectGarbage } from "../../dist/node/records/store/collect/collect-garbage.js";
import { sha256 } from "../support/store/pack-bytes.mjs";
import { readFolder } from "./pack-bases.mjs";
import { Broken, judgeFolder, readAll } from "./read-packs.mjs";

const MAIN = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

/** Exit codes of a command that has judged what it found: 70 is a bug. */
const LAWFUL = new Set([0, 1, 2, 3, 4, 5, 6, 9]);

const RUNS = ["r0", "r1", "r2"];

export class CommandScene {
  #model;
  #env;

  constructor(scratch) {
    this.#model = join(scratch, "model");
    this.#env = {
      PATH: process.env.PATH,
      HOME: join(scratch, "home"),
      XDG_CONFIG_HOME: join(scratch, "home/config"),
      XDG_STATE_HOME: join(scratch, "home/state"),
    };
    mkdirSync(this.#env.HOME, { recursive: true });
    mkdirSync(join(this.#model, "out"), { recursive: true });
    this.#must(["init", "--no-passphrase"]);
    for (const [number, run] of RUNS.entries()) {
      for (let file = 0; file < 12; file++) {
        const version = file % 3 === 0 ? number : 0;
        writeFileSync(
          join(this.#model, `out/f${file}`),
          `file ${file}, version ${version}\n`.repeat(1 + file * 50),
        );
      }
      this.#must(["seal", "out", "--id", run]);
    }
    const folder = readFolder(join(this.#model, ".runseal/packs"));
    this.base = { folder, known: judgeFolder(folder).named };
  }

  /** Reads with commands, then collects: what could be read before can be read after. */
  try(project, layOut, chance) {
    cpSync(this.#model, project, { recursive: true });
    layOut();
    const before = readAll(project, this.base.known);
    for (const run of RUNS) {
      const end = this.#run(project, ["verify", `.runseal/runs/${run}`, "--stored", "--json"]);
      const isWhole = before.size === this.base.known.size;
      if (isWhole && end.status !== 0)
        throw new Broken(
          `verify --stored of ${run}: ${end.status}, though all objects can be read\n${end.stdout}`,
        );
    }
    const acts = [
      ["store", "check"],
      ["prune"],
      ["store", "cat", chance.pick([...this.base.known])],
      ["seal", "out", "--id", "again"],
      ["restore", ".runseal/runs/r1", "--to", "new", "--mkdir"],
    ];
    acts.sort(() => chance.below(3) - 1);
    for (const args of acts) {
      const { status, stdout } = this.#run(project, args);
      if (args[1] === "cat" && status === 0 && sha256(stdout).toString("hex") !== args[2])
        throw new Broken(`store cat gives wrong bytes for ${args[2]}`);
      this.#keepsAll(project, before, `${args.join(" ")} (${status})`);
    }
  }

  /** Checks and collects in this process: a command takes a hundred times as long. */
  async collect(project, layOut, chance) {
    cpSync(this.#model, project, { recursive: true });
    layOut();
    const before = readAll(project, this.base.known);
    const acts = [() => checkStore({ root: project }), () => collectGarbage({ root: project })];
    acts.sort(() => chance.below(3) - 1);
    for (const act of [...acts, ...acts]) {
      const end = await act();
      this.#keepsAll(project, before, end.ok ? "a check or collection" : end.code);
    }
  }

  #keepsAll(project, before, act) {
    const after = readAll(project, this.base.known);
    for (const digest of before) {
      if (!after.has(digest)) throw new Broken(`${act} has lost ${digest}`);
    }
  }

  #run(cwd, args) {
    const end = spawnSync(process.execPath, [MAIN, ...args], {
      cwd,
      env: this.#env,
      encoding: "utf8",
      timeout: 60_000,
    });
    if (!LAWFUL.has(end.status))
      throw new Error(`runseal ${args.join(" ")}: ${end.status ?? end.signal}\n${end.stdout}${end.stderr}`);
    return end;
  }

  #must(args) {
    const end = this.#run(this.#model, args);
    if (end.status !== 0) throw new Error(`runseal ${args.join(" ")}: ${end.stderr}`);
  }
}
