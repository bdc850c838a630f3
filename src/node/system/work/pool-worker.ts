/** The program of a worker: imports the module of each job that it is sent, and runs it. @module */

import { parentPort, workerData } from "node:worker_threads";
import { listenForCauses } from "../runtime/cause-channel.ts";
import { endThread } from "./worker-death.ts";
import type { JobRequest, RunJob, WorkerMessage, WorkerSettings } from "./worker-pool.ts";

const { reportsCauses, module } = workerData as WorkerSettings;

const send = (message: WorkerMessage): void => parentPort?.postMessage(message);

// A thread has diagnostic channels of its own. Errors can be sent; other thrown values can't always be.
if (reportsCauses) {
  listenForCauses((thrown) => {
    if (thrown instanceof Error) send({ kind: "cause", thrown });
  });
}

parentPort?.on("message", (request: JobRequest) => {
  runJob(request).catch(endThread);
});

// Warms the import cache; a failure is reported by the job itself.
import(module).catch(() => undefined);

async function runJob({ module, input }: JobRequest): Promise<void> {
  const { run }: { readonly run: RunJob<unknown, unknown> } = await import(module);
  send({ kind: "done", output: await run(input) });
}
