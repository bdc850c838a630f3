/**
 * Evidence about the files of a folder, made by the real tools with keys of their own. Each kind is made once, in a folder
 * with the files `a.txt` and `d/b.txt`.
 *
 * @module
 */

import { truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runTool, type Tool, type ToolEnd } from "./real-tools.ts";

/** One kind of evidence. */
export interface EvidenceKind {
  readonly what: string;
  readonly tools: readonly Tool[];
  /** As `check --json` calls it. */
  readonly form: "sigstore" | "dsse" | "sshsig" | "minisign" | "signify";
  /** Makes the evidence in a folder that holds the files. Gives the arguments of `check`, with the signer's key. */
  readonly make: (folder: string) => MadeEvidence;
  /** Whether the evidence names its key: then another key is not trusted (3). Else no key holds (1). */
  readonly namesKey: boolean;
  /** Whether it is about one file alone. */
  readonly single?: true;
}

/** Evidence in a folder. */
export interface MadeEvidence {
  /** The evidence, by its name in the folder. */
  readonly evidence: string;
  /** The file that holds what is signed: the list, or the evidence itself. */
  readonly signed: string;
  readonly key: string;
  /** The public key of another signer, in the same form. */
  readonly otherKey: string;
  readonly more: readonly string[];
}

/** The files that every kind is about, the first one alone where a tool takes one. */
export const EVIDENCE_FILES: Readonly<Record<string, string>> = { "a.txt": "alpha\n", "d/b.txt": "beta\n" };

const PATHS = Object.keys(EVIDENCE_FILES);

/** Runs a tool that must succeed. */
function done(tool: Tool, args: readonly string[], cwd: string): ToolEnd {
  const end = runTool(tool, args, { cwd });
  if (end.status !== 0) throw new Error(`${tool} ${args.join(" ")}: ${end.text}`);
  return end;
}

function makeList(folder: string, name: string, ...options: readonly string[]): void {
  writeFileSync(join(folder, name), done("sha256sum", [...options, ...PATHS], folder).text);
}

/** Keys of openssl as `NAME.pem` and `NAME.pub`. */
function makePemKey(folder: string, name: string, algorithm: "ed25519" | "P-256" | "P-384"): void {
  const options =
    algorithm === "ed25519" ? [algorithm] : ["EC", "-pkeyopt", `ec_paramgen_curve:${algorithm}`];
  done("openssl", ["genpkey", "-algorithm", ...options, "-out", `${name}.pem`], folder);
  done("openssl", ["pkey", "-in", `${name}.pem`, "-pubout", "-out", `${name}.pub`], folder);
}

