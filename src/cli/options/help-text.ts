/** What `--help` says beyond the list of options: two examples first, exit codes last. @module */

import { Command } from "@commander-js/extra-typings";
import { EXIT_CODES } from "../codes/exit-code.ts";

const EXAMPLES = {
  init: ["runseal init --name alice@example.org", "runseal init --no-passphrase"],
  key: ["runseal key show", "runseal key list"],
  "key new": [
    "runseal key new alice@laptop",
    "RUNSEAL_PASSPHRASE_COMMAND='pass show runseal' runseal key new ci",
  ],
  "key show": ["runseal key show", "runseal key show alice@example.org --json"],
  "key list": ["runseal key list", "runseal key list --json"],
  "key default": ["runseal key default ci", "runseal key default"],
  "key rm": ["runseal key rm ci", "runseal key rm alice@laptop --yes --json"],
  "key passwd": ["runseal key passwd", "runseal key passwd ci --no-passphrase"],
  "key import": [
    "runseal key import ~/.ssh/id_ed25519 --name alice@example.org",
    "runseal key import key.pem --name ci --no-passphrase",
  ],
  "key export": [
    "runseal key export -o /media/backup/alice.key",
    "runseal key export alice --public --format minisign > minisign.pub",
  ],
  seal: ["runseal seal dist", "runseal seal report.pdf data --id build-42 --task task.json"],
  run: [
    "runseal run --output dist -- npm run build",
    "runseal run --input src --output report.pdf --scratch tmp --id build-42 -- make report.pdf",
  ],
  sign: ["runseal sign build-42", "runseal sign --counter build-42 --trust signers.txt"],
  verify: [
    "runseal verify build-42 --files /srv/data --trust signers.txt --all",
    "runseal verify --history --expect-chain-root 0d693aec…",
  ],
  log: ["runseal log", "runseal log --project /srv/data --limit 10 --verify"],
  show: ["runseal show .runseal/runs/build-42", "runseal show build-42 --json"],
  diff: ["runseal diff --stat", "runseal diff monday tuesday -p ./src"],
  restore: [
    "runseal restore .runseal/runs/build-42 --to /srv/restored --mkdir",
    "runseal restore .runseal/runs/monday .runseal/runs/tuesday --to week --mkdir --only tuesday/out",
  ],
  recover: ["runseal recover /srv/restored --dry-run", "runseal recover /srv/restored"],
  undo: ["runseal undo --dry-run", "runseal undo --restored /srv/files"],
  prune: ["runseal prune --dry-run", "runseal prune --guard ~/work/site --keep-last 20 --keep-days 14"],
  store: ["runseal store check", "runseal store cat --help"],
  "store check": ["runseal store check", "runseal store check --project /srv/data --json"],
  "store size": ["runseal store size", "runseal store size --json"],
  "store cat": [
    "runseal store cat b6a98d9ce9a2d914… > app.js",
    "runseal store cat sha256:b6a98d9ce9a2d914… --project /srv/data | less",
  ],
  trust: ["runseal trust list", "runseal trust add alice@example.org 'ssh-ed25519 AAAA…'"],
  "trust list": ["runseal trust list", "runseal trust list --trust signers.txt --json"],
  "trust add": [
    "runseal trust add alice@example.org ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA…",
    "runseal trust add build 45cbd2e9540ab858… --valid-before 20270101 --bound",
  ],
  "trust remove": ["runseal trust remove alice@example.org", "runseal trust remove 45cbd2e9540ab858…"],
  "trust revoke": ["runseal trust revoke mallory", "runseal trust revoke build --at 20261124"],
  "trust check": [
    "runseal trust check 45cbd2e9540ab858…",
    "runseal trust check 45cbd2e9… --trust signers.txt",
  ],
  export: [
    "runseal export build-42 > SHA256SUMS",
    "runseal export build-42 --format minisign -o ../release",
    "runseal export build-42 --format verdict -o verdict.json",
    "runseal export --format page -o verify.html",
  ],
  "trust add-tsa": [
    "runseal trust add-tsa freetsa freetsa-cacert.pem",
    "runseal trust add-tsa ours sha256:45cbd2e9540ab858… --valid-before 20300101",
  ],
  "trust remove-tsa": [
    "runseal trust remove-tsa freetsa",
    "runseal trust remove-tsa ours --trust signers.txt",
  ],
  prove: [
    "runseal prove .runseal/runs/build-42 dist/app.js > proof.json",
    "runseal prove .runseal/runs/build-42 dist/app.js dist/app.css -o proof.json",
  ],
  check: ["runseal check proof.json dist/app.js", "runseal check SHA256SUMS.minisig --signer minisign.pub"],
  push: ["runseal push build-42 registry.example/team/runs", "runseal push --all history.runseal"],
  pull: [
    "runseal pull registry.example/team/runs:latest",
    "runseal pull registry.example/team/runs@sha256:45cbd2e9540ab858… --to site",
  ],
  snapshot: ["runseal snapshot -m 'before the upgrade'", "runseal snapshot ~/work/site --ignore '*.iso'"],
  redo: ["runseal redo --dry-run", "runseal redo"],
  completion: ['eval "$(runseal completion bash)"', "runseal completion zsh > ~/.zfunc/_runseal"],
  doctor: ["runseal doctor", "runseal doctor --json"],
  status: ["runseal status", "runseal status --short --project /srv/data"],
  explain: ["runseal explain HASH_MISMATCH", "runseal explain RESTORE_TARGET_PATH_EXISTS --json"],
} as const;

