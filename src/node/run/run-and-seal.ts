/**
 * A run: hash the scratch folders, run the command, hash them again, seal its outputs and how it ended. The steps are in
 * this order below.
 *
 * All checks that are possible come before the command, the signer's passphrase included. A failure of the run itself is
 * recorded in a bundle that no verifier accepts.
 *
 * @module
 */

import { formatUtcSecond, ok, type Result } from "../../core/internal.ts";
import { closePassphraseDescriptors } from "../keys/passphrase/program-surroundings.ts";
import type { SealedOutputs } from "../make/seal/bundle-contents.ts";
import { readIgnoreRules } from "../make/seal/ignore-rules.ts";
import { componentsBelow, findStarts, namesBelowRoot } from "../make/seal/named-paths.ts";
import type { PlacedUnsigned } from "../make/seal/place-unsigned.ts";
import { noOutputs, readFindings } from "../make/seal/read-findings.ts";
import { SCRATCH_FOLDER } from "../make/seal/scratch-proof.ts";
import { refuseScratch, type ScratchState, snapshotScratch } from "../make/seal/scratch-state.ts";
import type { CompletedSeal } from "../make/seal/seal-into-project.ts";
import { selectInputs } from "../make/seal/select-outputs.ts";
import { isNewRunId } from "../records/bundle/run-names.ts";
import type { RecoveredSeal } from "../records/project/finish-pending.ts";
import { holdProject, type ProjectHome } from "../records/project/held-project.ts";
import { findPreviousRun } from "../records/project/previous-run.ts";
import { type AnchoredRoot, openRoot } from "../system/files/anchored-root.ts";
import { beginHashing } from "../system/hashing/hash-files.ts";
import { watchFiles } from "../system/hashing/watch-files.ts";
import { Interruption, throwIfInterrupted } from "../system/runtime/interruption.ts";
import { type OperationFault, operationFault } from "../system/runtime/operation-fault.ts";
import { CommandGuard } from "./command-guard.ts";
import { RunSignals } from "./command-signals.ts";
import { refuseExisting } from "./made-outputs.ts";
import { claimRun, type KilledRun } from "./run-claim.ts";
import { commandEnvironment, runCommand } from "./run-command.ts";
import {
  InterruptedRun,
  type RunRequest,
  type SealedRun,
  type UnsealedRun,
  type UnsignedRunRequest,
} from "./run-request.ts";
import { encodeRunTask } from "./run-task.ts";
import { nameScratch } from "./scratch-names.ts";
import { type RunEnd, sealRun, sealRunUnsigned, unsealed } from "./seal-run.ts";

/** Runs a command and seals the run. Throws an InterruptedRun after everything but the command's own changes was undone. */
export async function runAndSeal(request: RunRequest): Promise<SealedRun | UnsealedRun>;
/** The same without a signer: no key is opened, so the command can reach none by this process. */
export async function runAndSeal(
  request: UnsignedRunRequest,
): Promise<SealedRun<PlacedUnsigned> | UnsealedRun>;
export async function runAndSeal(
  request: UnsignedRunRequest | RunRequest,
): Promise<SealedRun<CompletedSeal | PlacedUnsigned> | UnsealedRun> {
  const earlier: EarlierRuns = { killed: [], recovered: [] };
  try {
    const end = await runInOrder(request, earlier);
    const { killed, recovered } = earlier;
    return { ...end, killed, recovered: [...recovered, ...(end.ok ? end.bundle : end).recovered] };
  } catch (thrown) {
    const { killed, recovered } = earlier;
    throw thrown instanceof Interruption ? new InterruptedRun(killed, recovered, thrown) : thrown;
  }
}

/** What was found of killed runs and seals before the command: it is reported whatever comes of this run. */
interface EarlierRuns {
  killed: readonly KilledRun[];
  recovered: readonly RecoveredSeal[];
}

