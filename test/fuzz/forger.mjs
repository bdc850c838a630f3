/** A stranger with a key: signs what was changed, and names it rightly. @module */

import { createHash, createPrivateKey, createPublicKey, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { preAuthEncoding } from "../../dist/core/make/evidence/dsse.js";
import { changeBytes, changeJson } from "./mutate-texts.mjs";

const IN_TOTO = "application/vnd.in-toto+json";

/** The run that is changed. */
export const RUN = ".runseal/runs/three";

const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

export class Forger {
  #root;
  #key = createPrivateKey({
    key: Buffer.from(`302e020100300506032b657004220420${"07".repeat(32)}`, "hex"),
    format: "der",
    type: "pkcs8",
  });
  publicKey = createPublicKey(this.#key)
    .export({ format: "der", type: "spki" })
    .subarray(-32)
    .toString("hex");

  constructor(root) {
    this.#root = root;
  }

  /** Reads a file of the project. */
  read(path) {
    return readFileSync(join(this.#root, path));
  }

  #sign(message) {
    return sign(null, message, this.#key);
  }

  /** A signed envelope of an in-toto statement. */
  envelope(payload) {
    const signatures = [{ sig: this.#sign(preAuthEncoding(IN_TOTO, payload)).toString("base64") }];
    return JSON.stringify({ payload: payload.toString("base64"), payloadType: IN_TOTO, signatures });
  }

  /** The artifacts of a run of which one was changed before it was signed. */
  resealed(chance) {
    const names = ["STATUS", "OUTPUT_HASHES", "OUTPUT_TREE", "PROOF", "TASK_SPEC"];
    const texts = Object.fromEntries(names.map((name) => [name, this.read(`${RUN}/${name}.json`)]));
    const changed = chance.pick(names);
    texts[changed] = changeJson(texts[changed], chance);
    const status = parsed(texts.STATUS);
    const hashes = parsed(texts.OUTPUT_HASHES)?.hashes;
    if (typeof status?.runseal === "object" && status.runseal !== null && changed !== "STATUS") {
      for (const name of ["PROOF", "OUTPUT_HASHES", "OUTPUT_TREE"])
        status.runseal[`${name.toLowerCase()}_sha256`] = sha256(texts[name]);
      texts.STATUS = Buffer.from(canonical(status));
    }
    const root = sha256(
      canonical({ output_hashes: hashes, status, task_spec_hash: sha256(texts.TASK_SPEC) }) ?? "",
    );
    const id = sha256(Buffer.from(this.publicKey, "hex"));
    const payload = canonical({ bundle_root: root, decision: "ACCEPT", validator_id: id });
    const signature = this.#sign(Buffer.from(`CAT-DPT-SPECTRUM-04-v1:BUNDLE:${payload}`)).toString("hex");
    texts.SIGNED_PAYLOAD = payload;
    texts.SIGNATURE = canonical({ payload_type: "BUNDLE", signature, validator_id: id });
    texts.VALIDATOR_IDENTITY = canonical({
      algorithm: "ed25519",
      public_key: this.publicKey,
      validator_id: id,
    });
    return Object.fromEntries(Object.entries(texts).map(([name, text]) => [`${RUN}/${name}.json`, text]));
  }

  /** A layout in which a blob or the index was changed. What names the blob names the new one, mostly. */
  relaid(chance) {
    const index = parsed(this.read("layout/index.json"));
    const [run] = index.manifests;
    const blob = (digest) => `layout/blobs/sha256/${digest.slice(7)}`;
    const manifest = parsed(this.read(blob(run.digest)));
    if (chance.below(4) === 0) {
      const path = chance.pick(["layout/index.json", "layout/oci-layout", blob(run.digest)]);
      return { [path]: changeJson(this.read(path), chance) };
    }
    const files = {};
    const put = (descriptor, bytes) => {
      descriptor.digest = `sha256:${sha256(bytes)}`;
      descriptor.size = bytes.length;
      files[blob(descriptor.digest)] = bytes;
    };
    if (chance.below(2) === 0) {
      const layer = chance.pick(manifest.layers);
      const bytes = this.read(blob(layer.digest));
      put(layer, chance.pick([changeJson, changeBytes])(bytes, chance));
      put(run, Buffer.from(JSON.stringify(manifest)));
    } else put(run, changeJson(Buffer.from(JSON.stringify(manifest)), chance));
    return { ...files, "layout/index.json": Buffer.from(JSON.stringify(index)) };
  }
}

function parsed(bytes) {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return undefined;
  }
}

/** Plain data in the canonical form, apart from odd numbers: those are refused anyway. */
function canonical(value) {
  return JSON.stringify(value, (_key, member) => {
    if (typeof member !== "object" || member === null || Array.isArray(member)) return member;
    return Object.fromEntries(
      Object.entries(member).sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
    );
  });
}
