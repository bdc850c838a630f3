/**
 * Countersignatures for tests, made from the words of docs/protocol.md alone.
 *
 * @module
 */

import { canonical, type TestBundle, testSigner } from "./bundle.ts";

/** One entry of COUNTERSIGNATURES.json. */
export type Entry = Readonly<Record<string, unknown>>;

/** When test countersigners sign. */
export const COUNTERSIGNED_AT = "2026-12-01T00:00:00Z";

/** The entry of the holder of a seed's key. */
export function countersignatureOf(
  seed: string,
  { bundleRoot }: Pick<TestBundle, "bundleRoot">,
  signedAt: string = COUNTERSIGNED_AT,
): Entry {
  const signer = testSigner(seed);
  const payload = canonical({
    bundle_root: bundleRoot,
    signed_at: signedAt,
    validator_id: signer.validatorId,
  });
  return {
    algorithm: "ed25519",
    public_key: signer.publicKeyHex,
    validator_id: signer.validatorId,
    signature: signer.sign(Buffer.from(`RUNSEAL-COUNTERSIGNATURE-v1:${payload}`)),
    signed_at: signedAt,
  };
}

/** The file with these entries. */
export function countersignaturesFile(...countersignatures: readonly unknown[]): Buffer {
  return Buffer.from(canonical({ version: 1, countersignatures }));
}
