/**
 * A discrete-event model of an audit. Machines take jobs from a queue as the fleet does: a job judges a run and cuts it, jobs hash its
 * ranges, and one concludes it; jobs of a run that has begun come first. Shared or limited are the cores of the database and of the
 * registry, the egress of the registry, and the one thread of each worker, beside the network of its machine.
 */

/** Jobs at once of a worker. */
const SLOTS = 2;

/** Servers that take requests in their order of arrival. */
class Servers {
  #free;
  busy = 0;

  constructor(servers) {
    this.#free = new Array(servers).fill(0);
  }

  /** When a request that arrives now will be done. */
  done(now, duration) {
    let first = 0;
    for (let server = 1; server < this.#free.length; server++)
      if (this.#free[server] < this.#free[first]) first = server;
    this.busy += duration;
    this.#free[first] = Math.max(now, this.#free[first]) + duration;
    return this.#free[first];
  }
}

/** Events by their time: a binary heap. */
class Events {
  #heap = [];

  add(at, slot) {
    let index = this.#heap.push({ at, slot }) - 1;
    for (let parent = (index - 1) >> 1; index > 0 && this.#heap[parent].at > at; parent = (index - 1) >> 1) {
      this.#swap(index, parent);
      index = parent;
    }
  }

  next() {
    const [first] = this.#heap;
    const last = this.#heap.pop();
    if (this.#heap.length === 0) return first;
    this.#heap[0] = last;
    for (let index = 0; ; ) {
      const [left, right] = [2 * index + 1, 2 * index + 2];
      let least = index;
      if (this.#heap[left]?.at < this.#heap[least].at) least = left;
      if (this.#heap[right]?.at < this.#heap[least].at) least = right;
      if (least === index) return first;
      this.#swap(index, least);
      index = least;
    }
  }

  #swap(one, other) {
    [this.#heap[one], this.#heap[other]] = [this.#heap[other], this.#heap[one]];
  }
}

/**
 * Simulates an audit of equal runs. A run has `files` of `bytes` each, and `artifacts` bytes of artifacts and `manifest` more for each file.
 * `times` are CPU seconds: of opening a run (`openRun`, `openFile`), of hashing (`findRun`, `hashFile`, `hashByte`), of concluding
 * (`concludeFile`), of the registry for opening a run and for each byte (`serveRun`, `serveByte`), and of the database for a job (`job`).
 * `egress` and `network` are bytes a second. Gives the seconds, what was done, the CPU seconds of workers and of the registry, how busy
 * each part was, and how long the tail took, in which no job waited.
 */
export function simulate(request) {
  const { databaseCores, egress, load, machines, network, rangeFiles, registryCores, times } = request;
  const { artifacts, bytes, files, manifest, runs } = load;
  const [database, registry, link] = [new Servers(databaseCores), new Servers(registryCores), new Servers(1)];
  const own = Array.from({ length: machines }, () => ({
    thread: new Servers(1),
    network: new Servers(1),
    open: -1,
  }));
  const events = new Events();
  const ranges = Math.ceil(files / rangeFiles);
  const openRanges = new Map();
  const idle = [];
  const urgent = [];
  const done = { jobs: 0, files: 0, bytes: 0, runs: 0 };
  let [nextRun, now, lastWaiting] = [0, 0, 0];

  const wake = () => {
    while (idle.length > 0 && (urgent.length > 0 || nextRun < runs)) take(idle.pop());
  };
  const take = (slot) => {
    slot.job = urgent.shift() ?? (nextRun < runs ? { kind: "judge", run: nextRun++ } : undefined);
    if (slot.job === undefined) return void idle.push(slot);
    if (urgent.length > 0 || nextRun < runs) lastWaiting = now;
    slot.stage = 0;
    // Half of the work of the database is before the job.
    events.add(database.done(now, times.job / 2), slot);
  };
  const rowsOf = ({ kind, range }) => {
    if (kind === "range") return Math.min(rangeFiles, files - range * rangeFiles);
    return kind === "judge" && ranges === 1 ? files : 0;
  };
  const fetched = (slot) => {
    const { job, machine } = slot;
    slot.opens = machine.open !== job.run;
    machine.open = job.run;
    const size = rowsOf(job) * bytes + (slot.opens ? artifacts + files * manifest : 0);
    done.bytes += size;
    const served = registry.done(now, (slot.opens ? times.serveRun : 0) + size * times.serveByte);
    const sent = Math.max(link.done(now, size / egress), machine.network.done(now, size / network));
    events.add(Math.max(served, sent), slot);
  };
  const computed = ({ job, machine, opens }, slot) => {
    const rows = rowsOf(job);
    const opening = opens ? times.openRun + files * times.openFile : 0;
    const hashing = rows === 0 ? 0 : times.findRun + rows * (times.hashFile + bytes * times.hashByte);
    const isLast = job.kind === "conclude" || ranges === 1;
    const concluding = isLast ? files * times.concludeFile : 0;
    done.files += rows;
    events.add(machine.thread.done(now, opening + hashing + concluding), slot);
  };
  const ended = ({ job: { kind, run } }) => {
    done.jobs++;
    if (kind === "judge" && ranges > 1) {
      openRanges.set(run, ranges);
      for (let range = 0; range < ranges; range++) urgent.push({ kind: "range", run, range });
    } else if (kind === "range") {
      const left = openRanges.get(run) - 1;
      openRanges.set(run, left);
      if (left === 0) urgent.unshift({ kind: "conclude", run });
    } else done.runs++;
  };
  const stages = [
    fetched,
    (slot) => computed(slot, slot),
    (slot) => events.add(database.done(now, times.job / 2), slot),
    (slot) => {
      ended(slot);
      take(slot);
      wake();
    },
  ];

  for (let slot = 0; slot < SLOTS; slot++) for (const machine of own) take({ machine });
  while (done.runs < runs) {
    const { at, slot } = events.next();
    now = at;
    stages[slot.stage++](slot);
  }
  const workers = own.reduce((sum, { thread }) => sum + thread.busy, 0);
  const busy = {
    database: database.busy / databaseCores / now,
    registry: registry.busy / registryCores / now,
    egress: link.busy / now,
    workers: workers / machines / now,
  };
  return { seconds: now, done, cpu: { workers, registry: registry.busy }, busy, tail: now - lastWaiting };
}
