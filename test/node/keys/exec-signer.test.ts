import { describe, expect, it } from "vitest";
import { CommandSigner } from "../../../src/node/keys/exec-signer.ts";
import { signChecked } from "../../../src/node/keys/signer.ts";
import { Interruption } from "../../../src/node/system/runtime/interruption.ts";
import { FIRST_SEED, testSigner } from "../../support/bundles/bundle.ts";

const { publicKey, sign } = testSigner(FIRST_SEED);
const MESSAGE = Buffer.from("a message");
const ENVIRONMENT = { PATH: process.env["PATH"] };

/** A program that knows one right signature. */
const RIGHT = `node -e 'process.stdout.write(Buffer.from("${sign(MESSAGE)}", "hex"))'`;

function signer(command: string, environment: Readonly<Record<string, string | undefined>> = ENVIRONMENT) {
  return new CommandSigner({ command, publicKey, seconds: 30, environment });
}

describe("a signer behind a program (test/cli/seal/seal-signers.test.ts has the failures)", () => {
  it("has its signature accepted over this message, and refused over another", async () => {
    using program = signer(RIGHT);
    expect(await signChecked(program, MESSAGE)).toMatchObject({ ok: true });
    expect(await signChecked(program, Buffer.from("another"))).toMatchObject({
      code: "SIGNER_FAILED",
      details: { reason: "signature-wrong" },
    });
  });

  it("is given a message that is larger than a pipe, and may leave it unread", async () => {
    const large = Buffer.alloc(4_000_000);
    expect(await signChecked(signer("head -c 10 > /dev/null"), large)).toMatchObject({
      code: "SIGNER_FAILED",
      details: { reason: "command-short" },
    });
  });

  it("that can't even be started says so", async () => {
    const tooLarge = { ...ENVIRONMENT, LARGE: "x".repeat(1_000_000) };
    const end = await signer("true", tooLarge).sign(MESSAGE);
    expect(end).toMatchObject({ code: "SIGNER_FAILED", details: { reason: "command-not-started" } });
  });

  it("is ended by an interruption, before and after its start", async () => {
    const interrupt = new AbortController();
    const signing = signer("sleep 600").sign(MESSAGE, interrupt.signal);
    interrupt.abort();
    await expect(signing).rejects.toThrow(Interruption);
    await expect(signer("sleep 600").sign(MESSAGE, interrupt.signal)).rejects.toThrow(Interruption);
  });
});