/** Begins a command. Its help starts with the examples. A subcommand is named with its parent: `key rm`. */
export function newCommand(name: keyof typeof EXAMPLES, description: string): Command {
  const examples = EXAMPLES[name].map((line) => `  ${line}\n`);
  return new Command(name.slice(name.lastIndexOf(" ") + 1))
    .description(description)
    .addHelpText("before", `Examples:\n${examples.join("")}`);
}

/** What `diff` compares. */
export function diffHelp(): string {
  return `
  no run    the newest run, or the newest snapshot of a guard, and the folder
  one run   what it changed: of a guarded run its folder before and after, of another
            what was sealed before it and with it
  two runs  what differs between them, wherever they are

A run is judged by its artifacts; its files are read by --stat and --patch alone, from
the store. A folder that was added or removed whole is one line, but for --patch.
`;
}

/** What a status looks at, and how it is to be read. */
export function statusHelp(): string {
  return `
The outputs of the last run are hashed and compared with what was sealed, and the
artifacts of every run are judged. Letters of --short, as git status has them:
M modified, D missing, T another kind, m mode, ?? new in a sealed folder,
! unreadable. The exit code is 0 whatever the state is: runseal verify judges.
`;
}

/** Where the script of each shell goes. */
export function completionHelp(): string {
  return `
  bash   ~/.local/share/bash-completion/completions/runseal, or eval "$(runseal completion bash)"
  zsh    _runseal in a folder of $fpath, before compinit
  fish   ~/.config/fish/completions/runseal.fish

Commands, options, runs, keys, codes and formats are completed. The script asks the
runseal of PATH, which reads names of the project and runs nothing. A run or a key whose
name a shell would expand is left out.
`;
}

/** The exit codes at the end of the program's help. */
export function programHelp(): string {
  return exitCodesHelp(Object.keys(EXIT_CODES).map(Number));
}

/** The exit codes that a command ends with, at the end of its help. */
export function exitCodesHelp(codes: readonly number[]): string {
  const wanted = Object.entries(EXIT_CODES).filter(([code]) => codes.includes(Number(code)));
  const lines = wanted.map(([code, words]) => `  ${code.padStart(3)}  ${words}\n`);
  return `\nExit codes:\n${lines.join("")}`;
}

/** Where a push goes, what it sends, and how it logs in. */
export function pushHelp(): string {
  return `
The form of the last operand says where to: oci-layout:DIR, or a host with a dot or a
port before the first slash, is a registry; - , FILE.runseal or any other path with a
slash is an archive. A run is verified before it is sent. An existing file is never
overwritten.

An archive is a tar file. Unpacked by tar into an empty folder, it is a project in
which runseal verify RUN works. One run has its outputs at their paths. Several runs
share theirs, as a project's store keeps them: there verify --stored and restore work.

What a registry has already is not sent again, so that runs with equal files share their
bytes. A push that is stopped goes on where it was when it is run again. runseal logs in
as docker does, by ~/.docker/config.json and its credential helpers. TLS is used, but
for a registry on this machine. docs/carry.md says more.
`;
}

