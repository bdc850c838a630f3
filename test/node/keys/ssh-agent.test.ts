import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { verifyStrictly } from "../../../src/core/system/bytes/ed25519-rule.ts";
import type { Result } from "../../../src/core/system/bytes/result.ts";
import { openAgentSigner } from "../../../src/node/keys/agent/ssh-agent.ts";
import { type Signer, signChecked } from "../../../src/node/keys/signer.ts";
import { Interruption } from "../../../src/node/system/runtime/interruption.ts";
import { nodeCrypto } from "../../../src/node/system/runtime/node-crypto.ts";
import type { OperationFault } from "../../../src/node/system/runtime/operation-fault.ts";
import { FIRST_SEED, SECOND_SEED, testSigner } from "../../support/bundles/bundle.ts";
import { caseOf } from "../../support/command/case-of.ts";
import {
  FakeAgent,
  framed,
  keyBlob,
  listing,
  RealAgent,
  signed,
  wireString,
} from "../../support/evidence/ssh-agent.ts";

const MESSAGE = Buffer.from("CAT-DPT-SPECTRUM-04-v1:BUNDLE:{}");
const OWN = testSigner(FIRST_SEED);
const OTHER = testSigner(SECOND_SEED);
const OWN_LISTING = listing([keyBlob(OWN.publicKey), "own"]);

interface Asked {
  readonly key?: string;
  readonly seconds?: number;
  readonly signal?: AbortSignal;
}

function open(
  socket: string,
  { key, seconds = 20, signal }: Asked = {},
): Promise<Result<Signer, OperationFault>> {
  return openAgentSigner({ environment: { SSH_AUTH_SOCK: socket }, key, seconds, signal });
}

async function opened(socket: string, asked?: Asked): Promise<Signer> {
  const signer = await open(socket, asked);
  if (!signer.ok) throw new Error(signer.code);
  return signer.value;
}

