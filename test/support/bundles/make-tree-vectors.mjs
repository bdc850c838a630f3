/**
 * Writes test/vectors/tree.jsonl: `node test/support/bundles/make-tree-vectors.mjs`. The expectations are written by hand, from PROTOCOL.
 *
 * Operations: `parse_tree` (bytes to a reason), `check_tree` (a tree and the paths of OUTPUT_HASHES.json to a reason and a path),
 * `links_outside` (a lawful tree to the links that lead outside), `verify_tree` (a bundle with a tree and the disk below its root
 * to the verdict, and with --all to each difference).
 */

import { writeFileSync } from "node:fs";

const EMPTY = {
  empty_folders: [],
  folder_modes: {},
  ignored: [],
  kind: "outputs",
  left_out: [],
  links: [],
  modes: {},
  scope: [],
  version: 1,
};
const SNAPSHOT = { ...EMPTY, kind: "snapshot" };

const cases = [];

/** The members stand in canonical order in EMPTY already, and no text here needs an escape that JSON.stringify writes otherwise. */
function textOf(members) {
  return JSON.stringify({ ...EMPTY, ...members });
}

function link(path, target) {
  return { path, target };
}

function parse(name, input, reason) {
  const spec = typeof input === "string" ? { utf8: input } : input;
  const expect = reason === undefined ? { ok: true } : { ok: false, code: "TREE_MALFORMED", reason };
  cases.push({ name: `form: ${name}`, section: "19", op: "parse_tree", params: { input: spec }, expect });
}

function law(name, members, files, expected, more = {}) {
  const tree = { ...EMPTY, ...members };
  const expect =
    expected === undefined
      ? { ok: true }
      : {
          ok: false,
          code: "TREE_UNLAWFUL",
          reason: expected[0],
          ...(expected[1] === undefined ? {} : { path: expected[1] }),
        };
  cases.push({
    name: `law: ${name}`,
    section: "19",
    op: "check_tree",
    params: { tree, files, ...more },
    expect,
  });
}

/** Names the links that lead outside. */
function outside(name, links, files, expected, members = {}) {
  const sorted = links.toSorted((left, right) => (left.path < right.path ? -1 : 1));
  const tree = { ...EMPTY, ...members, links: sorted };
  cases.push({
    name: `links: ${name}`,
    section: "19",
    op: "links_outside",
    params: { tree, files },
    expect: { ok: true, outside: expected },
  });
}

// Form: json
parse("a tree of nothing", textOf({}));
parse(
  "every member",
  textOf({
    empty_folders: ["dist/empty"],
    ignored: ["*.log", "!keep.log"],
    left_out: [{ path: "dist/sock", reason: "socket" }],
    links: [link("dist/latest", "app.js")],
    modes: { 755: ["dist/app.js"] },
    scope: ["dist"],
  }),
);
parse("no bytes", "", "json");
parse("not JSON", "{", "json");
parse("a list", "[]", "json");
parse("a text", '"tree"', "json");
parse("a byte-order mark", `\ufeff${textOf({})}`, "json");
parse(
  "bytes that are not UTF-8",
  { base64: Buffer.from(textOf({ scope: ["\xff"] }), "latin1").toString("base64") },
  "json",
);
parse("a lone surrogate", textOf({}).replace('"scope":[]', '"scope":["\\ud800"]'), "json");
parse("a member twice", textOf({}).replace("{", '{"empty_folders":[],'), "json");
parse("a mode twice", textOf({}).replace('"modes":{}', '"modes":{"755":["a"],"755":["b"]}'), "json");
parse("bytes after the document", `${textOf({})}x`, "json");

// Form: version
parse("version 2", textOf({ version: 2 }), "version");
parse("version 0", textOf({ version: 0 }), "version");
parse("version as a text", textOf({ version: "1" }), "version");
parse("version 1.0", textOf({}).replace('"version":1', '"version":1.0'), "version");
parse("an object without members", "{}", "version");
parse("version 2 before its members", '{"version":2,"x":1}', "version");

// Form: members
parse("only a version", '{"version":1}', "members");
for (const name of Object.keys(EMPTY).filter((member) => member !== "version")) {
  parse(`${name} is absent`, textOf({ [name]: undefined }), "members");
}
parse("a further member", textOf({ x: [] }), "members");
parse("members before values", '{"kind":1,"version":1}', "members");

