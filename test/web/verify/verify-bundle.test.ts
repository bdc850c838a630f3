import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { WebCrypto } from "../../../src/core/internal.ts";
import { hashBlob } from "../../../web/hashing/hash-blob.ts";
import { ListedFolder } from "../../../web/source/listed-folder.ts";
import { outputsBelow } from "../../../web/verify/output-place.ts";
import { verifyBundle } from "../../../web/verify/verify-bundle.ts";
import { sealTreeBundle } from "../../support/bundles/tree-bundle.ts";

/** A file of an archive that changed after the user gave it. */
class ChangedBlob extends Blob {
  override async arrayBuffer(): Promise<ArrayBuffer> {
    throw new DOMException("", "NotReadableError");
  }
}

it("gives no verdict on an archive whose tree can't be read, and hashes no output", async () => {
  const { artifacts, outputs, runId } = sealTreeBundle();
  const bundle = new ListedFolder(runId, true);
  for (const [name, bytes] of Object.entries(artifacts))
    bundle.add(name, { kind: "file", blob: new Blob([new Uint8Array(bytes)]), mode: 0o644 });
  bundle.add("OUTPUT_TREE.json", { kind: "file", blob: new ChangedBlob(), mode: 0o644 });
  const files = new ListedFolder("", true);
  for (const [path, text] of Object.entries(outputs))
    files.add(path, { kind: "file", blob: new Blob([text]), mode: 0o644 });
  const report = await verifyBundle({
    bundle,
    runId,
    from: "archive",
    place: outputsBelow(files),
    crypto: await WebCrypto.of(globalThis.crypto.subtle, (bytes) =>
      createHash("sha256").update(bytes).digest(),
    ),
    hash: (blob) => hashBlob(blob, () => undefined),
    checkEntries: async () => undefined,
  });
  expect(report).toMatchObject({
    verdict: { ok: false, code: "READ_FAILED", details: { path: "OUTPUT_TREE.json" } },
    findings: undefined,
  });
});
