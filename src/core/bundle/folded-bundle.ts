/**
 * The facts of a bundle in a thousand bytes: what is small is held, and documents are parsed again when they are asked for.
 *
 * @module
 */

import type { Binding } from "../artifacts/binding.ts";
import type { SignerIdentity } from "../artifacts/identity.ts";
import type { OpenedBundle } from "../artifacts/opened-bundle.ts";
import { OutputClaims } from "../artifacts/output-claims.ts";
import { type HexDigest, ownDigest } from "../bytes/hex.ts";
import { itemAt, type Listing, makeListing } from "../bytes/listing.ts";
import { copyText } from "../bytes/utf8.ts";
import type { JsonObject } from "../json/json-value.ts";
import type { ArtifactName } from "../paths/artifact-name.ts";
import type { SealedTree } from "../tree/output-tree.ts";
import {
  type BundleFacts,
  type KeptFacts,
  listOutputs,
  sizesOf,
  type VerifiedOutput,
} from "./bundle-facts.ts";
import { type NotedFacts, notedFacts } from "./chain-notes.ts";
import type { CountersignatureFinding } from "./countersignature.ts";
import type { FindingTable } from "./phases/findings.ts";
import { known, type ParsedArtifact } from "./phases/judging.ts";
import { parseDocument } from "./phases/parse.ts";
import { parseSignedTree } from "./phases/tree.ts";
import { MOST_SHELVED_BYTES, type Place, type Shelf } from "./shelf.ts";
import type { BundleTimestamps } from "./timestamps.ts";

const NO_COUNTERSIGNATURES: readonly CountersignatureFinding[] = [];

/**
 * A bundle whose artifacts passed and whose bytes were dropped. It is a link of its line; no output of it is known to be as sealed, so
 * that it can't be restored.
 */
export interface DroppedBundle
  extends Pick<
    BundleFacts,
    "runId" | "bundleRoot" | "signer" | "binding" | "countersignatures" | "timestamps"
  > {
  readonly claims: OutputClaims;
  readonly noted: NotedFacts;
}

/** The signed documents of a bundle on a shelf, and what is small of it. */
export class FoldedDocuments implements DroppedBundle {
  readonly runId: string;
  readonly bundleRoot: HexDigest;
  readonly signer: SignerIdentity;
  readonly binding: Binding | undefined;
  readonly countersignatures: readonly CountersignatureFinding[];
  readonly timestamps: BundleTimestamps | undefined;
  readonly noted: NotedFacts;
  readonly shelf: Shelf;
  readonly #taskSpec: Place;
  readonly #outputHashes: Place;

  private constructor(
    { binding, bundleRoot, countersignatures, outputHashes, runId, signer, taskSpec, timestamps }: KeptFacts,
    shelf: Shelf,
    places: { readonly taskSpec: Place; readonly outputHashes: Place },
  ) {
    this.runId = runId;
    this.bundleRoot = bundleRoot;
    this.signer = shelf.signer(signer);
    this.binding = binding && ownBinding(binding);
    this.countersignatures = countersignatures.length === 0 ? NO_COUNTERSIGNATURES : countersignatures;
    this.timestamps = timestamps;
    this.noted = notedFacts(taskSpec, outputHashes);
    this.shelf = shelf;
    this.#taskSpec = places.taskSpec;
    this.#outputHashes = places.outputHashes;
  }

  /** Puts the documents of a bundle that phases 1 to 8 have passed on a shelf; `undefined` where they are too long. */
  static of(facts: KeptFacts, { artifacts }: OpenedBundle, shelf: Shelf): FoldedDocuments | undefined {
    const taskSpec = artifacts["TASK_SPEC.json"];
    const outputHashes = artifacts["OUTPUT_HASHES.json"];
    if (taskSpec.kind !== "bytes" || outputHashes.kind !== "bytes") return undefined;
    if (taskSpec.bytes.length + outputHashes.bytes.length > MOST_SHELVED_BYTES) return undefined;
    const places = { taskSpec: shelf.put(taskSpec.bytes), outputHashes: shelf.put(outputHashes.bytes) };
    return new FoldedDocuments(facts, shelf, places);
  }

  /** What was kept, as it was. */
  facts(): KeptFacts {
    const { binding, bundleRoot, countersignatures, runId, signer, timestamps } = this;
    const documents = { taskSpec: this.taskSpec(), outputHashes: this.outputHashes().object };
    return { runId, bundleRoot, signer, binding, countersignatures, timestamps, ...documents };
  }

  /** TASK_SPEC.json, parsed now. */
  taskSpec(): JsonObject {
    return this.#parse("TASK_SPEC.json", this.#taskSpec).object;
  }

