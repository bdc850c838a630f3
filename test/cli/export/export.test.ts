import { createHash } from "node:crypto";
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { FIRST_SEED, SECOND_SEED, testSigner } from "../../support/bundles/bundle.ts";
import { type Facts, makeProjectWithKey, type Project } from "../../support/command/cli.ts";
import {
  expectAccepted,
  expectRejected,
  exportAll,
  type Format,
  handOver,
  JUDGED_FORMATS,
  KEY_FILES,
  listOf,
  writeOutputs,
} from "../../support/evidence/evidence.ts";
import { RealAgent } from "../../support/evidence/ssh-agent.ts";
import { IS_FULL_RING } from "../../support/rings/ring.ts";

const SIGNER = fileURLToPath(new URL("../../support/command/signing-program.mjs", import.meta.url));

/** Who signs. */
type Way = "key file" | "ssh-agent" | "signer command";

/** Evidence of a run, and the same evidence by another key. */
interface Scene {
  readonly project: Project;
  readonly facts: Facts;
  /** Outputs and evidence as a stranger has them. */
  readonly folder: string;
}

const projects: Project[] = [];

afterAll(() => {
  for (const project of projects) project[Symbol.dispose]();
});

async function makeScene(way: Way, files: number): Promise<Scene> {
  const project = await makeProjectWithKey({});
  projects.push(project);
  writeOutputs(project, files);
  writeFileSync(project.at("second.key"), `${SECOND_SEED}\n`, { mode: 0o600 });
  writeFileSync(project.at("first.key"), `${FIRST_SEED}\n`, { mode: 0o600 });
  await project.done(["seal", "out", "--id", "one"]);
  await exportAll(project, ["--key", "second.key"]);
  renameSync(project.at("evidence"), project.at("by-another"));
  const facts = await exportBy(way, project);
  return { project, facts, folder: handOver(project, join(project.folder, "stranger"), "out") };
}

async function exportBy(way: Way, project: Project): Promise<Facts> {
  switch (way) {
    case "key file":
      return await exportAll(project, ["--key", "first.key"]);
    case "signer command": {
      const command = `${process.execPath} ${SIGNER} first.key`;
      const key = testSigner(FIRST_SEED).publicKeyHex;
      return await exportAll(project, ["--key", `exec:${command}`, "--public-key", key]);
    }
    case "ssh-agent": {
      await using agent = await RealAgent.start();
      agent.addNew("exporter");
      return await exportAll(project, ["--key", "agent:"], {
        env: { ...project.env, SSH_AUTH_SOCK: agent.socket },
      });
    }
  }
}

/** Changes files of the copy that a stranger has, and puts them back. */
class Tampering implements Disposable {
  readonly folder: string;
  readonly #before = new Map<string, Buffer>();

  constructor({ folder }: Scene) {
    this.folder = folder;
  }

  read(path: string): Buffer {
    return readFileSync(join(this.folder, path));
  }

  write(path: string, content: string | Uint8Array): void {
    if (!this.#before.has(path)) this.#before.set(path, this.read(path));
    writeFileSync(join(this.folder, path), content);
  }

  remove(path: string): void {
    this.#before.set(path, this.read(path));
    rmSync(join(this.folder, path));
  }

  /** Replaces a text in a file, which must have it. */
  replace(path: string, before: string, after: string): void {
    const text = this.read(path).toString("latin1");
    expect(text, path).toContain(before);
    this.write(path, Buffer.from(text.replace(before, after), "latin1"));
  }

  [Symbol.dispose](): void {
    for (const [path, content] of this.#before) writeFileSync(join(this.folder, path), content);
  }
}

const CHANGED = "out/sub/0000";

/** Changes a file, and the list of digests to match it, as an attacker would. */
function changeBoth(files: Tampering, facts: Facts, format: Format): void {
  const before = sha256(files.read(CHANGED));
  const after = sha256("changed\n");
  files.write(CHANGED, "changed\n");
  const list = `evidence/${listOf(facts, format)}`;
  if (format !== "link") {
    files.replace(list, before, after);
    return;
  }
  const envelope = JSON.parse(files.read(list).toString()) as { payload: string };
  const payload = Buffer.from(envelope.payload, "base64").toString().replace(before, after);
  files.write(list, JSON.stringify({ ...envelope, payload: Buffer.from(payload).toString("base64") }));
}

function sha256(content: string | Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}

const SIGNED_FORMATS = JUDGED_FORMATS.filter((format) => format !== "sums");

const WAYS: readonly (readonly [Way, number])[] = [
  ["key file", 3],
  ["ssh-agent", 3],
  ["signer command", 3],
  ["key file", 1000],
  ...(IS_FULL_RING
    ? ([
        ["ssh-agent", 1000],
        ["signer command", 1000],
      ] as const)
    : []),
];

describe.each(WAYS)("evidence signed by %s, of a run of %i files", (way, files) => {
  const scene = makeScene(way, files);

  it.each(JUDGED_FORMATS)("%s is accepted by the tool that it is for", async (format) => {
    const { facts, folder } = await scene;
    expectAccepted(facts, format, folder);
  });

  it.each(JUDGED_FORMATS)("%s is rejected for a changed file", async (format) => {
    const made = await scene;
    using tampering = new Tampering(made);
    tampering.write(CHANGED, "changed\n");
    expect(expectRejected(made.facts, format, made.folder, "changed file")).toContain(CHANGED);
  });

  it.each(JUDGED_FORMATS)("%s is rejected for a missing file", async (format) => {
    const made = await scene;
    using tampering = new Tampering(made);
    tampering.remove(CHANGED);
    expect(expectRejected(made.facts, format, made.folder, "missing file")).toContain(CHANGED);
  });

  it.each(SIGNED_FORMATS)("%s is rejected for a list that was changed with its file", async (format) => {
    const made = await scene;
    using tampering = new Tampering(made);
    changeBoth(tampering, made.facts, format);
    expectRejected(made.facts, format, made.folder, "changed list");
  });

  it.each(SIGNED_FORMATS)("%s is rejected by another key", async (format) => {
    const made = await scene;
    using tampering = new Tampering(made);
    const name = KEY_FILES[format];
    tampering.write(`evidence/${name}`, readFileSync(made.project.at("by-another", name)));
    expectRejected(made.facts, format, made.folder, "another key");
  });
});
