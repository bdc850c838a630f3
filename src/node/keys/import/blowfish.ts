/**
 * Blowfish with bcrypt's costly key schedule: all that bcrypt_pbkdf needs of it. Used in the import worker
 * only, to open private keys that OpenSSH encrypted.
 *
 * @module
 */

/** 18 subkeys, then four S-boxes of 256 words. */
const WORDS: number = 18 + 4 * 256;
const ROUNDS = 16;

/** The fractional digits of pi, where Blowfish begins. Computed: shorter than a table, and easier to check. */
const PI_WORDS: Int32Array = piWords();

/** A key schedule. All state is in one array, so that it can be zeroed. */
export class Blowfish {
  readonly #state: Int32Array = PI_WORDS.slice();

  /** Mixes in a salt and a key (bcrypt's `Blowfish_expandstate`). Both are read as a stream without end. */
  expand(salt: Uint8Array, key: Uint8Array): void {
    this.#mixKey(key);
    const nextSalt = wordStream(salt);
    this.#refill(() => nextSalt());
  }

  /** Mixes in a key alone (`Blowfish_expand0state`). */
  expandKey(key: Uint8Array): void {
    this.#mixKey(key);
    this.#refill(() => 0);
  }

  /** Encrypts pairs of words in place (`blf_enc`). */
  encrypt(words: Int32Array): void {
    for (let at = 0; at + 1 < words.length; at += 2) this.#encryptPair(words, at);
  }

  #mixKey(key: Uint8Array): void {
    const next = wordStream(key);
    for (let index = 0; index < ROUNDS + 2; index++) this.#state[index] = word(this.#state, index) ^ next();
  }

  #refill(nextSalt: () => number): void {
    const pair = new Int32Array(2);
    for (let at = 0; at < WORDS; at += 2) {
      pair[0] = word(pair, 0) ^ nextSalt();
      pair[1] = word(pair, 1) ^ nextSalt();
      this.#encryptPair(pair, 0);
      this.#state.set(pair, at);
    }
  }

  #encryptPair(words: Int32Array, at: number): void {
    const state = this.#state;
    let left = word(words, at) ^ word(state, 0);
    let right = word(words, at + 1);
    for (let round = 1; round <= ROUNDS; round += 2) {
      right ^= mix(state, left) ^ word(state, round);
      left ^= mix(state, right) ^ word(state, round + 1);
    }
    words[at] = right ^ word(state, ROUNDS + 1);
    words[at + 1] = left;
  }
}

/** The round function: four bytes look into four boxes. */
function mix(state: Int32Array, x: number): number {
  const first = (word(state, 18 + (x >>> 24)) + word(state, 274 + ((x >>> 16) & 255))) | 0;
  return ((first ^ word(state, 530 + ((x >>> 8) & 255))) + word(state, 786 + (x & 255))) | 0;
}

/** Big-endian words of bytes that begin again at their end. */
function wordStream(bytes: Uint8Array): () => number {
  let at = 0;
  return () => {
    let value = 0;
    for (let count = 0; count < 4; count++) {
      value = (value << 8) | (bytes[at] ?? 0);
      at = (at + 1) % bytes.length;
    }
    return value;
  };
}

function word(words: Int32Array, index: number): number {
  return words[index] ?? 0;
}

/** Machin's formula: pi = 16 arctan(1/5) - 4 arctan(1/239). */
function piWords(): Int32Array {
  const guard = 64n;
  const bits = BigInt(WORDS * 32);
  const unity = 1n << (bits + guard);
  const pi = 16n * arctanOfInverse(5n, unity) - 4n * arctanOfInverse(239n, unity);
  const digits = ((pi - 3n * unity) >> guard).toString(16).padStart(WORDS * 8, "0");
  return Int32Array.from({ length: WORDS }, (_, index) =>
    Number.parseInt(digits.slice(index * 8, index * 8 + 8), 16),
  );
}

function arctanOfInverse(x: bigint, unity: bigint): bigint {
  let sum = 0n;
  let sign = 1n;
  for (let power = unity / x, n = 1n; power > 0n; power /= x * x, n += 2n, sign = -sign) {
    sum += sign * (power / n);
  }
  return sum;
}
