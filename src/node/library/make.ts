/** Sealing for a program: files that are there, what a command makes, and all of a folder. @module */

import { randomBytes } from "node:crypto";
import { resolve } from "node:path";
import { ok, type Result } from "../../core/internal.ts";
import { type TakenSnapshot, takeSnapshot } from "../back/guard/take-snapshot.ts";
import { recoverGuarded } from "../back/revert/recover-guarded.ts";
import { openSigner } from "../keys/open-signer.ts";
import { passphraseDescriptors } from "../keys/passphrase/program-surroundings.ts";
import { type SealedBundle, type SealRequest, sealOutputs } from "../make/seal/seal-outputs.ts";
import type { SealFault } from "../make/seal/while-held.ts";
import { makeRunId } from "../records/bundle/run-names.ts";
import { runAndSeal } from "../run/run-and-seal.ts";
import type { RunRequest, SealedRun, UnsealedRun } from "../run/run-request.ts";
import type { OperationFault } from "../system/runtime/operation-fault.ts";
import { ArgumentError, answer, type Call, type CommonOptions, type Takes } from "./arguments.ts";
import { type SignerSpec, signerOf } from "./who.ts";

/** What a seal and a run have in common. */
export interface SealingOptions
  extends CommonOptions,
    Partial<Pick<SealRequest, "ignore" | "keep" | "links" | "names" | "strict">> {
  /** The project: outputs are named relative to this folder, and its history takes the run in; default: the current folder. */
  readonly project?: string | undefined;
  /** The id of the run; default: one is made from the time. */
  readonly id?: string | undefined;
  readonly signer?: SignerSpec | undefined;
}

/** Which files to seal. */
export interface SealOptions extends SealingOptions, Pick<SealRequest, "out" | "taskFile"> {
  /** Files and folders in the project, relative to the current folder. */
  readonly paths: readonly string[];
}

/** Which command to run, and what to seal of what it makes. */
export interface RunOptions
  extends SealingOptions,
    Partial<Pick<RunRequest, "inputs" | "recorded" | "scratch" | "streams">> {
  /** The program and its arguments. It runs in the current folder. */
  readonly command: readonly [string, ...string[]];
  /** Files and folders that the command makes, relative to the current folder. */
  readonly paths: readonly string[];
}

/** A run that did not succeed. */
export type RunFault = OperationFault & {
  /** What is known of it: a run whose command failed is sealed all the same, in a bundle that no verifier accepts. */
  readonly run: SealedRun | UnsealedRun;
};

/** Of what to take a snapshot. */
export interface SnapshotOptions extends CommonOptions {
  /** The folder to guard; default: the current folder. */
  readonly folder?: string | undefined;
  readonly id?: string | undefined;
  readonly message?: string | undefined;
  readonly ignore?: readonly string[] | undefined;
  readonly signer?: SignerSpec | undefined;
}

const SEALING = {
  project: "may",
  id: "may",
  signer: "may",
  ignore: "may",
  keep: "may",
  links: "may",
  names: "may",
  strict: "may",
} as const;
const SEAL: Takes<SealOptions> = { ...SEALING, paths: "must", out: "may", taskFile: "may" };
const RUN: Takes<RunOptions> = {
  ...SEALING,
  ...{ command: "must", paths: "must", inputs: "may", recorded: "may", scratch: "may", streams: "may" },
};
const SNAPSHOT: Takes<SnapshotOptions> = {
  folder: "may",
  id: "may",
  message: "may",
  ignore: "may",
  signer: "may",
};

/** Seals files and folders. On a failure, nothing is left behind. */
export async function seal(request: SealOptions): Promise<Result<SealedBundle, SealFault>> {
  return await answer(request, SEAL, async (call) => {
    const opened = await openSigner(...signerOf(request, call));
    if (!opened.ok) return opened;
    using signer = opened.value;
    return await sealOutputs({ ...sealingOf(request, call), signer });
  });
}

/** Runs a command and seals what it made. `ok` says that the command ended with 0, and that the run is sealed. */
export async function run(request: RunOptions): Promise<Result<SealedRun, RunFault>> {
  return await answer(request, RUN, async (call) => {
    const { command, inputs = [], keep = true, recorded = [], scratch = [], signer } = request;
    if (command.length === 0) throw new ArgumentError("command", "must name a program");
    if (recorded.some((name) => /^RUNSEAL_(?:NEW_)?PASSPHRASE/.test(name)))
      throw new ArgumentError("recorded", "must name no passphrase: a bundle is published");
    const isOpenToCommand = (fd: number): boolean => fd <= 2;
    if (
      signer !== undefined &&
      "kind" in signer &&
      signer.kind === "key-descriptor" &&
      isOpenToCommand(signer.fd)
    )
      throw new ArgumentError("signer", "must not be a descriptor that the command gets too");
    if (passphraseDescriptors(call.environment).some(isOpenToCommand))
      throw new ArgumentError(
        "environment",
        "must not name a passphrase's descriptor that the command gets too",
      );
    const ended = await runAndSeal({
      ...sealingOf(request, call),
      inputs,
      keep,
      recorded,
      scratch,
      openSigner: async () => await openSigner(...signerOf(request, call)),
      clock: () => call.now,
      tapSignals: () => () => undefined,
    });
    if (!ended.ok) return { ...ended.fault, run: ended };
    return ended.failure === undefined ? ok(ended) : { ...ended.failure, run: ended };
  });
}

/** Keeps all of a folder, so that `undo` can bring it back. */
export async function snapshot(request: SnapshotOptions): Promise<Result<TakenSnapshot, SealFault>> {
  return await answer(request, SNAPSHOT, async (call) => {
    const { folder: shown = ".", ignore = [] } = request;
    const folder = resolve(shown);
    const [signer, surroundings] = signerOf(request, call);
    const taking = { ...request, ...call, jobs: request.jobs, signer, surroundings };
    return await takeSnapshot({
      ...taking,
      folder,
      shown,
      ignore,
      runId: idOf(request, call),
      recover: recoverGuarded(folder, shown, taking),
    });
  });
}

function sealingOf<Options extends SealingOptions>(request: Options, call: Call) {
  const { names = "portable", project: root = ".", ...rest } = request;
  return { ...rest, ...call, root, names, runId: idOf(request, call) };
}

function idOf({ id }: Pick<SealingOptions, "id">, { now }: Call): string {
  return id ?? makeRunId(now, randomBytes(2));
}
