/**
 * Evidence as `runseal export` writes it, judged by the programs that it is for.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { CliSetting, Facts, Project } from "../command/cli.ts";
import { hasTool, type Tool, type ToolEnd } from "./real-tools.ts";

/** The formats of export, each with the programs that its command line calls. */
export const FORMAT_TOOLS = {
  sums: ["sha256sum"],
  sshsig: ["ssh-keygen", "sha256sum"],
  minisign: ["minisign", "sha256sum"],
  signify: ["signify-openbsd"],
  dsse: ["cosign", "sha256sum"],
  sigstore: ["cosign", "sha256sum"],
  link: ["in-toto-golang"],
} as const satisfies Readonly<Record<string, readonly Tool[]>>;

/** One of the formats. */
export type Format = keyof typeof FORMAT_TOOLS;

/** All of them, in their order. */
export const FORMATS: readonly Format[] = Object.keys(FORMAT_TOOLS).filter(
  (name): name is Format => name in FORMAT_TOOLS,
);

/** What a program says of evidence that it accepts; nothing where it is silent. */
export const ACCEPTED: Readonly<Record<Format, RegExp>> = {
  sums: /^$/,
  sshsig: /^Good "runseal-sums" signature for runseal with ED25519 key SHA256:\S+\n$/,
  minisign:
    /^Signature and comment signature verified\nTrusted comment: runseal run \S+, bundle root [0-9a-f]{64}\n$/,
  signify: /^$/,
  dsse: /^WARNING: [^\n]+\nVerified OK\n$/,
  sigstore: /^WARNING: [^\n]+\nVerified OK\n$/,
  link: /^$/,
};

/** The formats whose programs are installed here. */
export const JUDGED_FORMATS: readonly Format[] = FORMATS.filter((format) =>
  FORMAT_TOOLS[format].every((tool) => hasTool(tool)),
);

/** Exports a run into `evidence`, and gives what was printed. */
export async function exportAll(
  project: Project,
  args: readonly string[] = [],
  over: Partial<CliSetting> = {},
): Promise<Facts> {
  const words = ["export", "one", "--format", "all", "-o", "evidence", "--any-signer", ...args];
  const facts = await project.json(words, over);
  expect(facts, JSON.stringify(facts)).toMatchObject({ ok: true });
  return facts;
}

/** The command line of a format, as the command printed it. */
export function commandOf(facts: Facts, format: Format): string {
  const commands = facts["commands"] as readonly { readonly format: string; readonly command: string }[];
  const found = commands.find((one) => one.format === format);
  if (found === undefined) throw new Error(`no command line for ${format}`);
  return found.command;
}

/** The program's verdict: runs the printed line as it is, in a POSIX shell. */
export function judge(facts: Facts, format: Format, cwd: string): ToolEnd {
  const { status, stdout, stderr } = spawnSync("sh", ["-c", commandOf(facts, format)], {
    cwd,
    encoding: "utf8",
  });
  return { status, text: stdout + stderr };
}

/** The program accepts the evidence, in its own words. */
export function expectAccepted(facts: Facts, format: Format, cwd: string): void {
  const { status, text } = judge(facts, format, cwd);
  expect(status, `${format}: ${text}`).toBe(0);
  expect(text).toMatch(ACCEPTED[format]);
}

/** The program rejects the evidence, and says something. */
export function expectRejected(facts: Facts, format: Format, cwd: string, why: string): string {
  const { status, text } = judge(facts, format, cwd);
  expect(status, `${format}, ${why}: ${text}`).not.toBe(0);
  expect(text).not.toBe("");
  return text;
}

/** The files of evidence that hold what a format verifies: its list, its statement or its link. */
export function listOf(facts: Facts, format: Format): string {
  const names = (facts["files"] as readonly { readonly name: string }[]).map(({ name }) => name);
  const ending = { signify: "SHA256.sig", link: ".link" }[format as string] ?? "SHA256SUMS";
  const found = names.find((name) => name === ending || name.endsWith(ending));
  if (found === undefined) throw new Error(`no ${ending}`);
  return found;
}

/** The key files of evidence, by what they are. */
export const KEY_FILES: Readonly<Record<Exclude<Format, "sums">, string>> = {
  sshsig: "allowed_signers",
  minisign: "minisign.pub",
  signify: "signify.pub",
  dsse: "cosign.pub",
  sigstore: "cosign.pub",
  link: "in-toto.pub",
};

/** A copy of a project's outputs and evidence in a folder, as a stranger has them. */
export function handOver(project: Project, folder: string, outputs: string): string {
  mkdirSync(folder);
  cpSync(project.at(outputs), join(folder, outputs), { recursive: true });
  cpSync(project.at("evidence"), join(folder, "evidence"), { recursive: true });
  return folder;
}

/** Writes some files `out/0001` … with contents of their own. */
export function writeOutputs(project: Project, count: number): void {
  project.write({ "out/sub/0000": "content 0\n" });
  for (let index = 1; index < count; index++) {
    writeFileSync(
      project.at("out", index % 2 === 0 ? "sub" : "", `${index}`.padStart(6, "0")),
      `content ${index}\n`,
    );
  }
}
