import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { FIRST_SEED, testSigner } from "../../support/bundles/bundle.ts";
import { caseOf } from "../../support/command/case-of.ts";
import { type CliSetting, type Facts, makeProject, namesIn } from "../../support/command/cli.ts";
import { runFactsOf, shell } from "../../support/command/run.ts";

const PUBLIC_KEY = testSigner(FIRST_SEED).publicKeyHex;

/** Runs the program by a line of the shell, in which "$@" is the program and its arguments. */
function by(line: string): Pick<CliSetting, "under"> {
  return { under: ["sh", "-c", line, "sh"] };
}

describe.concurrent("a key that is no file", () => {
  it.each([
    ["stdin", ["--key", "-"], `echo ${FIRST_SEED} | "$@"`],
    ["a pipe", ["--key", "fd:0"], `echo ${FIRST_SEED} | "$@"`],
    ["another descriptor", ["--key", "fd:7"], 'exec 7<key; exec "$@"'],
    ["a descriptor without a line end", ["--key", "fd:3"], `printf %s ${FIRST_SEED} | "$@" 3<&0 </dev/null`],
  ])("signs, and leaves nothing of it behind: %s", async (_what, options, line) => {
    using project = makeProject({ "out/a.txt": "alpha\n", key: `${FIRST_SEED}\n` });
    const end = await project.run(["seal", "out", ...options, "--json"], by(line));
    expect(JSON.parse(end.stdout)).toMatchObject({ ok: true, signer: { public_key: PUBLIC_KEY } });
    expect(namesIn(join(project.config, "runseal"))).toEqual([]);
  });

  it.each([
    ["empty", "KEY_FILE_UNUSABLE empty", '"$@" 3</dev/null'],
    ["not a key", "KEY_FILE_UNUSABLE form", 'echo no | "$@" 3<&0 </dev/null'],
    ["too long", "KEY_FILE_UNUSABLE form", 'head -c 5000 /dev/zero | "$@" 3<&0 </dev/null'],
    ["a public key", "KEY_FILE_UNUSABLE public", `echo 'ssh-ed25519 AAAA' | "$@" 3<&0 </dev/null`],
    ["not open", "READ_FAILED", '"$@" 3<&-'],
  ])("seals nothing with a descriptor that is %s", async (_what, code, line) => {
    using project = makeProject();
    const end = await project.changesNothing(["seal", "out", "--key", "fd:3", "--json"], by(line));
    const facts = JSON.parse(end.stdout) as Facts;
    expect(facts).toMatchObject({ exit_code: 4 });
    expect(caseOf(facts)).toBe(code);
  });

  it("does not reach the command of a run", async () => {
    using project = makeProject();
    writeFileSync(project.at("key"), `${FIRST_SEED}\n`);
    const script =
      "for fd in 7 20; do cat /proc/self/fd/$fd; done 2>/dev/null; ls -l /proc/self/fd | grep -c project/key; true";
    for (const fd of ["7", "20"]) {
      const line = `exec bash -c 'exec ${fd}<key; exec "$@"' bash "$@"`;
      const end = await project.run(shell(script, "--key", `fd:${fd}`, "--json"), by(line));
      expect(runFactsOf(end)).toMatchObject({ ok: true, command_could_sign: null });
      expect(end.stdout).toBe("0\n");
    }
    const refused = await project.changesNothing(shell("touch ran", "--key", "-", "--json"));
    expect(runFactsOf(refused)).toMatchObject({ code: "USAGE" });
  });
});