function sshKeygen(folder: string): MadeEvidence {
  for (const name of ["id", "other"])
    done("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "a comment", "-f", name], folder);
  makeList(folder, "SHA256SUMS");
  done("ssh-keygen", ["-q", "-Y", "sign", "-f", "id", "-n", "runseal-sums", "SHA256SUMS"], folder);
  return {
    evidence: "SHA256SUMS.sig",
    signed: "SHA256SUMS",
    key: "id.pub",
    otherKey: "other.pub",
    more: [],
  };
}

function minisign(folder: string): MadeEvidence {
  for (const name of ["minisign", "other"])
    done("minisign", ["-G", "-W", "-p", `${name}.pub`, "-s", `${name}.key`], folder);
  makeList(folder, "SHA256SUMS");
  done("minisign", ["-S", "-s", "minisign.key", "-m", "SHA256SUMS"], folder);
  return {
    evidence: "SHA256SUMS.minisig",
    signed: "SHA256SUMS",
    key: "minisign.pub",
    otherKey: "other.pub",
    more: [],
  };
}

function signify(folder: string, isEmbedded: boolean): MadeEvidence {
  for (const name of ["signify", "other"])
    done("signify-openbsd", ["-G", "-n", "-p", `${name}.pub`, "-s", `${name}.sec`], folder);
  makeList(folder, "SHA256", "--tag");
  const options = isEmbedded ? ["-e"] : [];
  done(
    "signify-openbsd",
    ["-S", ...options, "-s", "signify.sec", "-m", "SHA256", "-x", "SHA256.sig"],
    folder,
  );
  const signed = isEmbedded ? "SHA256.sig" : "SHA256";
  return { evidence: "SHA256.sig", signed, key: "signify.pub", otherKey: "other.pub", more: [] };
}

/** cosign takes one file, and keys of its own form. It needs no network with a plain key. */
function cosign(folder: string, key: "p256" | "ed25519", form: "sigstore" | "dsse"): MadeEvidence {
  const withPassword = (args: readonly string[]): void => {
    done("env", ["COSIGN_PASSWORD=", "cosign", ...args], folder);
  };
  makePemKey(folder, "other", key === "p256" ? "P-256" : "ed25519");
  if (key === "p256") withPassword(["generate-key-pair"]);
  else {
    makePemKey(folder, "own", "ed25519");
    withPassword(["import-key-pair", "--key", "own.pem", "-o", "cosign"]);
  }
  writeFileSync(join(folder, "predicate.json"), '{"made":"here"}');
  const into =
    form === "dsse" ? ["--output-signature", "e.json"] : ["--new-bundle-format", "--bundle", "e.json"];
  const options = ["--key", "cosign.key", "--tlog-upload=false", "--predicate", "predicate.json"];
  withPassword(["attest-blob", ...options, "--type", "https://example.org/made", ...into, "-y", "a.txt"]);
  return { evidence: "e.json", signed: "e.json", key: "cosign.pub", otherKey: "other.pub", more: [] };
}

/** An envelope whose signature openssl makes, for keys that cosign does not import. */
function openssl(folder: string, curve: "P-256" | "P-384", hash: "sha256" | "sha384"): MadeEvidence {
  for (const name of ["own", "other"]) makePemKey(folder, name, curve);
  const subject = PATHS.map((name) => {
    const [sha256] = done("sha256sum", [name], folder).text.split(" ");
    return { name, digest: { sha256 } };
  });
  const payload = JSON.stringify({
    _type: "https://in-toto.io/Statement/v1",
    subject,
    predicateType: "https://example.org/made",
    predicate: {},
  });
  const type = "application/vnd.in-toto+json";
  writeFileSync(join(folder, "pae"), `DSSEv1 ${type.length} ${type} ${payload.length} ${payload}`);
  done("openssl", ["dgst", `-${hash}`, "-sign", "own.pem", "-out", "raw", "pae"], folder);
  const sig = done("openssl", ["base64", "-A", "-in", "raw"], folder).text.trim();
  const envelope = {
    payloadType: type,
    payload: Buffer.from(payload).toString("base64"),
    signatures: [{ sig, keyid: "" }],
  };
  writeFileSync(join(folder, "e.json"), JSON.stringify(envelope));
  return { evidence: "e.json", signed: "e.json", key: "own.pub", otherKey: "other.pub", more: [] };
}

/** All kinds that check judges. */
export const EVIDENCE_KINDS: readonly EvidenceKind[] = [
  {
    what: "ssh-keygen -Y sign",
    tools: ["ssh-keygen", "sha256sum"],
    form: "sshsig",
    make: sshKeygen,
    namesKey: true,
  },
  {
    what: "minisign -S",
    tools: ["minisign", "sha256sum"],
    form: "minisign",
    make: minisign,
    namesKey: false,
  },
  {
    what: "signify -S -e",
    tools: ["signify-openbsd", "sha256sum"],
    form: "signify",
    make: (folder) => signify(folder, true),
    namesKey: false,
  },
  {
    what: "signify -S",
    tools: ["signify-openbsd", "sha256sum"],
    form: "signify",
    make: (folder) => signify(folder, false),
    namesKey: false,
  },
  {
    what: "cosign attest-blob --new-bundle-format, P-256",
    tools: ["cosign", "openssl"],
    form: "sigstore",
    make: (folder) => cosign(folder, "p256", "sigstore"),
    namesKey: false,
    single: true,
  },
  {
    what: "cosign attest-blob --new-bundle-format, Ed25519",
    tools: ["cosign", "openssl"],
    form: "sigstore",
    make: (folder) => cosign(folder, "ed25519", "sigstore"),
    namesKey: false,
    single: true,
  },
  {
    what: "cosign attest-blob --output-signature, P-256",
    tools: ["cosign", "openssl"],
    form: "dsse",
    make: (folder) => cosign(folder, "p256", "dsse"),
    namesKey: false,
    single: true,
  },
  {
    what: "openssl dgst -sha384 -sign, P-384",
    tools: ["openssl", "sha256sum"],
    form: "dsse",
    make: (folder) => openssl(folder, "P-384", "sha384"),
    namesKey: false,
  },
  {
    what: "openssl dgst -sha256 -sign, P-384 as cosign 2 does",
    tools: ["openssl", "sha256sum"],
    form: "dsse",
    make: (folder) => openssl(folder, "P-384", "sha256"),
    namesKey: false,
  },
];

/** A file that is as long as that, and takes no room on the disk. */
export function sparseFile(path: string, bytes: number): void {
  writeFileSync(path, "");
  truncateSync(path, bytes);
}