describe.concurrent("an ssh-agent of OpenSSH", () => {
  it("signs exactly our bytes by its only Ed25519 key", async () => {
    await using agent = await RealAgent.start();
    agent.addNew("other-type", [], "ecdsa");
    const pair = agent.addNew("alice");
    using signer = await opened(agent.socket);
    expect(Buffer.from(signer.publicKey())).toEqual(pair.publicKey);
    for (const message of [MESSAGE, Buffer.alloc(0), randomBytes(100_000)]) {
      const signature = await signChecked(signer, message);
      if (!signature.ok) throw new Error(signature.code);
      expect(signature.value).toHaveLength(64);
      expect(verifyStrictly(pair.publicKey, message, signature.value, nodeCrypto)).toBe(true);
    }
  });

  it("has its keys chosen by fingerprint, by the key in any form, and by comment", async () => {
    await using agent = await RealAgent.start();
    agent.addNew("alice");
    const bob = agent.addNew("bob");
    const names = [
      bob.fingerprint,
      `ssh-ed25519:${bob.fingerprint}`,
      `ssh-ed25519:${bob.base64}`,
      bob.base64,
      bob.line,
      bob.publicKey.toString("hex"),
      "bob",
    ];
    for (const key of names) {
      using signer = await opened(agent.socket, { key });
      expect(Buffer.from(signer.publicKey()), key).toEqual(bob.publicKey);
    }
  });

  it("never has a key chosen by half a name", async () => {
    await using agent = await RealAgent.start();
    const { fingerprint, base64, publicKey } = agent.addNew("alice");
    const halves = [
      "",
      " ",
      "alic",
      "ALICE",
      fingerprint.slice(0, -1),
      base64.slice(0, -2),
      "ssh-ed25519:",
      "SHA256:",
    ];
    for (const key of [...halves, OTHER.publicKeyHex, publicKey.toString("hex").toUpperCase()]) {
      expect(await open(agent.socket, { key }), key).toMatchObject({
        code: "KEY_NOT_FOUND",
        details: { reason: "agent", key },
      });
    }
  });

  it("with several keys asks which, and names them", async () => {
    await using agent = await RealAgent.start();
    const pairs = [agent.addNew("alice"), agent.addNew("bob")];
    const names = [`${pairs[0]?.fingerprint} alice`, `${pairs[1]?.fingerprint} bob`];
    expect(await open(agent.socket)).toMatchObject({
      code: "AMBIGUOUS",
      details: { reason: "agent-key", names },
    });
    expect(await open(agent.socket, { key: "carol" })).toMatchObject({
      code: "KEY_NOT_FOUND",
      details: { reason: "agent", key: "carol", names },
    });
  });

  it("that is dead is distinguished from one that never existed", async () => {
    const agent = await RealAgent.start();
    agent.addNew("alice");
    using signer = await opened(agent.socket);
    await agent.stop("SIGKILL");
    const dead = { ok: false, code: "AGENT_UNREACHABLE" };
    expect(await open(agent.socket)).toMatchObject(dead);
    expect(await signer.sign(MESSAGE)).toMatchObject(dead);
    writeFileSync(join(agent.folder, "file"), "");
    for (const socket of ["file", "nothing", "file/below"]) {
      expect(await open(join(agent.folder, socket)), socket).toMatchObject(dead);
    }
    expect(await open(join(agent.folder, "x".repeat(300)))).toMatchObject(dead);
    expect(await open("")).toMatchObject({
      ok: false,
      code: "AGENT_UNREACHABLE",
      details: { reason: "not-set" },
    });
    const unset = await openAgentSigner({ environment: {}, seconds: 20 });
    expect(unset).toMatchObject({ ok: false, code: "AGENT_UNREACHABLE", details: { reason: "not-set" } });
    await agent[Symbol.asyncDispose]();
  });

  it("that shows no keys is empty or locked, and says no more", async () => {
    await using agent = await RealAgent.start();
    const none = { code: "KEY_NOT_FOUND", details: { reason: "agent-empty" } };
    expect(await open(agent.socket)).toMatchObject(none);
    expect(await open(agent.socket, { key: "alice" })).toMatchObject(none);
    agent.addNew("alice");
    await agent.lock();
    expect(await open(agent.socket)).toMatchObject(none);
    expect(await open(agent.socket, { key: "alice" })).toMatchObject(none);
    await agent.lock(false);
    expect(await open(agent.socket)).toMatchObject({ ok: true });
  });

  it("that holds keys of other types only has none to seal with, whatever their comments", async () => {
    await using agent = await RealAgent.start();
    agent.addNew("bob", [], "ecdsa");
    agent.addNew("alice", [], "rsa");
    expect(await open(agent.socket)).toMatchObject({
      code: "KEY_NOT_FOUND",
      details: { reason: "agent-no-ed25519" },
    });
    expect(await open(agent.socket, { key: "alice" })).toMatchObject({
      code: "KEY_NOT_FOUND",
      details: { reason: "agent-no-ed25519" },
    });
  });

  it("that changes between choosing and signing says so", async () => {
    await using agent = await RealAgent.start();
    const alice = agent.addNew("alice");
    using signer = await opened(agent.socket);
    await agent.lock();
    expect(await signer.sign(MESSAGE)).toMatchObject({
      code: "KEY_NOT_FOUND",
      details: { reason: "agent-empty" },
    });
    await agent.lock(false);
    const bob = agent.addNew("bob");
    agent.sshAdd("-d", alice.file);
    expect(await signer.sign(MESSAGE)).toMatchObject({
      code: "KEY_NOT_FOUND",
      details: { reason: "agent", key: alice.fingerprint, names: [`${bob.fingerprint} bob`] },
    });
    agent.sshAdd("-c", alice.file);
    expect(await signer.sign(MESSAGE), "the confirmation is refused").toMatchObject({
      code: "SIGNER_FAILED",
      details: { reason: "agent-refused" },
    });
    agent.sshAdd(alice.file);
    expect(await signChecked(signer, MESSAGE)).toMatchObject({ ok: true });
  });
});