// Form: value
for (const name of ["empty_folders", "ignored", "left_out", "links", "scope"]) {
  parse(`${name} is not a list`, textOf({ [name]: {} }), "value");
  parse(`${name} is null`, textOf({ [name]: null }), "value");
  parse(`${name} has a number`, textOf({ [name]: [1] }), "value");
}
for (const name of ["folder_modes", "modes"]) {
  parse(`${name} is a list`, textOf({ [name]: [] }), "value");
  parse(`${name} has a text for a list`, textOf({ ...SNAPSHOT, [name]: { 700: "a" } }), "value");
  parse(`${name} has an empty list`, textOf({ ...SNAPSHOT, [name]: { 700: [] } }), "value");
  parse(`${name} has a list of numbers`, textOf({ ...SNAPSHOT, [name]: { 700: [1] } }), "value");
  for (const mode of ["75", "0755", "4755", "758", "rwx", "", "+75", "7 5"]) {
    parse(
      `${name} has the mode ${JSON.stringify(mode)}`,
      textOf({ ...SNAPSHOT, [name]: { [mode]: ["a"] } }),
      "value",
    );
  }
}
parse("an unknown kind", textOf({ kind: "inputs" }), "value");
parse("a kind that is a list", textOf({ kind: ["outputs"] }), "value");
parse("outputs with the mode 644", textOf({ modes: { 644: ["a"] } }), "value");
parse("outputs with the mode 700", textOf({ modes: { 700: ["a"] } }), "value");
parse("outputs with modes of folders", textOf({ folder_modes: { 700: ["a"] } }), "value");
parse("a snapshot with files of 644", textOf({ ...SNAPSHOT, modes: { 644: ["a"] } }), "value");
parse("a snapshot with files of 755", textOf({ ...SNAPSHOT, modes: { 755: ["a"] } }));
parse("a snapshot with folders of 755", textOf({ ...SNAPSHOT, folder_modes: { 755: ["a"] } }), "value");
parse("a snapshot with folders of 644", textOf({ ...SNAPSHOT, folder_modes: { 644: ["a"] } }));
parse(
  "a snapshot with the modes 000 and 777",
  textOf({ ...SNAPSHOT, modes: { "000": ["a"], 777: ["b"] } }).replace(
    '{"777":["b"],"000":["a"]}',
    '{"000":["a"],"777":["b"]}',
  ),
);
parse("a link without a target", textOf({ links: [{ path: "a" }] }), "value");
parse("a link without a path", textOf({ links: [{ target: "a" }] }), "value");
parse("a link with a further member", textOf({ links: [{ path: "a", target: "b", x: 1 }] }), "value");
parse("a link with null for a target", textOf({ links: [link("a", null)] }), "value");
parse("an unknown reason", textOf({ left_out: [{ path: "a", reason: "door" }] }), "value");
for (const reason of ["device", "fifo", "link", "socket", "unreadable"]) {
  parse(`the reason ${reason}`, textOf({ left_out: [{ path: "a", reason }] }));
}
parse("1,000 patterns", textOf({ ignored: Array.from({ length: 1000 }, () => "a") }));
parse("1,001 patterns", textOf({ ignored: Array.from({ length: 1001 }, () => "a") }), "value");
parse("a pattern of 1,024 bytes", textOf({ ignored: ["\u00e9".repeat(512)] }));
parse("a pattern of 1,025 bytes", textOf({ ignored: [`${"\u00e9".repeat(512)}a`] }), "value");
parse("a value before the canonical form", textOf({ kind: "x" }).replace(",", ", "), "value");

// Form: not-canonical
parse("white space", textOf({}).replace(",", ", "), "not-canonical");
parse("a line feed at the end", `${textOf({})}\n`, "not-canonical");
parse(
  "members in another order",
  '{"version":1,"empty_folders":[],"folder_modes":{},"ignored":[],"kind":"outputs","left_out":[],"links":[],"modes":{},"scope":[]}',
  "not-canonical",
);
parse("members of a link in another order", textOf({ links: [{ target: "b", path: "a" }] }), "not-canonical");
parse(
  "modes in another order",
  textOf({ ...SNAPSHOT })
    .replace('"modes":{}', '"modes":{"700":["a"],"600":["b"]}')
    .replace('"folder_modes":{"700":["a"],"600":["b"]}', '"folder_modes":{}'),
  "not-canonical",
);
parse("an escaped letter", textOf({ scope: ["X"] }).replace("X", "\\u0061"), "not-canonical");
parse("an escaped slash", textOf({ scope: ["X"] }).replace("X", "a\\/b"), "not-canonical");
parse("a long escape of a line feed", textOf({ scope: ["X"] }).replace("X", "\\u000a"), "not-canonical");
parse("an escape with capitals", textOf({ scope: ["X"] }).replace("X", "\\u001F"), "not-canonical");
parse("an escaped member", textOf({}).replace('"kind"', '"k\\u0069nd"'), "not-canonical");
parse("escapes of canonical JSON", textOf({ scope: ['\u0001\b\t\n\f\r\u001f"\\\u007f\u2028'] }));
parse("an escaped quote at the end of a text", textOf({ links: [link("a", '\\\\"')] }));
parse("characters beyond U+FFFF", textOf({ links: [link("\uffee", "\u{1f600}")] }));

