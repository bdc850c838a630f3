/**
 * A project with everything that a stranger may have made: bundles, evidence, proofs, archives, layouts, trust files. Each try changes one
 * of these files, and calls a command that reads it.
 *
 * @module
 */

import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { call } from "./command-inside.mjs";
import { Forger, RUN } from "./forger.mjs";
import { FuzzedRegistry } from "./fuzzed-registry.mjs";
import { changeArchive, changeBytes, changeJson, changeLines } from "./mutate-texts.mjs";
import { Broken } from "./read-packs.mjs";
import { readAnswer } from "./registry-answers.mjs";

const MODEL = fileURLToPath(new URL("../data/model-signing/", import.meta.url));

/** Exit codes of a command that has judged what it found: 70 is a bug. */
const LAWFUL = new Set([0, 1, 2, 3, 4, 5, 6, 7, 9]);

export class ReaderScene {
  #root;
  #env;
  #forger;
  #targets = [];
  #registry;
  /** What came of the tries: exit codes, and how often each. */
  ends = new Map();

  /** Makes the project below a folder. */
  static async make(scratch) {
    const scene = new ReaderScene();
    scene.#root = join(scratch, "project");
    scene.#forger = new Forger(scene.#root);
    const home = join(scratch, "home");
    scene.#env = { PATH: process.env.PATH, HOME: home };
    mkdirSync(join(scene.#root, "out"), { recursive: true });
    mkdirSync(home);
    await scene.#fill();
    scene.#registry = await FuzzedRegistry.open(join(scene.#root, "layout"));
    scene.#chooseTargets();
    return scene;
  }

  /** Changes one file, calls a reader, and puts the file back. */
  async try(chance, note) {
    const target = chance.pick(this.#targets);
    note(target.name);
    if (target.read !== undefined) return target.read(chance);
    const restore = target.arrange(chance);
    try {
      const { args, input } = target.call();
      const { exitCode, text } = await call(args, { cwd: this.#root, env: this.#env, input });
      this.ends.set(exitCode, (this.ends.get(exitCode) ?? 0) + 1);
      if (!LAWFUL.has(exitCode)) throw new Broken(`${args.join(" ")}: exit ${exitCode}\n${text}`);
    } finally {
      restore();
    }
  }

  /** Copies what was changed, for a failing try that is repeated: the change is made anew. */
  async repeatInto(folder, chance) {
    const target = chance.pick(this.#targets);
    if (target.read !== undefined) return;
    const restore = target.arrange(chance);
    cpSync(this.#root, folder, { recursive: true });
    restore();
  }

  async #fill() {
    const must = async (...args) => {
      const { exitCode, text } = await call(args, { cwd: this.#root, env: this.#env });
      if (exitCode !== 0) throw new Error(`${args.join(" ")}: ${exitCode}\n${text}`);
    };
    await must("init", "--no-passphrase");
    for (const run of ["one", "two", "three"]) {
      for (const name of ["a", "b"]) writeFileSync(join(this.#root, "out", name), `${run} ${name}\n`);
      await must("seal", "out", "--id", run);
    }
    await must("prune", "--bundles", "--keep-last", "2");
    await must("export", "three", "--format", "all", "-o", "ev");
    await must("prove", "three", "out/a", "-o", "proof.json");
    await must("key", "new", "other", "--no-passphrase");
    await must("sign", "--counter", "three", "--key", "other", "--any-signer");
    await must("push", "three", "three.runseal");
    await must("push", "two", "three", "both.runseal");
    await must("push", "three", "oci-layout:layout:t");
    const statement = readFileSync(
      join(
        this.#root,
        "ev",
        readdirSync(join(this.#root, "ev")).find((name) => name.endsWith(".intoto.jsonl")),
      ),
    );
    writeFileSync(join(this.#root, "statement.json"), Buffer.from(JSON.parse(statement).payload, "base64"));
    cpSync(join(MODEL, "v1.1.0/model.sig"), join(this.#root, "model.sig"));
    cpSync(join(MODEL, "signing-key.pub"), join(this.#root, "model.pub"));
    const model = JSON.parse(readFileSync(join(this.#root, "model.sig")));
    writeFileSync(join(this.#root, "model.json"), Buffer.from(model.dsseEnvelope.payload, "base64"));
    const own = readFileSync(join(this.#env.HOME, ".config/runseal/trust"), "utf8");
    writeFileSync(
      join(this.#root, "trust"),
      `# whom to believe\n${own}[require 2 of ${own.split(" ")[0]},other]\n`,
    );
    const add = async (...args) => await must("trust", ...args, "--trust", "trust");
    await add(
      "add",
      "two",
      this.#forger.publicKey,
      "--valid-after",
      "20200101",
      "--valid-before",
      "20400101",
    );
    await add("add", "three", "ab".repeat(32), "--namespace", "runseal-*,a?c,!x*");
    await add("add", "ours", "--tsa", `sha256:${"a".repeat(64)}`, "--valid-before", "20300101");
    writeFileSync(join(this.#root, "key.pub"), readFileSync(join(this.#root, "ev/signify.pub")));
  }

  #chooseTargets() {
    const signer = ["--signer", this.#forger.publicKey];
    const evidence = readdirSync(join(this.#root, "ev")).filter((name) => !/\.pub$|_root|allowed/.test(name));
    for (const name of evidence) {
      this.#file(
        `check ${name}`,
        `ev/${name}`,
        [changeJson, changeBytes, changeLines],
        ["check", `ev/${name}`, "--all"],
      );
      if (/^SHA256SUMS/.test(name))
        this.#file(
          `check of ${name}`,
          `ev/${name}`,
          [changeBytes, changeLines],
          ["check", "ev/SHA256SUMS.sig", "--all"],
        );
    }
    this.#file(
      "check model.sig",
      "model.sig",
      [changeJson, changeBytes],
      ["check", "model.sig", "--signer", "model.pub"],
    );
    this.#file(
      "check --signer",
      "key.pub",
      [changeBytes, changeLines],
      ["check", "ev/SHA256.sig", "--signer", "key.pub"],
    );
    for (const name of ["statement.json", "model.json"])
      this.#add(`check of a signed ${name}`, ["check", "signed.json", "--all", ...signer], (chance) => {
        const payload = changeJson(this.#forger.read(name), chance);
        return this.#put({ "signed.json": this.#forger.envelope(payload) });
      });
    this.#file(
      "check of a proof",
      "proof.json",
      [changeJson, changeJson, changeBytes],
      ["check", "proof.json"],
    );
    for (const name of readdirSync(join(this.#root, RUN))) {
      const path = `${RUN}/${name}`;
      this.#file(`verify of ${name}`, path, [changeJson, changeBytes], ["verify", "three"]);
      this.#file(`show of ${name}`, path, [changeJson], ["show", "three", "--json"]);
    }
    for (const args of [
      ["verify", "three", "--all"],
      ["show", "three"],
      ["status"],
      ["log"],
      ["verify", "--history"],
      ["restore", "three", "--to", "new", "--mkdir", "--dry-run"],
    ])
      this.#add(`${args.join(" ")} of a signed run`, [...args, ...signer], (chance) =>
        this.#put(this.#forger.resealed(chance)),
      );
    for (const name of ["HEAD", "CUT.json"])
      for (const args of [["verify", "--history"], ["status"], ["log"], ["prune", "--dry-run"]])
        this.#file(`${args.join(" ")} of ${name}`, `.runseal/${name}`, [changeJson, changeBytes], args);
    this.#file("verify of an archive", "three.runseal", [changeArchive], ["verify", "three.runseal"]);
    this.#file(
      "verify --history of an archive",
      "both.runseal",
      [changeArchive],
      ["verify", "--history", "both.runseal"],
    );
    this.#file(
      "show of an archive",
      "both.runseal",
      [changeArchive],
      ["show", "both.runseal", "--run", "three"],
    );
    this.#add("verify of stdin", ["verify", "-"], (chance) =>
      this.#stream(changeArchive(this.#forger.read("both.runseal"), chance)),
    );
    for (const args of [
      ["verify", "three"],
      ["trust", "check", this.#forger.publicKey],
      ["trust", "list"],
      ["check", "ev/SHA256.sig"],
    ])
      this.#file(
        `${args.join(" ")} with a trust file`,
        "trust",
        [changeLines, changeLines, changeBytes],
        [...args, "--trust", "trust"],
      );
    for (const args of [
      ["pull", "oci-layout:layout:t", "--here", "--project", "there"],
      ["verify", "oci-layout:layout:t"],
      ["log", "oci-layout:layout"],
    ])
      this.#add(`${args.join(" ")}`, args, (chance) => this.#put(this.#forger.relaid(chance)));
    const { host } = this.#registry;
    for (const args of [
      ["pull", `${host}/runs:t`, "--here", "--project", "there"],
      ["verify", `${host}/runs:t`],
      ["log", `${host}/runs`],
    ])
      this.#add(`${args[0]} from a registry`, args, (chance) => {
        this.#registry.plan(chance);
        return this.#put({});
      });
    const read = readAnswer(this.#forger.read("layout/index.json"));
    this.#targets.push({ name: "an answer of a registry", read }, { name: "a header of a registry", read });
  }

  #add(name, args, arrange) {
    let input;
    this.#targets.push({
      name,
      arrange: (chance) => {
        const arranged = arrange(chance);
        input = arranged.input;
        return arranged.restore;
      },
      call: () => ({ args, input }),
    });
  }

  #file(name, path, changes, args) {
    this.#add(name, args, (chance) =>
      this.#put({ [path]: chance.pick(changes)(this.#forger.read(path), chance) }),
    );
  }

  #stream(input) {
    return { input, restore: () => undefined };
  }

  /** Writes files, and gives what puts the old ones back. */
  #put(files) {
    const before = Object.keys(files).map((path) => {
      const address = join(this.#root, path);
      let bytes;
      try {
        bytes = readFileSync(address);
      } catch {
        mkdirSync(dirname(address), { recursive: true });
      }
      return [address, bytes];
    });
    for (const [path, bytes] of Object.entries(files)) this.#write(join(this.#root, path), bytes);
    const restore = () => {
      for (const [address, bytes] of before)
        if (bytes === undefined) rmSync(address, { force: true });
        else this.#write(address, bytes);
      for (const made of ["there", "new"]) rmSync(join(this.#root, made), { recursive: true, force: true });
    };
    return { restore, input: undefined };
  }

  /** Blobs and bundles may be read-only: a new file takes the place. */
  #write(address, bytes) {
    rmSync(address, { force: true });
    writeFileSync(address, bytes);
  }
}
