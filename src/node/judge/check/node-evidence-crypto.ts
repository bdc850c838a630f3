/**
 * The core's port for evidence of other tools, by node:crypto.
 *
 * @module
 */

import { createHash, createPublicKey, verify } from "node:crypto";
import type { EvidenceCrypto } from "../../../core/internal.ts";
import { publishCause } from "../../system/runtime/cause-channel.ts";
import { nodeCrypto } from "../../system/runtime/node-crypto.ts";

/** node:crypto behind the port. */
export const evidenceCrypto: EvidenceCrypto = {
  ...nodeCrypto,
  hash: (name, bytes) => createHash(name).update(bytes).digest(),
  verifyEcdsa: (spki, hash, message, signature) => {
    try {
      const key = createPublicKey({ key: Buffer.from(spki), format: "der", type: "spki" });
      return verify(hash, message, { key, dsaEncoding: "der" }, signature);
    } catch (thrown) {
      // A point that is not on the curve: OpenSSL refuses the key.
      publishCause(thrown);
      return false;
    }
  },
};