describe.concurrent("what answers in an agent's place", () => {
  const blob = wireString(keyBlob(OWN.publicKey));
  it.each<[string, Uint8Array]>([
    ["nothing", Buffer.alloc(0)],
    ["half a length", Buffer.of(0, 0)],
    ["no type", Buffer.of(0, 0, 0, 0)],
    ["a web server", Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n")],
    // No agent has messages of type 200. Type 5, say, would be a refusal, and is one random byte in 256.
    ["random bytes", Buffer.concat([Buffer.of(0, 0, 0, 99, 200), randomBytes(98)])],
    ["a length beyond 256 KiB", Buffer.of(0, 4, 0, 1, 12)],
    ["the largest length there is", Buffer.of(255, 255, 255, 255, 12)],
    ["half an answer", OWN_LISTING.subarray(0, -3)],
    ["an answer and a byte", Buffer.concat([OWN_LISTING, Buffer.of(0)])],
    ["two answers", Buffer.concat([OWN_LISTING, OWN_LISTING])],
    ["another type", framed(14, Buffer.of(0, 0, 0, 0))],
    ["success", framed(6)],
    ["no count", framed(12)],
    ["more keys than it has", framed(12, Buffer.of(0, 0, 0, 2), blob, wireString("own"))],
    ["four billion keys", framed(12, Buffer.of(255, 255, 255, 255), blob, wireString("own"))],
    ["fewer keys than it has", framed(12, Buffer.of(0, 0, 0, 0), blob, wireString("own"))],
    ["a key longer than the answer", framed(12, Buffer.of(0, 0, 0, 1), Buffer.of(255, 255, 255, 255), blob)],
    ["a key without a comment", framed(12, Buffer.of(0, 0, 0, 1), blob)],
  ])("and gives %s does not count as an agent", async (_what, answer) => {
    await using agent = await FakeAgent.start((_message, client) => client.end(answer));
    expect(await open(agent.socket)).toMatchObject({
      ok: false,
      code: "AGENT_UNREACHABLE",
      details: { reason: "malformed" },
    });
  });

  it.each<[string, Uint8Array, string]>([
    [
      "a signature by another key",
      signed(Buffer.from(OTHER.sign(MESSAGE), "hex")),
      "SIGNER_FAILED signature-wrong",
    ],
    [
      "a signature over other bytes",
      signed(Buffer.from(OWN.sign(Buffer.of(1)), "hex")),
      "SIGNER_FAILED signature-wrong",
    ],
    ["64 zeros", signed(Buffer.alloc(64)), "SIGNER_FAILED signature-wrong"],
    ["63 bytes", signed(Buffer.alloc(63)), "AGENT_UNREACHABLE malformed"],
    ["65 bytes", signed(Buffer.alloc(65)), "AGENT_UNREACHABLE malformed"],
    ["no bytes", signed(Buffer.alloc(0)), "AGENT_UNREACHABLE malformed"],
    [
      "a right one of another type",
      signed(Buffer.from(OWN.sign(MESSAGE), "hex"), "ssh-rsa"),
      "AGENT_UNREACHABLE malformed",
    ],
    ["no signature", framed(14), "AGENT_UNREACHABLE malformed"],
    ["a list of keys", OWN_LISTING, "AGENT_UNREACHABLE malformed"],
    ["success", framed(6), "AGENT_UNREACHABLE malformed"],
    ["a refusal", framed(5), "SIGNER_FAILED agent-refused"],
    ["an old agent's refusal", framed(102), "SIGNER_FAILED agent-refused"],
    ["half an answer", signed(Buffer.alloc(64)).subarray(0, -1), "AGENT_UNREACHABLE malformed"],
  ])("and, asked to sign, gives %s signs nothing", async (_what, answer, code) => {
    await using agent = await FakeAgent.start(([type], client) =>
      client.end(type === 13 ? answer : OWN_LISTING),
    );
    using signer = await opened(agent.socket);
    const end = await signChecked(signer, MESSAGE);
    expect(end.ok ? "signed" : caseOf(end)).toBe(code);
  });

  it("may take its time for every byte, but not for ever", async () => {
    const answers = [OWN_LISTING, OWN_LISTING.subarray(0, -1)];
    await using agent = await FakeAgent.start((_message, client) =>
      dripInto(client, [...(answers.shift() ?? [])]),
    );
    expect(await open(agent.socket)).toMatchObject({ ok: true });
    const timeout = { code: "AGENT_UNREACHABLE", details: { reason: "timeout", seconds: 1 } };
    expect(await open(agent.socket, { seconds: 1 })).toMatchObject(timeout);
  });

  it("and says nothing is waited for no longer than was allowed", async () => {
    await using agent = await FakeAgent.start(() => undefined);
    expect(await open(agent.socket, { seconds: 1 })).toMatchObject({
      code: "AGENT_UNREACHABLE",
      details: { reason: "timeout" },
    });
  });

  it("and says nothing is left at once on an interruption", async () => {
    const interrupt = new AbortController();
    await using agent = await FakeAgent.start(() => interrupt.abort());
    await expect(open(agent.socket, { signal: interrupt.signal })).rejects.toThrow(Interruption);
    await expect(open(agent.socket, { signal: interrupt.signal })).rejects.toThrow(Interruption);
  });

  it("may hold a thousand keys, and names that are not text", async () => {
    const crowd = Array.from({ length: 1000 }, (): [Buffer, string] => [
      keyBlob(randomBytes(32)),
      "\u001b[2J",
    ]);
    const own = framed(12, Buffer.of(0, 0, 0, 1), blob, wireString(Buffer.of(255, 254)));
    const answers = [listing(...crowd, [keyBlob(OWN.publicKey), "own"]), own];
    await using agent = await FakeAgent.start((_message, client) => client.end(answers.shift() ?? ""));
    expect(await open(agent.socket, { key: "own" })).toMatchObject({ ok: true });
    expect(await open(agent.socket)).toMatchObject({ ok: true });
  });

  it("and refuses even to list its keys is not guessed at", async () => {
    await using agent = await FakeAgent.start((_message, client) => client.end(framed(5)));
    expect(await open(agent.socket)).toMatchObject({
      code: "SIGNER_FAILED",
      details: { reason: "agent-refused" },
    });
  });
});

/** Sends bytes one at a time, and keeps the connection open. */
function dripInto(client: { write(bytes: Uint8Array): unknown; destroyed: boolean }, bytes: number[]): void {
  const drip = setInterval(() => {
    const next = bytes.shift();
    if (next === undefined || client.destroyed) clearInterval(drip);
    else client.write(Buffer.of(next));
  }, 1);
}
