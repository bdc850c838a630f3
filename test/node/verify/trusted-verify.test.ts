import { describe, expect, it } from "vitest";
import { verifyHistory } from "../../../src/node/history/verify-trusted-history.ts";
import { operationFault } from "../../../src/node/runtime/operation-fault.ts";
import { deciderFor, type Trust } from "../../../src/node/trust/whom-to-trust.ts";
import { verifyBundle } from "../../../src/node/verify/verify-bundle.ts";
import { verifyChain } from "../../../src/node/verify/verify-chain.ts";
import { sealBundle, writeBundle } from "../../support/bundles/bundle.ts";
import { makeFolder, removeTree } from "../../support/files/tree.ts";

const STRANGER: Trust = { keys: ["ab".repeat(32)] };

async function inFolder<Value>(act: (folder: string) => Promise<Value>): Promise<Value> {
  const folder = makeFolder();
  try {
    return await act(folder);
  } finally {
    removeTree(folder);
  }
}

/** What a program without types may leave out. */
function withoutTrust<Request extends { readonly trust: Trust }>(request: Omit<Request, "trust">): Request {
  const incomplete: unknown = request;
  return incomplete as Request;
}

describe("the library's verifyBundle", () => {
  it("accepts a sound bundle of a key that is trusted, and of any signer where that is said", async () => {
    await inFolder(async (folder) => {
      const place = writeBundle(folder, sealBundle());
      const sound = await verifyBundle({ ...place, trust: "any-signer" });
      expect(sound).toMatchObject({ ok: true, value: { trust: { ok: true, code: "ANY_SIGNER" } } });
      if (!sound.ok) return;
      const keys = [sound.value.bundle.signer.publicKeyHex];
      expect(await verifyBundle({ ...place, trust: { keys } })).toMatchObject({
        ok: true,
        value: { bundle: { runId: "run-001" }, trust: { code: "OK" } },
      });
    });
  });

  it("refuses a sound bundle of a stranger, of no key and without a policy", async () => {
    await inFolder(async (folder) => {
      const place = writeBundle(folder, sealBundle());
      const refused = (code: string): object => ({
        ok: false,
        code,
        phase: "trust",
        message: expect.stringMatching(/^the bundle is sound, but /),
        signer: expect.any(Object),
      });
      expect(await verifyBundle({ ...place, trust: STRANGER })).toMatchObject(refused("SIGNER_UNKNOWN"));
      expect(await verifyBundle({ ...place, trust: { keys: [] } })).toMatchObject(refused("SIGNER_UNKNOWN"));
      const missing = refused("TRUST_POLICY_MISSING");
      expect(await verifyBundle({ ...place, trust: { policy: undefined } })).toMatchObject(missing);
      expect(await verifyBundle(withoutTrust(place))).toMatchObject(missing);
    });
  });

  it("refuses a key that is not one, before it reads anything", async () => {
    expect(await verifyBundle({ bundle: "nowhere", root: "nowhere", trust: { keys: ["x"] } })).toEqual({
      ok: false,
      code: "SIGNER_NOT_A_KEY",
      message: expect.any(String),
      details: { key: "x" },
    });
  });
});

describe("the library's verifyChain and verifyHistory", () => {
  it("refuse a sound chain of a stranger, and name the run", async () => {
    await inFolder(async (folder) => {
      const { bundle, root } = writeBundle(folder, sealBundle());
      const request = { bundles: [bundle], root };
      expect(await verifyChain({ ...request, trust: "any-signer" })).toMatchObject({ ok: true });
      expect(await verifyChain({ ...request, trust: STRANGER })).toMatchObject({
        ok: false,
        code: "SIGNER_UNKNOWN",
        message: expect.stringMatching(/^the chain is sound, but run "run-001": /),
        details: { run_id: "run-001" },
      });
      expect(await verifyChain(withoutTrust(request))).toMatchObject({ code: "TRUST_POLICY_MISSING" });
    });
  });

  it("accept no history where there is none", async () => {
    await inFolder(async (folder) => {
      const end = await verifyHistory({ root: folder, environment: {}, trust: "any-signer" });
      expect(end).toMatchObject({ ok: false, message: expect.any(String) });
    });
  });
});

describe("a decision about a signer", () => {
  it("can't be made with a key that is not one", () => {
    expect(deciderFor({ keys: ["ssh-ed25519 AAAA"] })).toMatchObject({ ok: false, code: "SIGNER_NOT_A_KEY" });
  });
});

describe("the message of an operation's fault", () => {
  it.each([
    [
      operationFault("PATH_NOT_FOUND", { reason: "folder", path: "a\u001b" }),
      'path not found: "a\\u{1b}": folder',
    ],
    [
      operationFault("READ_FAILED", { path: "a", reason: "no-permission" }),
      'read failed: "a": no permission',
    ],
    [operationFault("AMBIGUOUS", { reason: "key", names: ["a", "b"] }), 'ambiguous: "a", "b": key'],
    [operationFault("KEY_NOT_FOUND", { reason: "agent-empty" }), "key not found: agent empty"],
  ])("names what failed, and on what", (fault, message) => {
    expect(fault.message).toBe(message);
  });

  it("names five things and counts the others", () => {
    const names = ["a", "b", "c", "d", "e", "f", "g"];
    expect(operationFault("AMBIGUOUS", { reason: "key", names }).message).toMatch(/"e" and 2 more: key$/);
  });
});
