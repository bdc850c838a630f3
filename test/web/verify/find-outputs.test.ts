import { expect, it } from "vitest";
import { FINDING_KINDS } from "../../../src/core/internal.ts";
import { nodeCrypto } from "../../../src/node/system/runtime/node-crypto.ts";
import { hashBlob } from "../../../web/hashing/hash-blob.ts";
import { ListedFolder } from "../../../web/source/listed-folder.ts";
import { findOutputs } from "../../../web/verify/find-given-outputs.ts";
import { outputsBelow } from "../../../web/verify/output-place.ts";
import { sha256 } from "../../support/bundles/bundle.ts";
import { claimsOf } from "../../support/bundles/claims.ts";

it.each([
  ["of exactly the declared bytes is read", "sealed", FINDING_KINDS.file],
  ["of one byte more is not", "sealed!", FINDING_KINDS.oversized],
])("an output %s, where one before it grew", async (_what, content, expected) => {
  const sealed = { a: "", b: "sealed" };
  const folder = new ListedFolder("", false);
  // As many bytes as are declared: with b, twice as many are read.
  folder.add("a", { kind: "file", blob: new Blob(["larger"]) });
  folder.add("b", { kind: "file", blob: new Blob([content]) });
  const found = await findOutputs({
    claims: claimsOf(Object.entries(sealed).map(([path, text]) => [path, `sha256:${sha256(text)}`])),
    declaredBytes: 6,
    place: outputsBelow(folder),
    crypto: nodeCrypto,
    hash: (blob) => hashBlob(blob, () => undefined),
  });
  expect([...found.columns.kinds]).toEqual([FINDING_KINDS.file, expected]);
});
