import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeSealedProject, type Project } from "../../support/command/cli.ts";
import { exportAll, KEY_FILES } from "../../support/evidence/evidence.ts";
import { itWith, runTool, type Tool } from "../../support/evidence/real-tools.ts";

let project: Project;

beforeAll(async () => {
  project = await makeSealedProject();
  await exportAll(project);
});

afterAll(() => project[Symbol.dispose]());

/** Writes the key in a form into a file `key`. */
async function keyAs(form: string): Promise<void> {
  const { stdout } = await project.done(["key", "export", "--format", form]);
  writeFileSync(project.at("key"), stdout);
}

const SUMS = "evidence/SHA256SUMS";

/** The form that `key export --format runseal` prints, the tool that reads it, and how it is called with it. */
const READERS: readonly (readonly [string, Tool, readonly string[]])[] = [
  ["minisign", "minisign", ["-VHm", SUMS, "-p", "key"]],
  ["signify", "signify-openbsd", ["-C", "-p", "key", "-x", "evidence/SHA256.sig"]],
  [
    "allowed-signers",
    "ssh-keygen",
    ["-Y", "verify", "-f", "key", "-I", "default", "-n", "runseal-sums", "-s", `${SUMS}.sig`],
  ],
  [
    "pem",
    "cosign",
    [
      ...["verify-blob-attestation", "--key", "key", "--insecure-ignore-tlog", "--signature"],
      ...[
        "evidence/one.intoto.jsonl",
        "--type",
        "https://unpkg.com/runseal/schemas/seal-predicate-v1.json",
        SUMS,
      ],
    ],
  ],
  ["pem", "in-toto-golang", ["verify", "-l", "evidence/one.layout", "-k", "key", "-d", "evidence"]],
];

describe("runseal key export --format runseal", () => {
  for (const [form, tool, args] of READERS) {
    itWith(tool)(`--format ${form} is a key with which ${tool} accepts exported evidence`, async () => {
      await keyAs(form);
      const input = readFileSync(project.at(SUMS));
      const { status, text } = runTool(tool, args, { cwd: project.root, input });
      expect(status, text).toBe(0);
    });
  }

  itWith("ssh-keygen")(
    "--format openssh is a key whose fingerprint ssh-keygen prints as runseal does",
    async () => {
      await keyAs("openssh");
      const { text } = runTool("ssh-keygen", ["-lf", "key"], { cwd: project.root });
      const { fingerprint } = await project.json(["key", "show"]);
      expect(text).toContain(`256 ${String(fingerprint)} default (ED25519)`);
    },
  );

  itWith("ssh-keygen")("names a key whose file name is a pattern by another name", async () => {
    using other = await makeSealedProject();
    for (const ending of ["key", "pub"]) {
      const keys = `${other.config}/runseal/keys`;
      renameSync(`${keys}/default.${ending}`, `${keys}/a, *.${ending}`);
    }
    const { stdout } = await other.done(["key", "export", "--format", "allowed-signers"]);
    expect(stdout).toMatch(/^runseal namespaces="runseal-sums" ssh-ed25519 AAAA\S+\n$/);
  });

  it("has the bytes that an export puts beside the evidence", async () => {
    for (const [form, name] of [
      ["minisign", KEY_FILES.minisign],
      ["signify", KEY_FILES.signify],
      ["pem", KEY_FILES.dsse],
    ] as const) {
      const { stdout } = await project.done(["key", "export", "--format", form]);
      expect(stdout).toBe(readFileSync(project.at("evidence", name), "utf8"));
    }
  });
});