async function runInOrder(
  request: UnsignedRunRequest | RunRequest,
  earlier: EarlierRuns,
): Promise<RunEnd<CompletedSeal | PlacedUnsigned>> {
  const { progress, signal } = request;
  const signed = "openSigner" in request ? request : undefined;
  const folders = nameRun(request);
  if (!folders.ok) return unsealed(folders);
  const openedRoot = openRoot(request.root);
  if (!openedRoot.ok) return unsealed(openedRoot);
  using root = openedRoot.value;
  const project = request.project ?? { home: root, homePath: request.root };
  const claimed = await claimRun(project, request.runId);
  if (!claimed.ok) return unsealed(claimed);
  using claim = claimed.value;
  earlier.killed = claim.killed;
  const unusable = await checkProject(project, request, earlier);
  if (unusable !== undefined) return unsealed(unusable);

  // Read before the command, which must not choose what is left out.
  const rules = readIgnoreRules(root, request.ignore ?? []);
  if (!rules.ok) return unsealed(rules);
  const sought = { ...request, rules: rules.value };
  const unsealable = await refuseExisting(root, sought);
  if (unsealable !== undefined) return unsealed(unsealable);
  const inputs = await hashInputs(root, request);
  if (!inputs.ok) return unsealed(inputs);
  const taskSpec = describeTask(folders.value, inputs.value, request);
  if (!taskSpec.ok) return unsealed(taskSpec);
  const before = await snapshotScratch(root, folders.value, request);
  const refused = refuseBefore(before);
  if (refused !== undefined) return unsealed(refused);

  // The signer may prompt on the terminal, and then the command uses it.
  progress?.end();
  const openedSigner = await signed?.openSigner();
  if (openedSigner?.ok === false) return unsealed(openedSigner);
  using signer = openedSigner?.value;
  throwIfInterrupted(signal);
  const environment = commandEnvironment(request.environment, signer?.sharedAccess);
  const guard = signer && signed?.guard && new CommandGuard(signed.guard, root, signed, signer);
  const words = guard === undefined ? ok(request.command) : guard.confine(environment);
  if (!words.ok) return unsealed(words);
  const guarded = await guard?.takeBefore();
  if (guarded?.ok === false) return unsealed(guarded);
  throwIfInterrupted(signal);
  using signals = new RunSignals(request.tapSignals);
  // A run that is killed from here on is listed by the next seal.
  const begun = claim.begin(request.command, formatUtcSecond(request.clock()));
  if (!begun.ok) {
    guard?.end();
    return unsealed(begun);
  }
  const { record, withdraw } = begun.value;
  closePassphraseDescriptors(request.environment);
  const ran = await runCommand({ ...request, command: words.value, environment, signals });
  if (!ran.ok) {
    withdraw();
    guard?.end();
    return unsealed(ran);
  }

  await guard?.takeAfter();
  const after = await snapshotScratch(root, folders.value, request);
  const isKeyInReach = signer?.sharedAccess === "plain-file";
  const command = ran.value;
  const ended = {
    root,
    project,
    sought,
    before,
    after,
    command,
    record,
    isKeyInReach,
    taskSpec: taskSpec.value,
    guard,
  };
  // Awaited here: the signer lives until this function ends.
  if (signed === undefined || signer === undefined) return await sealRunUnsigned(ended, request);
  const end = await sealRun(ended, signed, signer);
  if (end.ok && guard !== undefined) {
    guard.end();
    await guard.forget();
  }
  return end;
}

/** The scratch folders, and the checks that need only names. Fails if a name is not allowed. */
function nameRun(request: UnsignedRunRequest): Result<readonly string[], OperationFault> {
  if (!isNewRunId(request.runId))
    return operationFault("ARGUMENT_MALFORMED", { reason: "run", path: request.runId });
  const starts = findStarts(request);
  return starts.ok ? nameScratch(request.scratch, request) : starts;
}

/** Checks that a run could be added to the history now. Finishes what killed seals left. */
async function checkProject(
  project: ProjectHome,
  { environment, onWaiting, signal }: UnsignedRunRequest,
  earlier: EarlierRuns,
): Promise<OperationFault | undefined> {
  const held = await holdProject({ ...project, environment, onWaiting, signal });
  if (!held.ok) return held;
  earlier.recovered = held.value.recovered;
  try {
    const previous = findPreviousRun(held.value);
    return previous.ok ? undefined : previous;
  } finally {
    // If the lock stays here, the seal after the command takes it over, and reports it if it stays again.
    held.value.release();
  }
}

/** Hashes the inputs before the command runs, because it may change them. */
async function hashInputs(
  root: AnchoredRoot,
  request: UnsignedRunRequest,
): Promise<Result<SealedOutputs, OperationFault>> {
  if (request.inputs.length === 0) return ok(noOutputs());
  const { inputs, progress, signal } = request;
  const selected = await selectInputs(root, { ...request, paths: inputs }, { progress, signal });
  if (!selected.ok) return selected;
  const watch = watchFiles(progress, "hash", root, selected.value);
  const hashing = beginHashing(root, selected.value, { signal, watch });
  return readFindings(hashing.files, await hashing.finish());
}

function describeTask(
  scratch: readonly string[],
  inputs: SealedOutputs,
  request: UnsignedRunRequest,
): Result<Uint8Array, OperationFault> {
  const { command, environment, recorded, runId } = request;
  return encodeRunTask({
    runId,
    command,
    folder: workingFolder(request),
    outputs: namesBelowRoot(request),
    scratch,
    inputs,
    // An object has a value for names such as `constructor` that is not a variable.
    environment: new Map(
      recorded.map((name) => [name, Object.hasOwn(environment, name) ? environment[name] : undefined]),
    ),
    createdAt: formatUtcSecond(request.clock()),
  });
}

/** The command's folder, relative to the root: the bundle says nothing about paths outside. */
function workingFolder(request: UnsignedRunRequest): string | undefined {
  const components = componentsBelow(request, ".");
  return components?.length === 0 ? "." : components?.join("/");
}

/** A named scratch folder must exist; the project's own may be missing, and counts as empty then. */
function refuseBefore(states: readonly ScratchState[]): OperationFault | undefined {
  const refused = refuseScratch(states);
  if (refused !== undefined) return refused;
  const absent = states.find(({ folder, isThere }) => !isThere && folder !== SCRATCH_FOLDER);
  return absent === undefined ? undefined : operationFault("PATH_NOT_FOUND", { path: absent.folder });
}
