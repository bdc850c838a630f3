/**
 * Runs in the browser: judges folders that a test describes with the page's own modules. A described folder has links, FIFOs and
 * modes, which no browser shows of a folder on a disk.
 *
 * @module
 */

import { createSHA256 } from "hash-wasm";
import type { TreeDemand } from "../../../src/core/internal.ts";
import {
  checkRunIds,
  checkTree,
  findAuthority,
  inChain,
  judgeChain,
  judgeToken,
  type ListedAuthority,
  TextViews,
  type VerifiedBundle,
  verifyStrictly,
  WebCrypto,
} from "../../../src/core/internal.ts";
import { parseTree } from "../../../src/core/records/tree/tree-form.ts";
import { hashBlob } from "../../../web/hashing/hash-blob.ts";
import { ListedFolder } from "../../../web/source/listed-folder.ts";
import { readingCode } from "../../../web/source/reading-code.ts";
import { enterFolder, type SourceFolder } from "../../../web/source/source-folder.ts";
import { PageTime } from "../../../web/time/page-time.ts";
import { outputsBelow } from "../../../web/verify/output-place.ts";
import { type BundleReport, verifyBundle } from "../../../web/verify/verify-bundle.ts";

/** An entry of a described folder. Bytes are base64. */
export type ProbeEntry =
  | { readonly kind: "file"; readonly base64: string; readonly mode: number }
  | { readonly kind: "folder"; readonly mode: number }
  | { readonly kind: "link"; readonly target: string }
  | { readonly kind: "fifo" };

/** A described folder: paths, and what is there. */
export type ProbeTree = readonly (readonly [string, ProbeEntry])[];

/** What comes of it, as JSON can say it. */
export interface ProbeVerdict {
  readonly ok: boolean;
  readonly code: string;
  readonly phase?: string;
  readonly message?: string;
  readonly details?: object;
  /** The bundle root, or of a chain the chain root. */
  readonly root?: string;
  /** Code and path of each failure. */
  readonly all?: readonly (readonly [string, string | null])[];
}

/** What a test calls. */
export interface Probe {
  readonly judgeBundle: (
    tree: ProbeTree,
    run: string,
    files: string,
    demand?: TreeDemand,
  ) => Promise<ProbeVerdict>;
  readonly judgeChain: (
    tree: ProbeTree,
    runs: readonly string[],
    files: string,
    expectedRoot: string | null,
  ) => Promise<ProbeVerdict>;
  /** Why the text of a tree is malformed; null if it is not. */
  readonly treeForm: (base64: string) => string | null;
  /** Why a tree of the right form is unlawful, as reason and path; null if it is not. */
  readonly treeLaw: (
    base64: string,
    files: readonly string[],
    maxEntries: number | null,
  ) => readonly [string, string | null] | null;
  /** The codes of tokens over some bytes, each for one authority; "OK" for one that holds. Bytes are base64. */
  readonly tokenCodes: (
    stamped: string,
    tokens: readonly (readonly [token: string, authority: ListedAuthority])[],
  ) => Promise<readonly string[]>;
  /** Whether a signature holds by the core's rule and this platform. Hex. */
  readonly holds: (publicKey: string, message: string, signature: string) => Promise<boolean>;
}

const loaded = createSHA256().then((hasher) =>
  WebCrypto.of(crypto.subtle, (bytes) => hasher.init().update(bytes).digest("binary")),
);
const time = loaded.then((crypto) => new PageTime(crypto));

function layOut(tree: ProbeTree): ListedFolder {
  const folder = new ListedFolder("", true);
  for (const [path, entry] of tree) {
    if (entry.kind !== "file") folder.add(path, entry);
    else folder.add(path, { kind: "file", blob: new Blob([fromBase64(entry.base64)]), mode: entry.mode });
  }
  return folder;
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

function fromHex(text: string): Uint8Array {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** A part of a described folder, which sees as much as the whole. A link to it is followed, and a slash at its end passed over. */
async function part(folder: ListedFolder, named: string): Promise<SourceFolder> {
  const path = named.replace(/\/$/, "");
  const entry = await folder.look(path);
  if (entry.kind === "link")
    return await part(folder, `${path.slice(0, path.lastIndexOf("/"))}/${entry.target}`);
  return (await enterFolder(folder, path)) ?? new ListedFolder(path, true);
}

function idOf(run: string): string {
  return run.replace(/\/$/, "").replace(/^.*\//, "");
}

async function verify(
  folder: ListedFolder,
  run: string,
  files: string,
  demand: TreeDemand = {},
): Promise<BundleReport> {
  return await verifyBundle({
    ...demand,
    bundle: await part(folder, run),
    runId: idOf(run),
    from: "folder",
    place: outputsBelow(await part(folder, files)),
    crypto: await loaded,
    hash: async (blob) => await hashBlob(blob, () => undefined).catch(readingCode),
  });
}

function told({ failures, verdict }: BundleReport): ProbeVerdict {
  const all = [...failures()].map(
    ({ code, details }) => [code, "path" in details ? details.path : null] as const,
  );
  return verdict.ok ? { ok: true, code: "OK", root: verdict.value.bundleRoot, all } : { ...verdict, all };
}

const probe: Probe = {
  judgeBundle: async (tree, run, files, demand) => told(await verify(layOut(tree), run, files, demand)),
  judgeChain: async (tree, runs, files, expectedRoot) => {
    const folder = layOut(tree);
    const refused = checkRunIds(runs.map(idOf));
    if (refused !== undefined) return refused;
    const bundles: VerifiedBundle[] = [];
    for (const run of runs) {
      const { verdict } = await verify(folder, run, files);
      if (!verdict.ok) return "phase" in verdict ? inChain(verdict, idOf(run)) : verdict;
      bundles.push(verdict.value);
    }
    const root = judgeChain(bundles, expectedRoot ?? undefined, (await loaded).port);
    return root.ok ? { ok: true, code: "OK", root: root.value } : root;
  },
  treeForm: (base64) => {
    const parsed = parseTree(fromBase64(base64));
    return parsed.ok ? null : parsed.details.reason;
  },
  treeLaw: (base64, files, maxEntries) => {
    const parsed = parseTree(fromBase64(base64));
    if (!parsed.ok) throw new TypeError(parsed.message);
    const law = {
      files: TextViews.of(files),
      rules: { refuseColon: false },
      maxEntries: maxEntries ?? undefined,
    };
    const rejection = checkTree(parsed.value, law);
    if (rejection === undefined) return null;
    const { details } = rejection;
    return [details.reason, "path" in details ? details.path : null];
  },
  tokenCodes: async (stamped, tokens) => {
    const crypto = await loaded;
    const platform = await time;
    const codes: string[] = [];
    for (const [token, authority] of tokens) {
      const code = await crypto.settle(() => {
        const sound = judgeToken(fromBase64(token), { stamped: fromBase64(stamped) }, platform);
        const found = sound.ok ? findAuthority(sound.value, [authority], platform) : sound;
        return found.ok ? "OK" : found.flaw;
      });
      codes.push(code);
    }
    return codes;
  },
  holds: async (publicKey, message, signature) => {
    const crypto = await loaded;
    const [key, bytes, sig] = [fromHex(publicKey), fromHex(message), fromHex(signature)];
    return await crypto.settle(() => verifyStrictly(key, bytes, sig, crypto.port));
  },
};

Object.assign(globalThis, { probe });