/** What a pull brings. */
export function pullHelp(): string {
  return `
The run is verified in whole, and its signer judged, before it appears in the project.
It is kept apart from the project's history: log, status, seal and HEAD pass over it.
runseal verify --stored RUN and runseal restore RUN then work without the registry.

With --to the files are put into a new folder, all or none, as runseal restore does it.
Nothing is kept in a project. --json prints what restore prints.
`;
}

/** What a restore does when it is killed, and how it differs between systems. */
export function restoreHelp(): string {
  return `
Of a chain each run comes into a folder of its id, and what --only names begins
with that id. The bundles are verified in whole, whatever is restored of them.

A restore that is killed, or loses power, has one of two ends, everything or
nothing: runseal recover DIR brings it there, and the next restore into DIR does
so first. runseal undo DIR takes out again what was restored.

On Linux every folder is held by descriptor and entered one name at a time: a process
that swaps folders and links meanwhile can't lead a restore out of DIR. macOS, Windows
and a Linux without /proc have no way to do the same. There, a restore makes a new
folder (--mkdir) or refuses, with exit code 5, and permissions have to keep other
users out: a folder above the new one that others may write to is refused, unless it
is sticky. Windows does not show who may write. All or nothing and never overwriting
hold in any case, and recover ends what was killed. docs/threat-model.md says more.
`;
}

/** What a recovery leads to. */
export function recoverHelp(): string {
  return `
A restore that was killed before all was in place is undone, one that was killed
later is kept: DIR then holds everything, or nothing of it. An undo that was
killed is finished. Files that are not the restore's stay as they are.

A journal counts only with the MAC of a key in this user's state folder: an
archive can bring a journal that names your files. Where the disk was moved, or
the state folder was lost, nothing is touched: look at the folder .spectrum06_*
in DIR, and remove it by hand.

Exit code 0 where DIR is in one of these states, also where nothing was found, 5
where nothing was found and there is no DIR, 7 where something is in the way, 8
while somebody is restoring there, 9 where all of it is in place and the disk
does not confirm that it would survive a power cut.
`;
}

/** What a seal leaves out. */
export function sealHelp(): string {
  return `
Below a folder, what version control keeps (.git, .hg, .svn, .jj, .bzr, CVS, _darcs)
and .runseal is left out. So is what a pattern matches, in the file .runsealignore of
the root or in --ignore; the syntax is gitignore's, and --ignore '!.git' takes .git
back. What you name yourself is never left out. docs/patterns.md says more.
`;
}

/** What a snapshot holds, and where it is kept. */
export function snapshotHelp(): string {
  return `
A snapshot holds everything below the folder, .git and ignored files too. It does not
hold .runseal, .spectrum06_* at the top, what is mounted below, sockets, FIFOs, devices,
names that are not UTF-8 or have a backslash, paths of more than 4,096 bytes, links whose
targets are not UTF-8, and what the patterns of .runsealignore or --ignore match. A folder as the latest
snapshot has it gives no new one: the latest is named.

Snapshots are kept outside of the folder, below $XDG_DATA_HOME or ~/.local/share:
losing that place loses them. Your key signs them, else a key of the guard's own.
`;
}

/** What an undo takes back, and when it refuses. */
export function undoHelp(): string {
  return `
Takes back what the run did, and leaves what came later. Without a run, the last one
that is not undone; again, the one before it. What was changed since the run is named,
and nothing is done, unless --skip-changed or --take-changed says what to do with it.
--to makes the whole folder what a snapshot says.

All of it is done or nothing, also if runseal is killed or the machine loses power:
runseal recover DIR brings the folder there, and the next undo does so first. A
snapshot is kept before and after, so runseal redo takes the undo back. The times of
files, owners, ACLs and extended attributes are not brought back.

Of a restore, RESTORE_MANIFEST.json in DIR tells what was restored: all of it goes, with
the two RESTORE_*.json and the folders that are left empty; DIR itself stays. If any of
it was changed, replaced or removed, it is named, and nothing goes. Of a chain, DIR
takes out all runs, DIR/RUN one. After restore --no-report, --bundle names the bundle,
whose signer must be trusted as for a restore; give --only as the restore had it.
`;
}