// Law: path
const BAD_PATHS = ["", "/a", "a//b", "a/", ".", "..", "a/../b", "./a", "a\\b", "a\0b", "x".repeat(256)];
for (const path of BAD_PATHS) {
  const shown = path.length > 20 ? "of 256 bytes" : JSON.stringify(path);
  law(`the path ${shown} of a link`, { links: [link(path, "x")] }, [], ["path", path]);
  law(`the path ${shown} of an empty folder`, { empty_folders: [path] }, [], ["path", path]);
}
law("an unlawful path in modes", { modes: { 755: ["../a"] } }, [], ["path", "../a"]);
law("the root in folder_modes", { ...SNAPSHOT, folder_modes: { 700: ["."] } }, ["a"], ["path", "."]);
law("an unlawful path in left_out", { left_out: [{ path: "/a", reason: "fifo" }] }, [], ["path", "/a"]);
law("an unlawful path in scope", { scope: [".."] }, [], ["path", ".."]);
law("the root in scope", { scope: ["."] }, []);
law("a scope that names a file", { scope: ["a"] }, ["a"]);
law("entries outside the scope", { scope: ["a"], links: [link("b", "c")] }, ["d"]);
law("paths before order", { links: [link("b", "x"), link("a", "x")], scope: [""] }, [], ["path", ""]);
law("a path of 4,096 bytes", { links: [link(`${"a/".repeat(2047)}aa`, "x")] }, []);
law(
  "a path of 4,097 bytes",
  { links: [link(`${"a/".repeat(2047)}aaa`, "x")] },
  [],
  ["path", `${"a/".repeat(2047)}aaa`],
);

// Law: order
law("links out of order", { links: [link("b", "x"), link("a", "x")] }, [], ["order", "a"]);
law("empty folders out of order", { empty_folders: ["b", "a"] }, [], ["order", "a"]);
law("modes out of order", { modes: { 755: ["b", "a"] } }, ["a", "b"], ["order", "a"]);
law(
  "folder modes out of order",
  { ...SNAPSHOT, folder_modes: { 700: ["b", "a"] } },
  ["a/x", "b/x"],
  ["order", "a"],
);
law(
  "left_out out of order",
  {
    left_out: [
      { path: "b", reason: "fifo" },
      { path: "a", reason: "fifo" },
    ],
  },
  [],
  ["order", "a"],
);
law("scope out of order", { scope: ["b", "a"] }, [], ["order", "a"]);
law("order by bytes of UTF-8", { empty_folders: ["\uffee", "\u{1f600}"] }, []);
law("order by UTF-16", { empty_folders: ["\u{1f600}", "\uffee"] }, [], ["order", "\uffee"]);
law("a slash after a dash", { empty_folders: ["a-b", "a/c"] }, []);
law("order before twice", { links: [link("a", "x"), link("a", "x")], scope: ["b", "a"] }, [], ["order", "a"]);

// Law: twice
law("a link twice", { links: [link("a", "x"), link("a", "y")] }, [], ["twice", "a"]);
law("an empty folder twice", { empty_folders: ["a", "a"] }, [], ["twice", "a"]);
law("a starting point twice", { scope: [".", "."] }, [], ["twice", "."]);
law("a file and a link", { links: [link("a", "x")] }, ["a"], ["twice", "a"]);
law("a file and an empty folder", { empty_folders: ["a"] }, ["a"], ["twice", "a"]);
law("a link and an empty folder", { empty_folders: ["a"], links: [link("a", "x")] }, [], ["twice", "a"]);
law("a file that was left out", { left_out: [{ path: "a", reason: "unreadable" }] }, ["a"], ["twice", "a"]);
law(
  "a link that was left out",
  { left_out: [{ path: "a", reason: "link" }], links: [link("a", "x")] },
  [],
  ["twice", "a"],
);
law(
  "an empty folder that was left out",
  { empty_folders: ["a"], left_out: [{ path: "a", reason: "unreadable" }] },
  [],
  ["twice", "a"],
);
law(
  "a mode of what was left out",
  { left_out: [{ path: "a", reason: "fifo" }], modes: { 755: ["a"] } },
  [],
  ["twice", "a"],
);
law("a starting point that was left out", { left_out: [{ path: "a", reason: "link" }], scope: ["a"] }, []);
law("a file with two modes", { ...SNAPSHOT, modes: { 700: ["a"], 755: ["a"] } }, ["a"], ["twice", "a"]);
law(
  "a folder with two modes",
  { ...SNAPSHOT, folder_modes: { 700: ["a"], 711: ["a"] } },
  ["a/b"],
  ["twice", "a"],
);
law("twice before unknown-file", { links: [link("b", "x")], modes: { 755: ["a"] } }, ["b"], ["twice", "b"]);

