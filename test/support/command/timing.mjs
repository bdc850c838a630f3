/**
 * One process of the statistical test of constant time (SECURITY.md, section 5, after dudect): timing.mjs DIST.
 * Prints |t| of each comparison as one JSON object.
 *
 * Two classes of input: equal to the expected value but for its first byte, and equal but for its last. What
 * stops at the first difference is faster for the one. Each sample fills the same memory anew, in random order,
 * so that neither class has warmer caches or better addresses: a plain dudect sees differences where there are none.
 */

const [dist] = process.argv.slice(2);
const { nodeCrypto } = await import(`${dist}/node/system/runtime/node-crypto.js`);
const { matchesDigest } = await import(`${dist}/core/system/bytes/crypto.js`);

const SAMPLES = 8_000;
/** Calls timed as one, for the clock is coarse. */
const CALLS = 48;
/** Interrupts, garbage collections and other people's work are the slowest samples, of either class. */
const CROP = 0.9;
const WARM_UP = 1_500;

const expected = Uint8Array.from({ length: 32 }, (_, index) => index * 7 + 1);
const differsFirst = expected.with(0, expected[0] ^ 1);
const differsLast = expected.with(31, expected[31] ^ 1);

/** The memory that is compared; filled per sample. */
const left = new Uint8Array(32);
const right = new Uint8Array(32);
const hex = Buffer.alloc(64);
let text = "";

function fill(candidate) {
  left.set(expected);
  right.set(candidate);
  hex.write(Buffer.from(right).toString("hex"), "latin1");
  text = hex.toString("latin1");
}

/** How not to compare: the control that the test must notice. */
function stopsEarly(a, b) {
  for (let index = 0; index < 32; index++) if (a[index] !== b[index]) return false;
  return true;
}

const expectedHex = Buffer.from(expected).toString("hex");

const COMPARISONS = {
  equalDigests: { compare: () => nodeCrypto.equalDigests(left, right), classes: [differsFirst, differsLast] },
  matchesDigest: {
    compare: () => matchesDigest(expectedHex, text, nodeCrypto),
    classes: [differsFirst, differsLast],
  },
  stopsEarly: { compare: () => stopsEarly(left, right), classes: [differsFirst, differsLast] },
  sameClass: {
    compare: () => nodeCrypto.equalDigests(left, right),
    classes: [differsLast, differsLast.slice()],
  },
};

/** Welch's t of the two classes' times, without the slowest. */
function measure({ compare, classes }) {
  const times = [[], []];
  let sink = 0;
  for (let sample = -WARM_UP; sample < SAMPLES; sample++) {
    const which = Math.random() < 0.5 ? 0 : 1;
    fill(classes[which]);
    const start = process.hrtime.bigint();
    for (let call = 0; call < CALLS; call++) sink += compare() ? 1 : 0;
    const time = Number(process.hrtime.bigint() - start);
    if (sample >= 0) times[which].push(time);
  }
  if (sink !== 0) throw new Error("two different values were called equal");
  const sorted = times.flat().sort((a, b) => a - b);
  const limit = sorted[Math.floor(sorted.length * CROP)];
  const [first, last] = times.map((all) => describe(all.filter((time) => time <= limit)));
  return (
    Math.abs(first.mean - last.mean) / Math.sqrt(first.variance / first.count + last.variance / last.count)
  );
}

function describe(times) {
  const mean = times.reduce((sum, time) => sum + time, 0) / times.length;
  const variance = times.reduce((sum, time) => sum + (time - mean) ** 2, 0) / (times.length - 1);
  return { count: times.length, mean, variance };
}

const results = Object.entries(COMPARISONS).map(([name, comparison]) => [name, measure(comparison)]);
console.log(JSON.stringify(Object.fromEntries(results)));
