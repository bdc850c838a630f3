/**
 * Changes to what a stranger gives to a reader: bytes, lines, JSON documents and archives. All chance comes from the given source.
 *
 * @module
 */

const ODD_TEXTS = [
  "",
  " ",
  "\0",
  "\r",
  "\u2028",
  "..",
  "../x",
  "/",
  "a".repeat(5000),
  "__proto__",
  "sha256:",
  "-",
];
const ODD_BYTES = ["\n", "\r\n", "\0", "{", "}", "[", '"', "\\", "\xff\xfe", "=", "-----", "  ", "# ", "\t"];
const BLOCK = 512;

/** Lexemes rather than values: a document may have numbers, duplicates and depths that no value has. */
const ODD_JSON = [
  "null",
  "true",
  "0",
  "-0",
  "1e400",
  "0.1",
  "9007199254740993",
  "1".repeat(400),
  "[]",
  "{}",
  '""',
  '"\\ud800"',
  `"${"0".repeat(64)}"`,
  `${"[".repeat(300)}${"]".repeat(300)}`,
  `[${"[],".repeat(2000)}[]]`,
  '{"a":1,"a":2}',
];

const BYTE_CHANGES = {
  flip: (bytes, chance) => {
    const copy = Buffer.from(bytes);
    for (let count = 1 + chance.below(6); count > 0 && copy.length > 0; count--)
      copy[chance.below(copy.length)] ^= 1 << chance.below(8);
    return copy;
  },
  truncate: (bytes, chance) => bytes.subarray(0, chance.below(bytes.length + 1)),
  extend: (bytes, chance) => Buffer.concat([bytes, chance.bytes(1 + chance.below(700))]),
  insert: (bytes, chance) => splice(bytes, chance, Buffer.from(chance.pick(ODD_BYTES), "latin1"), 0),
  cut: (bytes, chance) => splice(bytes, chance, Buffer.alloc(0), 1 + chance.below(80)),
  repeat: (bytes, chance) => {
    const from = chance.below(bytes.length + 1);
    const piece = bytes.subarray(from, from + chance.pick([1, 20, 512, 4096]));
    return splice(bytes, chance, Buffer.concat(Array(1 + chance.below(50)).fill(piece)), 0);
  },
  zeros: (bytes, chance) => splice(bytes, chance, Buffer.alloc(chance.pick([1, 8, 512, 100_000])), 0),
};

function splice(bytes, chance, put, take) {
  const at = chance.below(bytes.length + 1);
  return Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + take)]);
}

/** Changes bytes anywhere. */
export function changeBytes(bytes, chance) {
  return BYTE_CHANGES[chance.pick(Object.keys(BYTE_CHANGES))](bytes, chance);
}

/** Changes whole lines and words of a text. */
export function changeLines(bytes, chance) {
  const lines = bytes.toString("latin1").split("\n");
  const at = chance.below(lines.length);
  const words = lines[at].split(" ");
  const change = chance.pick([
    () => lines.splice(at, 1),
    () => lines.splice(at, 0, lines[chance.below(lines.length)]),
    () => lines.push(...Array(chance.pick([1, 100, 3000])).fill(lines[at])),
    () => {
      words[chance.below(words.length)] = chance.pick([...ODD_TEXTS, "*".repeat(60), "*?x".repeat(90)]);
      lines[at] = words.join(" ");
    },
  ]);
  change();
  return Buffer.from(lines.join("\n"), "latin1");
}

/** Changes one place of a JSON document. Bytes that are not JSON are changed as bytes. */
export function changeJson(bytes, chance) {
  let document;
  try {
    document = JSON.parse(bytes.toString());
  } catch {
    return changeBytes(bytes, chance);
  }
  let left = chance.below(placesIn(document));
  const odd = () => chance.pick(ODD_JSON);
  const write = (value) => {
    if (left-- === 0) return odd();
    if (Array.isArray(value)) {
      const items = value.map(write);
      if (left-- === 0 && items.length > 0) items.push(...Array(chance.pick([1, 3, 2000])).fill(items[0]));
      return `[${items.join()}]`;
    }
    if (typeof value !== "object" || value === null) return JSON.stringify(value);
    const members = Object.entries(value).map(([key, item]) => {
      const name = left-- === 0 ? chance.pick(ODD_TEXTS) : key;
      return `${JSON.stringify(name)}:${write(item)}`;
    });
    if (left-- === 0)
      chance.pick([() => members.pop(), () => members.push(`"x":${odd()}`), () => members.reverse()])();
    return `{${members.join()}}`;
  };
  return Buffer.from(write(document));
}

function placesIn(value) {
  if (typeof value !== "object" || value === null) return 1;
  const inner = Object.values(value).reduce((sum, item) => sum + placesIn(item), 2);
  return Array.isArray(value) ? inner : inner + Object.keys(value).length;
}

/** Changes the blocks of a tar. Checksums of headers are right again afterwards, mostly. */
export function changeArchive(bytes, chance) {
  if (chance.below(3) === 0) return changeBytes(bytes, chance);
  const blocks = [];
  for (let at = 0; at + BLOCK <= bytes.length; at += BLOCK)
    blocks.push(Buffer.from(bytes.subarray(at, at + BLOCK)));
  const pick = () => chance.below(blocks.length);
  const headers = blocks.filter(isHeader);
  const header = headers.length === 0 ? Buffer.alloc(BLOCK) : chance.pick(headers);
  chance.pick([
    () => blocks.splice(pick(), 1),
    () => blocks.splice(pick(), 0, Buffer.alloc(BLOCK)),
    () => blocks.splice(pick(), 0, blocks[pick()]),
    () => header.write(chance.pick(ODD_TEXTS).slice(0, 100), 0, "latin1"),
    () =>
      header.write(
        chance.pick(["77777777777\0", "00000000000\0", "-0000000001\0", "99999999999\0"]),
        124,
        "latin1",
      ),
    () => header.write(chance.pick("0123456789xgLKSDMVNA\0".split("")), 156, "latin1"),
    () => header.set(BYTE_CHANGES.flip(header, chance)),
    () => blocks[pick()].set(changeBytes(blocks[pick()], chance).subarray(0, BLOCK)),
  ])();
  if (chance.below(8) !== 0) for (const block of blocks.filter(isHeader)) setChecksum(block);
  return Buffer.concat(blocks);
}

function isHeader(block) {
  return block.toString("latin1", 257, 262) === "ustar";
}

function setChecksum(block) {
  block.fill(" ", 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
}