// Law: unknown-file, unknown-folder
law("a mode of no file", { modes: { 755: ["a", "b"] } }, ["b"], ["unknown-file", "a"]);
law("a mode of a link", { links: [link("a", "x")], modes: { 755: ["a"] } }, [], ["unknown-file", "a"]);
law("a mode of an empty folder", { empty_folders: ["a"], modes: { 755: ["a"] } }, [], ["unknown-file", "a"]);
law("a mode of a folder", { modes: { 755: ["a"] } }, ["a/b"], ["unknown-file", "a"]);
law("modes of files", { ...SNAPSHOT, modes: { 600: ["a-b", "c"], 755: ["a/b"] } }, ["a-b", "a/b", "c", "d"]);
law("a mode of no folder", { ...SNAPSHOT, folder_modes: { 700: ["b"] } }, ["a/b"], ["unknown-folder", "b"]);
law("a folder mode of a file", { ...SNAPSHOT, folder_modes: { 700: ["a"] } }, ["a"], ["unknown-folder", "a"]);
law(
  "a folder mode of a link",
  { ...SNAPSHOT, folder_modes: { 700: ["a"] }, links: [link("a", "x")] },
  [],
  ["unknown-folder", "a"],
);
law(
  "a folder mode above what was left out",
  { ...SNAPSHOT, folder_modes: { 700: ["a"] }, left_out: [{ path: "a/b", reason: "fifo" }] },
  [],
  ["unknown-folder", "a"],
);
law(
  "a folder mode of a prefix",
  { ...SNAPSHOT, folder_modes: { 700: ["a"] } },
  ["a-b/c", "ab/c"],
  ["unknown-folder", "a"],
);
law(
  "the first of several unknown folders",
  { ...SNAPSHOT, folder_modes: { 700: ["a", "a-b"] } },
  ["c"],
  ["unknown-folder", "a"],
);
law(
  "folder modes above files, links and empty folders",
  {
    ...SNAPSHOT,
    empty_folders: ["e", "e-f/g"],
    folder_modes: { 700: ["a", "a-b", "a/b", "e"], 711: ["a-b/c", "e-f", "e-f/g", "l"] },
    links: [link("l/m", "x")],
  },
  ["a-b/c/d", "a/b/c"],
);

// Law: below, not-empty
law("a link below a file", { links: [link("a/b", "x")] }, ["a"], ["below-a-file", "a/b"]);
law("an empty folder below a file", { empty_folders: ["a/b"] }, ["a"], ["below-a-file", "a/b"]);
law(
  "a link below a link, before a file below it",
  { links: [link("a", "x"), link("a/b", "x")] },
  ["a/c"],
  ["below-a-link", "a/b"],
);
law(
  "a file below a link, before a link below a file",
  { links: [link("a", "x"), link("c/d", "x")] },
  ["a/b", "c"],
  ["below-a-link", "a/b"],
);
law(
  "a file below a link, before a link below it",
  { links: [link("a", "x"), link("a/c", "x")] },
  ["a/b"],
  ["below-a-link", "a/b"],
);
law(
  "a file deep above a link",
  { links: [link("a/b/c/d", "x"), link("a/b/e", "x")] },
  ["a/b/c"],
  ["below-a-file", "a/b/c/d"],
);
law(
  "what was left out below a file",
  { left_out: [{ path: "a/b", reason: "fifo" }] },
  ["a"],
  ["below-a-file", "a/b"],
);
law("a file below a link", { links: [link("a", "x")] }, ["a/b"], ["below-a-link", "a/b"]);
law("a link below a link", { links: [link("a", "x"), link("a/b", "x")] }, [], ["below-a-link", "a/b"]);
law(
  "a file deep below a link",
  { links: [link("a", "x")] },
  ["a-b", "a.b", "a/b/c"],
  ["below-a-link", "a/b/c"],
);
law(
  "what was left out below a link",
  { left_out: [{ path: "a/b", reason: "fifo" }], links: [link("a", "x")] },
  [],
  ["below-a-link", "a/b"],
);
law("a file in an empty folder", { empty_folders: ["a"] }, ["a/b"], ["not-empty", "a"]);
law("a link in an empty folder", { empty_folders: ["a"], links: [link("a/b", "x")] }, [], ["not-empty", "a"]);
law("an empty folder in an empty folder", { empty_folders: ["a", "a/b"] }, [], ["not-empty", "a"]);
law(
  "what was left out in an empty folder",
  { empty_folders: ["a"], left_out: [{ path: "a/b", reason: "socket" }] },
  [],
);
law(
  "a file in an empty folder, after what was left out",
  { empty_folders: ["a"], left_out: [{ path: "a/b", reason: "socket" }] },
  ["a/c"],
  ["not-empty", "a"],
);
law(
  "below a file before not-empty",
  { empty_folders: ["a"], links: [link("c/d", "x")] },
  ["a/b", "c"],
  ["below-a-file", "c/d"],
);
law("an empty folder and a name that it begins", { empty_folders: ["a"] }, ["a-b/c", "ab"]);

// Law: target, too-many
law("an empty target", { links: [link("a", "")] }, [], ["target", "a"]);
law("a target with NUL", { links: [link("a", "b\0")] }, [], ["target", "a"]);
law("a target of 4,095 bytes", { links: [link("a", `${"\u00e9".repeat(2047)}x`)] }, []);
law("a target of 4,096 bytes", { links: [link("a", "\u00e9".repeat(2048))] }, [], ["target", "a"]);
law("a target with a backslash", { links: [link("a", "C:\\b")] }, []);
law(
  "targets that are absolute, climb, dangle and go in a circle",
  { links: [link("a", "/x"), link("b", "../.."), link("c", "gone"), link("d", "d")] },
  [],
);
law(
  "as many entries as there may be",
  { empty_folders: ["b"], left_out: [{ path: "d", reason: "fifo" }], links: [link("c", "x")] },
  ["a"],
  undefined,
  { max_entries: 4 },
);
law(
  "one entry too many",
  { empty_folders: ["b"], left_out: [{ path: "d", reason: "fifo" }], links: [link("c", "x")] },
  ["a"],
  ["too-many"],
  { max_entries: 3 },
);
law("a target before too-many", { links: [link("c", "")] }, ["a"], ["target", "c"], { max_entries: 1 });

