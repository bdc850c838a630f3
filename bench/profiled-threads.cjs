/**
 * Loaded before the program by `--require`, in each thread: a thread writes its profile when it ends by itself, not when it is
 * ended, and only where it was started with what asks for one. So runseal's second thread is started with that, and ends itself.
 */
const threads = require("node:worker_threads");

const END = "write your profile, and end";
const MILLISECONDS_TO_WRITE = 500;

threads.Worker = class extends threads.Worker {
  constructor(file, { execArgv, ...options }) {
    super(file, options);
  }

  terminate() {
    this.postMessage(END);
    untilProfilesAreWritten();
    return super.terminate();
  }
};

threads.parentPort?.on("message", (order) => {
  if (order === END) process.exit(0);
});

/** By this name profile.mjs knows that nothing was done in this time. */
function untilProfilesAreWritten() {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, MILLISECONDS_TO_WRITE);
}
