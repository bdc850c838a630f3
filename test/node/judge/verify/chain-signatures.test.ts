import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { SignatureQuestion } from "../../../../src/core/internal.ts";
import { hasAcceptedEncoding } from "../../../../src/core/system/bytes/ed25519-rule.ts";
import { cryptoFor } from "../../../../src/node/judge/verify/chain-signatures.ts";
import { nodeCrypto } from "../../../../src/node/system/runtime/node-crypto.ts";

interface EdgeCase {
  readonly public_key: string;
  readonly message: string;
  readonly signature: string;
  readonly valid: boolean;
}

/** The cases of a file that the rule leaves to a platform. */
function edgeCases(name: string): readonly (SignatureQuestion & { readonly valid: boolean })[] {
  const text = readFileSync(new URL(`../../../data/${name}`, import.meta.url), "utf8");
  const cases = (JSON.parse(text) as readonly EdgeCase[]).map(
    ({ message, public_key, signature, valid }) => ({
      publicKey: bytesOf(public_key),
      message: bytesOf(message),
      signature: bytesOf(signature),
      valid,
    }),
  );
  return cases.filter(({ publicKey, signature }) => hasAcceptedEncoding(publicKey, signature));
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, "hex"));
}

describe.each(["ed25519-edge.json", "ed25519-mixed-order.json"])("signatures of %s", (name) => {
  const cases = edgeCases(name);
  const valid = cases.map((each) => each.valid);

  it("hold for libsodium, in a long chain, just where they hold for Node", async () => {
    const crypto = await cryptoFor(10_000);
    expect(crypto).not.toBe(nodeCrypto);
    for (const { verifyEd25519 } of [crypto, nodeCrypto]) {
      const answers = cases.map(({ message, publicKey, signature }) =>
        verifyEd25519(publicKey, message, signature),
      );
      expect(answers).toEqual(valid);
    }
    expect(new Set(valid)).toEqual(new Set([true, false]));
  });
});