// Links
outside("to a file beside it", [link("l", "a")], ["a"], []);
outside("to itself", [link("l", "l")], [], []);
outside("to its own folder", [link("d/l", ".")], [], []);
outside("to the root", [link("d/l", ".."), link("l", ".")], [], []);
outside("above the root", [link("d/l", "../.."), link("l", "..")], [], ["d/l", "l"]);
outside("absolute", [link("a", "/"), link("b", "/etc/passwd"), link("c", "//x")], [], ["a", "b", "c"]);
outside("to what is not there", [link("l", "gone")], [], []);
outside("deep into what is not there", [link("l", "gone/x/y")], [], []);
outside("climbing from what is not there", [link("l", "gone/..")], [], ["l"]);
outside("climbing from a folder that entries imply", [link("l", "d/../a")], ["a", "d/x"], []);
outside("climbing from a folder with a link only", [link("d/x", "y"), link("l", "d/..")], [], []);
outside("climbing from an empty folder", [link("l", "e/../e")], [], [], { empty_folders: ["e"] });
outside("climbing from a file", [link("l", "a/..")], ["a"], []);
outside("climbing above the root from a file", [link("l", "a/../..")], ["a"], ["l"]);
outside("climbing from below a file", [link("l", "a/b/..")], ["a"], ["l"]);
outside("climbing from what was left out", [link("l", "s/..")], [], ["l"], {
  left_out: [{ path: "s", reason: "link" }],
});
outside("out of the root and in again", [link("d/l", "../../d/a")], ["d/a"], ["d/l"]);
outside("dots and empty components", [link("d/l", ".//./..//./a/.")], ["a"], []);
outside("through a link that leads outside", [link("a", "b/x"), link("b", "/etc")], [], ["a", "b"]);
outside("through a link inside", [link("a", "b/x"), link("b", "d")], ["d/x"], []);
outside("climbing from where a link leads", [link("a", "b/.."), link("b", "d/e")], ["d/e/f"], []);
outside("climbing above the root through a link", [link("a", "b/../.."), link("b", "d")], ["d/f"], ["a"]);
outside("climbing from where a dangling link leads", [link("a", "b/.."), link("b", "gone")], [], ["a"]);
outside("a last component that is a link", [link("a", "b"), link("b", "../x")], [], ["a", "b"]);
outside(
  "a link of a deeper folder, from its own folder",
  [link("a", "d/b/.."), link("d/b", "c")],
  ["d/c/x"],
  [],
);
outside("a circle of two", [link("a", "b/../../.."), link("b", "a")], [], []);
outside("a circle after a climb", [link("a", "../b"), link("b", "a")], [], ["a", "b"]);
outside(
  "backslash and drive are plain names",
  [link("a", "..\\..\\x"), link("b", "C:\\x"), link("c", "C:/x")],
  [],
  [],
);
outside("names of dots that are names", [link("a", "..."), link("b", "..x/y")], [], []);

/** l00 -> l01 -> …, the last one with a target of its own. */
function chain(length, target) {
  const name = (at) => `l${String(at).padStart(2, "0")}`;
  return Array.from({ length }, (_none, at) => link(name(at), at === length - 1 ? target : name(at + 1)));
}

// The link that is judged is not counted: l00 of 41 links follows 40.
outside(
  "40 links followed, then outside",
  chain(41, "/x"),
  [],
  chain(41, "").map(({ path }) => path),
);
outside(
  "a 41st link is not followed",
  chain(42, "/x"),
  [],
  chain(42, "")
    .slice(1)
    .map(({ path }) => path),
);
outside(
  "41 components that are links count each",
  [link("a", `${"d/s/../".repeat(40)}..`), link("d/s", ".")],
  ["d/x"],
  ["a"],
);
outside(
  "41 components, one link too many",
  [link("a", `${"d/s/../".repeat(41)}..`), link("d/s", ".")],
  ["d/x"],
  [],
);
outside(
  "a place longer than any path",
  [link("l", "x/".repeat(2000)), link("m", `l/${"y".repeat(300)}/..`)],
  [],
  ["m"],
);