  /** OUTPUT_HASHES.json, parsed now. */
  outputHashes(): ParsedArtifact {
    return this.#parse("OUTPUT_HASHES.json", this.#outputHashes);
  }

  #parse(name: ArtifactName, place: Place): ParsedArtifact {
    const parsed = parseDocument(name, this.shelf.at(place));
    if (!parsed.ok) throw new TypeError("what was parsed once is parsed again");
    return parsed.value;
  }

  /** The claims, parsed now. */
  get claims(): OutputClaims {
    return this.claimsOf(this.outputHashes());
  }

  /** The claims of OUTPUT_HASHES.json. */
  claimsOf({ hashes }: ParsedArtifact): OutputClaims {
    return new OutputClaims(known(hashes), this.shelf.context.pathRules);
  }
}

/** What is found of a bundle when it is concluded. */
export interface FoldedFindings {
  /** How many outputs it claims. */
  readonly files: number;
  readonly findings: FindingTable;
  /** The bytes of OUTPUT_TREE.json, which `readTree` accepted; undefined for a bundle without a tree. */
  readonly tree: Uint8Array | undefined;
}

/** The facts of a bundle whose documents are on a shelf. Its getters parse: who reads one often keeps what it gave. */
export class FoldedFacts implements BundleFacts {
  readonly bytes: number;
  readonly #documents: FoldedDocuments;
  readonly #files: number;
  readonly #sizes: Place;
  readonly #tree: Place | undefined;

  constructor(documents: FoldedDocuments, { files, findings, tree }: FoldedFindings) {
    const { shelf } = documents;
    this.bytes = findings.bytes;
    this.#documents = documents;
    this.#files = files;
    const sizes = sizesOf(findings, files);
    this.#sizes = shelf.put(new Uint8Array(sizes.buffer, sizes.byteOffset, sizes.byteLength));
    this.#tree = tree && shelf.put(tree);
  }

  get runId(): string {
    return this.#documents.runId;
  }

  get bundleRoot(): HexDigest {
    return this.#documents.bundleRoot;
  }

  get signer(): SignerIdentity {
    return this.#documents.signer;
  }

  get binding(): Binding | undefined {
    return this.#documents.binding;
  }

  get countersignatures(): readonly CountersignatureFinding[] {
    return this.#documents.countersignatures;
  }

  get timestamps(): BundleTimestamps | undefined {
    return this.#documents.timestamps;
  }

  /** What the notes of a chain go by. */
  get noted(): NotedFacts {
    return this.#documents.noted;
  }

  get taskSpec(): JsonObject {
    return this.#documents.taskSpec();
  }

  get outputHashes(): JsonObject {
    return this.#documents.outputHashes().object;
  }

  get outputs(): Listing<VerifiedOutput> {
    let made: Listing<VerifiedOutput> | undefined;
    // How many there are is known without parsing.
    return makeListing(this.#files, (index) => {
      made ??= this.#listOutputs();
      return itemAt(made, index);
    });
  }

  get tree(): SealedTree | undefined {
    if (this.#tree === undefined) return undefined;
    const outputHashes = this.#documents.outputHashes();
    const claims = this.#documents.claimsOf(outputHashes);
    const tree = parseSignedTree(this.#documents.shelf.at(this.#tree), claims, known(outputHashes.hashes));
    if (!tree.ok) throw new TypeError("what was parsed once is parsed again");
    return tree.value;
  }

  #listOutputs(): Listing<VerifiedOutput> {
    const claims = this.#documents.claimsOf(this.#documents.outputHashes());
    // A copy, which stands where numbers may stand.
    const sizes = new Float64Array(this.#documents.shelf.at(this.#sizes).slice().buffer);
    return listOutputs(claims, sizes);
  }
}

/** Whether what is found of a bundle is short enough for a shelf. `sealed` is its tree as it was read. */
export function fitsOnShelf({ files, tree }: FoldedFindings, sealed: SealedTree | undefined): boolean {
  const sizes = files * Float64Array.BYTES_PER_ELEMENT;
  // A tree that a caller did not read by `readTree` left no bytes.
  if (sealed !== undefined && tree === undefined) return false;
  return sizes <= MOST_SHELVED_BYTES && (tree?.length ?? 0) <= MOST_SHELVED_BYTES;
}

/** A copy that keeps no document alive. */
function ownBinding({ failedRuns, previousBundleRoot, sealedAt, signedAt }: Binding): Binding {
  return {
    sealedAt: copyText(sealedAt),
    signedAt: signedAt && copyText(signedAt),
    previousBundleRoot: ownDigest(previousBundleRoot),
    failedRuns,
  };
}