/** What a run does to the command, and what its exit code says. */
export function runHelp(): string {
  return `
The command has runseal's own stdin, stdout and stderr; what runseal says goes to
stderr, and with --report to a file. Everything behind -- is the command's.

Where the command fails, or does not leave its scratch folders as it found them, or
does not make an --output, the bundle says so and no verifier accepts it. Exit code:
the command's own where it fails (128 and the number of the signal that ended it),
10 for the other two, 126 and 127 where it could not be run: then there is no bundle.

Ctrl-C and SIGTERM go to the command; when it has ended, the bundle of the failed run
is written. A third one kills the command, or ends the writing.

Of the environment nothing is recorded but --env; command and arguments are.
`;
}

/** What a report holds. */
export function verifyHelp(): string {
  return `
A report holds the verdict, the phases, the signer and why the policy trusts it, the
times, the differences, the sizes of files and the line of runs. It is one file that
loads nothing, runs no script and can be printed. A rejected run gets one too.
`;
}

/** What an export writes, and what it refuses. */
export function exportHelp(): string {
  return `
The run is verified in whole first, as runseal verify does it. Its files must be
there, and its signer be trusted. Then the evidence is signed and written into a
new folder, all of it or nothing. For each format the line is printed with which
others verify it, without runseal. Give them the key's fingerprint in another way.

  sums      SHA256SUMS, not signed        sha256sum
  sshsig    SHA256SUMS.sig                ssh-keygen
  minisign  SHA256SUMS.minisig            minisign
  signify   SHA256.sig                    signify
  dsse      RUN.intoto.jsonl              cosign
  sigstore  RUN.sigstore.json             cosign
  link      RUN.layout and a link         in-toto-golang
  all       the formats above
  verdict   that you verified the run     cosign
  page      verifies runs in a browser

The page is about no run, and needs no key. docs/evidence.md says what each of them promises.
`;
}

/** What a signer sees, checks and adds. */
export function signHelp(): string {
  return `
Another job, user or machine ran seal --unsigned or run --unsigned, and had no key.
What is to be signed is shown, and you are asked; --yes is for where there is no
terminal. Every output is hashed again: a file that is not as the unsigned bundle
says is refused, and so is any file or member that a sealer does not write.

The bundle goes into your own line. It says that it was signed elsewhere: you vouch
for the bytes, and not for the command and its exit code, which you did not witness.
An unsigned bundle of your own project is removed then; any other folder stays.

--counter verifies a signed run with all its files, and adds your signature if you
trust its signer. --time asks the timestamp authority at --tsa about a signed run;
no key is opened. A run of the other kind is refused, and the right command named.

  an unsigned run          --files, --no-keep, --links, --yes, --jobs
  --counter                --signer, --any-signer, --require-timestamp
  --counter or --time      --trust
  unsigned or --counter    --key and the other options for who signs
  unsigned or --time       --tsa, --tsa-timeout
`;
}

/** What a proof tells, and where it goes. */
export function proveHelp(): string {
  return `
A FILE is an output's path in the bundle, else a place on this disk below --files
(default: the folder above .runseal, else this one). Nothing there is looked at:
the bundle alone says what was sealed.

The proof tells the paths and digests of these files, the run's id, root, time
and signer, and about how many files there were; it tells no other path. It shows
the bytes under a path, not the mode, and it can't show links or folders. Who can
guess both path and digest of another file may be able to confirm it.
docs/proofs.md says more. An existing file is never overwritten.
`;
}

/** What is checked. */
export function checkHelp(): string {
  return `
The content of the file decides what is judged.

A proof of files, made by runseal prove: its signature, that the signer is trusted,
that every file of the proof was in the run, and the bytes of each FILE. A FILE is
compared with the path of the proof that its name on this disk ends with; --as says
another. One of another name is looked up by its bytes, and the answer says so.
Without a FILE, what the proof claims is shown, no file is checked, and the exit
code is 2. --as, --any-signer, --expect and --expect-id are for proofs.

Evidence of cosign, ssh-keygen, minisign, signify or model-signing: its signature,
with a key that you name as PEM, minisign, signify or SSH have it, and every file
that it is about, below --files. --list, --files, --run, --namespace, --exact,
--ignore and --all are for such evidence. docs/check.md says more.
${exitCodesHelp([0, 1, 2, 3, 4, 70, 130])}`;
}