// Verification: what the disk has
const SEALED = {
  ...EMPTY,
  empty_folders: ["dist/empty"],
  ignored: ["*.log"],
  left_out: [{ path: "dist/sock", reason: "socket" }],
  links: [link("dist/latest", "app.js"), link("dist/lib/up", "../app.js")],
  modes: { 755: ["dist/app.js"] },
  scope: ["dist"],
};
const OUTPUTS = { "dist/app.js": "app\n", "dist/lib/a.txt": "a\n" };
const DISK = {
  "dist/app.js": { utf8: "app\n", mode: "755" },
  "dist/empty": { dir: true },
  "dist/latest": { symlink: "app.js" },
  "dist/lib/a.txt": { utf8: "a\n", mode: "644" },
  "dist/lib/up": { symlink: "../app.js" },
};

/** `disk` changes DISK: null removes an entry. `all` lists each difference as [code, path]; default: the one that decides. */
function verify(name, disk, expected, { all, members, outputs = OUTPUTS, ...params } = {}) {
  const tree = Object.fromEntries(
    Object.entries({ ...DISK, ...disk })
      .filter(([, entry]) => entry !== null)
      .map(([path, entry]) => [`files/${path}`, entry]),
  );
  const expect =
    expected === undefined
      ? { ok: true, code: null, all: [] }
      : { ok: false, phase: "tree", ...expected, all: all ?? [[expected.code, expected.path ?? null]] };
  cases.push({
    name: `verify: ${name}`,
    section: "19",
    op: "verify_tree",
    tree,
    params: { outputs, output_tree: { ...SEALED, ...members }, ...params },
    expect,
  });
}

function missing(path, kind) {
  return { code: "TREE_ENTRY_MISSING", path, kind };
}

function differs(path, aspect, expected, actual) {
  return { code: "TREE_ENTRY_DIFFERS", path, aspect, expected, actual };
}

function extra(path, kind) {
  return { code: "TREE_EXTRA", path, kind };
}

verify("as it was sealed", {});
verify("no OUTPUT_TREE.json", {}, { code: "TREE_MISSING" }, { artifact: null });
const MISMATCH = { code: "TREE_MISMATCH", field: "output_tree_sha256" };
verify("another OUTPUT_TREE.json", {}, MISMATCH, { artifact: { utf8: textOf({}) } });
verify("not JSON, and not signed", {}, MISMATCH, { artifact: { utf8: "{" } });
verify("a folder as OUTPUT_TREE.json", {}, MISMATCH, { artifact: { dir: true } });
verify("a link as OUTPUT_TREE.json", {}, MISMATCH, { artifact: { symlink: "STATUS.json" } });
verify("a link to nothing as OUTPUT_TREE.json", {}, MISMATCH, { artifact: { symlink: "nothing" } });
verify("a FIFO as OUTPUT_TREE.json", {}, MISMATCH, { artifact: { fifo: true } });
verify("a digest in capitals", {}, MISMATCH, { digest: "upper" });
verify("a digest that is null", {}, MISMATCH, { digest: null });
verify("a digest that is a number", {}, MISMATCH, { digest: 1 });
verify(
  "no digest, so no tree",
  { "dist/app.js": { utf8: "app\n", mode: "644" }, "dist/latest": null },
  undefined,
  {
    digest: "none",
  },
);
verify(
  "a signed text that is not JSON",
  {},
  { code: "TREE_MALFORMED", reason: "json" },
  { signed: { utf8: "{" } },
);
verify("a newer version", {}, { code: "TREE_MALFORMED", reason: "version" }, { members: { version: 2 } });
verify("a member too many", {}, { code: "TREE_MALFORMED", reason: "members" }, { members: { x: 1 } });
verify("a kind that is unknown", {}, { code: "TREE_MALFORMED", reason: "value" }, { members: { kind: "x" } });
verify(
  "a signed text with a space",
  {},
  { code: "TREE_MALFORMED", reason: "not-canonical" },
  {
    signed: { utf8: ` ${textOf({})}` },
  },
);
verify(
  "a tree that is unlawful",
  {},
  { code: "TREE_UNLAWFUL", path: "../x", reason: "path" },
  { members: { links: [link("../x", "y")] } },
);
verify(
  "a mode for a file that is not sealed",
  {},
  { code: "TREE_UNLAWFUL", path: "dist/other", reason: "unknown-file" },
  { members: { modes: { 755: ["dist/other"] } } },
);

