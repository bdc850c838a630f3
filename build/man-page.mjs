// Writes the man page into the package, from the definitions of the commands that --help prints.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { processIo } from "../dist/cli-modules/output/process-io.js";
import { makeProgram } from "../dist/cli-modules/program.js";
import { describeProgram } from "../dist/cli-modules/reference/described-command.js";
import { manPage } from "../dist/cli-modules/reference/man-page.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const {
  man: [man],
  version,
} = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const { close, io } = processIo(process);
const program = await makeProgram(io, () => undefined, { flags: [], behindTerminator: [] });
close();
const file = join(root, man);
mkdirSync(dirname(file), { recursive: true });
writeFileSync(file, manPage(describeProgram(program), version));
