// Builds the page: dist/page/verify.html, one file that holds its script, its style and the program of its workers, and that loads
// nothing. Its Content Security Policy names the script and the style by their SHA-256, so that nothing else in the page can run.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const root = fileURLToPath(new URL("..", import.meta.url));
const web = join(root, "web");
const target = join(root, "dist/page");
const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

/** Puts the text of a program in the place of the one constant of a module. */
function program(file, constant, text) {
  const place = join(web, file);
  return {
    name: "worker-program",
    load: (id) => (id === place ? `export const ${constant} = ${JSON.stringify(text)};\n` : undefined),
  };
}

/** Bundles a module with all that it imports into one script. */
async function bundle(file, plugins = []) {
  const build = await rolldown({
    cwd: root,
    input: join(web, file),
    platform: "browser",
    tsconfig: false,
    plugins,
    onLog(_level, log) {
      if (log.code === "PLUGIN_TIMINGS") return;
      throw new Error(log.message);
    },
  });
  const { output } = await build.generate({
    format: "iife",
    charset: "ascii",
    minify: true,
    comments: { legal: true, annotation: false, jsdoc: false },
  });
  await build.close();
  const [script, ...others] = output;
  if (others.length > 0) throw new Error(`${file} became more than one file`);
  return script.code.trim();
}

/** Text inside of a script element must not end it. */
function inScript(code) {
  if (/<\/script|<!--/i.test(code)) throw new Error("the script would end early in HTML");
  return code;
}

function digest(text) {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}

// The page holds the program of the session's worker, and that one the program of the hash workers.
const hashing = await bundle("hash-worker.ts");
const session = await bundle("session-worker.ts", [
  program("hashing/hash-program.ts", "HASH_PROGRAM", hashing),
]);
const script = inScript(
  await bundle("page.ts", [program("session/session-program.ts", "SESSION_PROGRAM", session)]),
);
const style = readFileSync(join(web, "page.css"), "utf8").trim();
const policy = [
  "default-src 'none'",
  `script-src ${digest(script)} 'wasm-unsafe-eval'`,
  `style-src ${digest(style)}`,
  "worker-src blob:",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");
/** What the build puts in place of what is in web/page.html. */
const PARTS = [
  ["VERSION", version],
  ["default-src 'none'", policy],
  ['<link rel="stylesheet" href="page.css">', `<style>${style}</style>`],
  ['<script src="page.ts"></script>', `<script>${script}</script>`],
];
let html = readFileSync(join(web, "page.html"), "utf8");
for (const [mark, part] of PARTS) {
  if (html.split(mark).length !== 2) throw new Error(`web/page.html has ${mark} not once`);
  html = html.replace(mark, () => part);
}
mkdirSync(target, { recursive: true });
writeFileSync(join(target, "verify.html"), html);