verify("a link is missing", { "dist/latest": null }, missing("dist/latest", "link"));
verify("an empty folder is missing", { "dist/empty": null }, missing("dist/empty", "folder"));
verify("a folder above a link is missing", { "dist/lib/up": null }, missing("dist/links", "folder"), {
  members: { links: [link("dist/latest", "app.js"), link("dist/links/deep/up", "../..")] },
});
verify(
  "a link is a file",
  { "dist/latest": { utf8: "app.js" } },
  differs("dist/latest", "kind", "link", "file"),
);
verify(
  "a link is a folder",
  { "dist/latest": { dir: true } },
  differs("dist/latest", "kind", "link", "folder"),
);
verify("a link is a FIFO", { "dist/latest": { fifo: true } }, differs("dist/latest", "kind", "link", "fifo"));
verify(
  "a link has another target",
  { "dist/latest": { symlink: "lib/a.txt" } },
  differs("dist/latest", "target", "app.js", "lib/a.txt"),
);
verify(
  "a target that differs in its spelling only",
  { "dist/latest": { symlink: "./app.js" } },
  differs("dist/latest", "target", "app.js", "./app.js"),
);
verify(
  "an empty folder is a link to an empty one",
  { "dist/empty": { symlink: "../other" }, other: { dir: true } },
  differs("dist/empty", "kind", "folder", "link"),
);
verify(
  "an empty folder is a file",
  { "dist/empty": { utf8: "" } },
  differs("dist/empty", "kind", "folder", "file"),
);
verify(
  "an empty folder holds a file",
  { "dist/empty": null, "dist/empty/x": { utf8: "" } },
  differs("dist/empty", "kind", "empty-folder", "folder"),
);
verify(
  "an empty folder holds a folder",
  { "dist/empty": null, "dist/empty/x": { dir: true } },
  differs("dist/empty", "kind", "empty-folder", "folder"),
);
verify("an empty folder holds what the seal ignored", {
  "dist/empty": null,
  "dist/empty/x.log": { utf8: "" },
});
verify(
  "an empty folder holds what the caller ignores",
  { "dist/empty": null, "dist/empty/x": { utf8: "" } },
  undefined,
  { ignore: ["/dist/empty/x"] },
);
verify(
  "the caller takes back nothing that the seal ignored",
  { "dist/empty": null, "dist/empty/x.log": { utf8: "" } },
  undefined,
  { ignore: ["!x.log"] },
);
verify(
  "an empty folder holds what was left out",
  { "dist/empty": null, "dist/empty/sock": { utf8: "" } },
  undefined,
  {
    members: { left_out: [{ path: "dist/empty/sock", reason: "socket" }], empty_folders: [] },
    outputs: OUTPUTS,
  },
);
const PLAIN_APP = { "dist/app.js": { utf8: "app\n", mode: "644" } };
verify("a program lost its mode", PLAIN_APP, differs("dist/app.js", "mode", "755", "644"));
verify(
  "a file is a program",
  { "dist/lib/a.txt": { utf8: "a\n", mode: "755" } },
  differs("dist/lib/a.txt", "mode", "644", "755"),
);
verify("modes are passed over", PLAIN_APP, undefined, { ignore_modes: true });
verify("only the owner's bit counts", {
  "dist/app.js": { utf8: "app\n", mode: "700" },
  "dist/lib/a.txt": { utf8: "a\n", mode: "611" },
});
verify(
  "a file is a link to the same bytes",
  { "dist/app.js": { symlink: "copy" }, "dist/copy": { utf8: "app\n", mode: "755" } },
  differs("dist/app.js", "kind", "file", "link"),
);
verify(
  "a folder is a link to the same files",
  {
    "dist/lib": { symlink: "../elsewhere" },
    "dist/lib/a.txt": null,
    "dist/lib/up": null,
    "elsewhere/a.txt": { utf8: "a\n", mode: "644" },
    "elsewhere/up": { symlink: "../app.js" },
  },
  differs("dist/lib", "kind", "folder", "link"),
);
verify(
  "the first path in byte order decides",
  { ...PLAIN_APP, "dist/empty": null, "dist/latest": { symlink: "x" }, "dist/lib/up": null },
  differs("dist/app.js", "mode", "755", "644"),
  {
    all: [
      ["TREE_ENTRY_DIFFERS", "dist/app.js"],
      ["TREE_ENTRY_MISSING", "dist/empty"],
      ["TREE_ENTRY_DIFFERS", "dist/latest"],
      ["TREE_ENTRY_MISSING", "dist/lib/up"],
    ],
  },
);
verify(
  "a changed file comes before the tree",
  { "dist/lib/a.txt": { utf8: "b\n", mode: "644" }, "dist/latest": null },
  { phase: "outputs", code: "HASH_MISMATCH", path: "dist/lib/a.txt" },
  {
    all: [
      ["HASH_MISMATCH", "dist/lib/a.txt"],
      ["TREE_ENTRY_MISSING", "dist/latest"],
    ],
  },
);

const SNAPSHOT_TREE = {
  kind: "snapshot",
  folder_modes: { 700: ["dist/lib"] },
  modes: { 400: ["dist/lib/a.txt"], 755: ["dist/app.js"] },
};
const SNAPSHOT_DISK = {
  dist: { dir: true, mode: "755" },
  "dist/empty": { dir: true, mode: "755" },
  "dist/lib": { dir: true, mode: "700" },
  "dist/lib/a.txt": { utf8: "a\n", mode: "400" },
};
verify("a snapshot as it was", SNAPSHOT_DISK, undefined, { members: SNAPSHOT_TREE });
verify(
  "a snapshot's file has another mode",
  { ...SNAPSHOT_DISK, "dist/lib/a.txt": { utf8: "a\n", mode: "600" } },
  differs("dist/lib/a.txt", "mode", "400", "600"),
  { members: SNAPSHOT_TREE },
);
verify(
  "a snapshot's folder has another mode",
  { ...SNAPSHOT_DISK, "dist/lib": { dir: true, mode: "755" }, "dist/empty": { dir: true, mode: "711" } },
  differs("dist/empty", "mode", "755", "711"),
  {
    members: SNAPSHOT_TREE,
    all: [
      ["TREE_ENTRY_DIFFERS", "dist/empty"],
      ["TREE_ENTRY_DIFFERS", "dist/lib"],
    ],
  },
);
verify(
  "a snapshot's modes are passed over",
  { ...SNAPSHOT_DISK, "dist/lib": { dir: true, mode: "755" } },
  undefined,
  { members: SNAPSHOT_TREE, ignore_modes: true },
);

