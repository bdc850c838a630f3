// What a step tells GitHub's runner: outputs, the summary, annotations, and that output of others holds no commands.
import { randomUUID } from "node:crypto";
import { appendFileSync, constants, openSync } from "node:fs";
import { printable } from "../dist/core/index.js";
import { summaryOf } from "./summary.mjs";

/** GitHub shows ten annotations of a kind for a step. */
const MAX_ANNOTATIONS = 9;

/** With the lines around it, a pipe takes a command in one piece (PIPE_BUF): what another process writes can't stand within. */
const MAX_COMMAND_BYTES = 3900;

/**
 * The runner of GitHub. `write` prints on stdout. From `begin` to the end of the step it hears no command but ours: a process that a
 * command left behind can open the pipe of this process, and print when all is over.
 */
export function githubRunner(env, write) {
  let word;
  const stop = () => {
    word = randomUUID();
    return `::stop-commands::${word}\n`;
  };
  const tell = (line) => {
    const isShort = Buffer.byteLength(line) <= MAX_COMMAND_BYTES;
    const shown = isShort ? line : errorCommand({ title: "runseal" }, "too long to be shown here");
    write(word === undefined ? shown : `\n::${word}::\n${shown}${stop()}`);
  };
  return {
    findBundle: () => "",
    begin: () => write(stop()),
    passOn: write,
    fail: (message) => tell(errorCommand({ title: "runseal" }, message)),
    end: (facts, mode) => {
      for (const line of annotationsOf(facts)) tell(line);
      append(env.GITHUB_STEP_SUMMARY, summaryOf(mode, facts));
      append(env.GITHUB_OUTPUT, outputsOf(facts));
    },
  };
}

function annotationsOf({ code, failures = [], hint, message, ok }) {
  if (ok) return [];
  const words = hint === undefined ? message : `${message}\n${hint}`;
  const files = failures.filter(({ path }) => typeof path === "string").slice(0, MAX_ANNOTATIONS);
  return [
    errorCommand({ title: `runseal: ${code}` }, words),
    ...files.map(({ code: what, path }) =>
      errorCommand({ title: `runseal: ${what}`, ...fileOf(path) }, quoted(path)),
    ),
  ];
}

/** A name that can't be shown as it is names no file of the page either. */
function fileOf(path) {
  return printable(path) === path ? { file: path } : {};
}

function quoted(path) {
  return `"${printable(path)}" is not as it was sealed`;
}

/** A command that annotates. All that could end a line or a property is escaped, as the runner undoes it. */
export function errorCommand(properties, message) {
  const shown = Object.entries(properties).map(([name, value]) => `${name}=${escapeProperty(value)}`);
  return `::error ${shown.join(",")}::${escapeData(message)}\n`;
}

function escapeData(text) {
  return printableLines(text).replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function escapeProperty(text) {
  return escapeData(printable(text)).replaceAll(":", "%3A").replaceAll(",", "%2C");
}

/** The line breaks between hints are our own. */
function printableLines(text) {
  return text.split("\n").map(printable).join("\n");
}

function outputsOf({ bundle_root, code, folder, run_id }) {
  const values = { "bundle-root": bundle_root, "run-id": run_id, path: folder, code };
  return Object.entries(values)
    .filter(([, value]) => typeof value === "string")
    .map(([name, value]) => outputText(name, value))
    .join("");
}

/** A value of any text: the word behind << ends it, and can't be guessed. */
function outputText(name, value) {
  const end = randomUUID();
  return `${name}<<${end}\n${value}\n${end}\n`;
}

/** Neither follows a link in the place of the file nor waits for the reader of a FIFO. */
function append(file, text) {
  if (file === undefined || file === "") return;
  const { O_APPEND, O_CREAT, O_NOFOLLOW = 0, O_NONBLOCK = 0, O_WRONLY } = constants;
  appendFileSync(openSync(file, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK), text);
}
