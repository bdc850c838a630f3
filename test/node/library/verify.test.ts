import { describe, expect, it } from "vitest";
import { ArgumentError } from "../../../src/node/library/arguments.ts";
import {
  type VerifyHistoryOptions,
  type VerifyOptions,
  verify,
  verifyHistory,
} from "../../../src/node/library/verdicts.ts";
import type { TrustSpec } from "../../../src/node/library/who.ts";
import { operationFault } from "../../../src/node/system/runtime/operation-fault.ts";
import { sealBundle, writeBundle } from "../../support/bundles/bundle.ts";
import { makeFolder, removeTree } from "../../support/files/tree.ts";

const STRANGER: TrustSpec = { keys: ["ab".repeat(32)] };

async function inFolder<Value>(act: (folder: string) => Promise<Value>): Promise<Value> {
  const folder = makeFolder();
  try {
    return await act(folder);
  } finally {
    removeTree(folder);
  }
}

/** A bundle, and the folder of its outputs. */
function placed(folder: string): Pick<VerifyOptions, "bundle" | "files"> {
  const { bundle, root } = writeBundle(folder, sealBundle());
  return { bundle, files: root };
}

/** What a program without types may give. */
function untyped<Request>(request: object): Request {
  const given: unknown = request;
  return given as Request;
}

describe("the library's verify", () => {
  it("accepts a sound bundle of a key that is trusted, and of any signer where that is said", async () => {
    await inFolder(async (folder) => {
      const place = placed(folder);
      const sound = await verify({ ...place, trust: "any-signer" });
      expect(sound).toMatchObject({ ok: true, value: { trust: { ok: true, code: "ANY_SIGNER" } } });
      if (!sound.ok) return;
      const keys = [sound.value.bundle.signer.publicKeyHex];
      expect(await verify({ ...place, trust: { keys } })).toMatchObject({
        ok: true,
        value: { bundle: { runId: "run-001" }, trust: { code: "OK" } },
      });
    });
  });

  it("refuses a sound bundle of a stranger, and of anybody where the user has no trust file", async () => {
    await inFolder(async (folder) => {
      const place = placed(folder);
      const refused = (code: string): object => ({
        ok: false,
        code,
        phase: "trust",
        message: expect.stringMatching(/^the bundle is sound, but /),
        details: {},
        signer: expect.any(Object),
      });
      expect(await verify({ ...place, trust: STRANGER })).toMatchObject(refused("SIGNER_UNKNOWN"));
      const environment = { XDG_CONFIG_HOME: folder };
      const own = await verify({ ...place, trust: "own", environment });
      expect(own).toMatchObject(refused("TRUST_POLICY_MISSING"));
    });
  });
});

describe("an argument that no call can mean", () => {
  const nowhere = { bundle: "nowhere" };
  it.each<[argument: string, request: object]>([
    ["bundle", { trust: "any-signer" }],
    ["bundle", { bundle: new URL("file:///a"), trust: "any-signer" }],
    ["trust", nowhere],
    ["trust", { ...nowhere, trust: "anysigner" }],
    ["trust", { ...nowhere, trust: {} }],
    ["trust", { ...nowhere, trust: { keys: [] } }],
    ["trust", { ...nowhere, trust: { keys: [""] } }],
    ["trust", { ...nowhere, trust: { keys: ["ssh-ed25519 AAAA"] } }],
    ["signal", { ...nowhere, trust: "any-signer", signal: {} }],
    ["now", { ...nowhere, trust: "any-signer", now: 5 }],
    ["root", { ...nowhere, trust: "any-signer", root: "." }],
  ])("is an error that names %s", async (argument, request) => {
    const error = await verify(untyped<VerifyOptions>(request)).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ArgumentError);
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({
      name: "ArgumentError",
      argument,
      message: expect.stringMatching(/^[ -~]+$/),
    });
  });
});

describe("a signal that is aborted", () => {
  it("ends a call before anything is looked at, with the signal's reason", async () => {
    const reason = new Error("enough");
    const request: VerifyOptions = {
      bundle: "nowhere",
      trust: "any-signer",
      signal: AbortSignal.abort(reason),
    };
    await expect(verify(request)).rejects.toBe(reason);
    await expect(verify({ ...request, signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: "AbortError",
    });
  });
});

describe("the library's verifyHistory", () => {
  it("refuses sound runs of a stranger, and names the run", async () => {
    await inFolder(async (folder) => {
      const { bundle, files } = placed(folder);
      const request = { bundles: [bundle], files };
      expect(await verifyHistory({ ...request, trust: "any-signer" })).toMatchObject({ ok: true });
      expect(await verifyHistory({ ...request, trust: STRANGER })).toMatchObject({
        ok: false,
        code: "SIGNER_UNKNOWN",
        message: expect.stringMatching(/^the chain is sound, but run "run-001": /),
        details: { run_id: "run-001" },
      });
      const error = verifyHistory(untyped<VerifyHistoryOptions>(request));
      await expect(error).rejects.toMatchObject({ argument: "trust" });
    });
  });

  it("accepts no history where there is none", async () => {
    await inFolder(async (folder) => {
      const end = await verifyHistory({ project: folder, environment: {}, trust: "any-signer" });
      expect(end).toMatchObject({ ok: false, code: "PROJECT_NOT_FOUND", message: expect.any(String) });
    });
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