// Verification: what else the disk has
verify("an extra without --exact", { "dist/x": { utf8: "" } });
verify("exact, and nothing else", {}, undefined, { exact: true });
verify("an extra file", { "dist/lib/x": { utf8: "" } }, extra("dist/lib/x", "file"), { exact: true });
verify("an extra link", { "dist/x": { symlink: "app.js" } }, extra("dist/x", "link"), { exact: true });
verify("an extra FIFO", { "dist/x": { fifo: true } }, extra("dist/x", "fifo"), { exact: true });
verify("an extra folder", { "dist/lib/x": { dir: true } }, extra("dist/lib/x", "folder"), { exact: true });
verify(
  "of a folder that was not sealed the folder is named",
  { "dist/x/y/z": { utf8: "" } },
  extra("dist/x", "folder"),
  { exact: true },
);
verify(
  "an unsealed folder is an extra though all in it is ignored",
  { "dist/x/y.log": { utf8: "" } },
  extra("dist/x", "folder"),
  { exact: true },
);
verify("passes over what the seal ignored", { "dist/lib/x.log": { utf8: "" } }, undefined, { exact: true });
verify("passes over an ignored folder", { "dist/x.log/y": { utf8: "" } }, undefined, { exact: true });
verify("passes over what the seal left out", { "dist/sock": { utf8: "" } }, undefined, { exact: true });
verify("passes over what the caller ignores", { "dist/x": { utf8: "" } }, undefined, {
  exact: true,
  ignore: ["x"],
});
verify("passes over what is outside of the scope", { x: { utf8: "" }, "other/y": { utf8: "" } }, undefined, {
  exact: true,
});
verify("the root as scope", { x: { utf8: "" } }, extra("x", "file"), {
  exact: true,
  members: { scope: ["."] },
});
verify(
  "passes over runseal's own folder and what a restore reports",
  {
    ".runseal/runs/x": { utf8: "" },
    "RESTORE_MANIFEST.json": { utf8: "" },
    "RESTORE_REPORT.json": { utf8: "" },
    "RESTORE_TREE.json": { utf8: "" },
  },
  undefined,
  { exact: true, members: { scope: ["."] } },
);
verify(
  "a link .runseal at the root is an extra",
  { ".runseal": { symlink: "dist" } },
  extra(".runseal", "link"),
  { exact: true, members: { scope: ["."] } },
);
verify(
  "a folder .runseal deeper down is an extra",
  { "dist/.runseal/x": { utf8: "" } },
  extra("dist/.runseal", "folder"),
  { exact: true },
);
verify(
  "a restore's report deeper down is an extra",
  { "dist/RESTORE_REPORT.json": { utf8: "" } },
  extra("dist/RESTORE_REPORT.json", "file"),
  { exact: true },
);
verify(
  "a folder with a restore report's name is an extra",
  { "RESTORE_REPORT.json": { dir: true } },
  extra("RESTORE_REPORT.json", "folder"),
  { exact: true, members: { scope: ["."] } },
);
verify(
  "a staging folder is an extra",
  { ".spectrum06_staging_0/x": { utf8: "" } },
  extra(".spectrum06_staging_0", "folder"),
  { exact: true, members: { scope: ["."] } },
);
verify(
  "the first extra in byte order decides",
  { "dist/lib/z": { utf8: "" }, "dist/lib-x": { utf8: "" }, "dist/a/b": { utf8: "" } },
  extra("dist/a", "folder"),
  {
    exact: true,
    all: [
      ["TREE_EXTRA", "dist/a"],
      ["TREE_EXTRA", "dist/lib-x"],
      ["TREE_EXTRA", "dist/lib/z"],
    ],
  },
);
verify(
  "what differs comes before extras",
  { "dist/a": { utf8: "" }, "dist/latest": null },
  missing("dist/latest", "link"),
  {
    exact: true,
    all: [
      ["TREE_ENTRY_MISSING", "dist/latest"],
      ["TREE_EXTRA", "dist/a"],
    ],
  },
);
verify("a file as scope has nothing below it", { x: { utf8: "" } }, undefined, {
  exact: true,
  members: { scope: ["dist/app.js"] },
});

const lines = cases.map((each) => `${JSON.stringify({ ...each, decided: true })}\n`);
writeFileSync(new URL("../../vectors/tree.jsonl", import.meta.url), lines.join(""));
