import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { SecretBytes, secretMemory } from "../../../src/node/keys/secret-bytes.ts";
import { secretOf } from "../../support/bundles/keys.ts";

describe("SecretBytes", () => {
  it("says which promise holds here", () => {
    expect(["guarded", "unguarded"]).toContain(secretMemory());
  });

  it("begins with zeros and keeps what is written, at any length", () => {
    for (const length of [1, 32, 64, 65, 4096]) {
      using secret = new SecretBytes(length);
      expect(secret.length).toBe(length);
      expect(secret.use((bytes) => bytes.length === length && bytes.every((byte) => byte === 0))).toBe(true);
      secret.use((bytes) => bytes.fill(7));
      expect(secret.use((bytes) => bytes.every((byte) => byte === 7))).toBe(true);
    }
  });

  it("is never shown", () => {
    using secret = secretOf("hunter2");
    const shown = [
      String(secret),
      `${secret}`,
      `${secret.toString()}`,
      JSON.stringify({ secret }),
      inspect(secret),
      inspect({ deep: { secret } }, { showHidden: true, depth: 9, customInspect: false }),
      // biome-ignore lint/style/useTemplate: concatenation is what is tested
      "" + secret,
      JSON.stringify(Object.entries(secret)),
    ];
    for (const text of shown) {
      expect(text).not.toContain("hunter2");
      expect(text).not.toContain("104");
    }
    expect(shown.slice(0, 3)).toEqual(["[secret]", "[secret]", "[secret]"]);
    expect(JSON.stringify({ secret })).toBe('{"secret":"[secret]"}');
    expect(inspect(secret)).toBe("[secret]");
  });

  it("can't be cloned or sent", () => {
    using secret = secretOf("hunter2");
    const clone: object = structuredClone({ ...secret });
    expect(JSON.stringify(clone)).not.toContain("hunter2");
  });

  it("is unusable after its disposal, with a clear error, and may be disposed of twice", () => {
    const secret = secretOf("hunter2");
    secret.dispose();
    secret.dispose();
    expect(() => secret.use(() => 0)).toThrow("secret bytes were used after their disposal");
    expect(String(secret)).toBe("[secret]");
  });

  it("is disposed of on every way out", () => {
    let kept: SecretBytes | undefined;
    expect(() => {
      using secret = secretOf("hunter2");
      kept = secret;
      throw new Error("on the way");
    }).toThrow("on the way");
    expect(() => kept?.use(() => 0)).toThrow("after their disposal");
  });
});
