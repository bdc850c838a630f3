/**
 * A timestamp authority: certificates by openssl, answers by `openssl ts`, and tokens that no honest authority makes.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { createHash, createPrivateKey, sign, X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Why no authority can be made here; undefined where openssl has all that it takes. */
export function reasonWithoutAuthority(): string | undefined {
  const { stdout } = spawnSync("openssl", ["version"], { encoding: "utf8" });
  const [, major = "0", minor = "0"] = /^OpenSSL (\d+)\.(\d+)/.exec(stdout ?? "") ?? [];
  const isEnough = Number(major) > 3 || (Number(major) === 3 && Number(minor) >= 4);
  return isEnough ? undefined : "there is no openssl 3.4, which sets the validity of a certificate";
}

/** Keys by the arguments of `openssl genpkey`. */
const KEYS = {
  ec: ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
  p384: ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"],
  p521: ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521"],
  secp256k1: ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:secp256k1"],
  rsa2048: ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
  rsa1024: ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"],
  ed25519: ["-algorithm", "ED25519"],
} as const;

/** How an authority differs from an honest one. */
export interface AuthorityForm {
  readonly key?: keyof typeof KEYS;
  readonly caKey?: keyof typeof KEYS;
  /** The digest of the CA's signature over the signer's certificate. */
  readonly caDigest?: "sha256" | "sha1" | "sha512";
  /** Lines of the signer's certificate, in the syntax of x509v3_config. */
  readonly extensions?: readonly string[];
  readonly caExtensions?: readonly string[];
  /** YYYYMMDDHHMMSSZ */
  readonly notBefore?: string;
  readonly notAfter?: string;
  readonly caNotAfter?: string;
}

const HONEST_LEAF = [
  "basicConstraints=critical,CA:FALSE",
  "keyUsage=critical,digitalSignature",
  "extendedKeyUsage=critical,timeStamping",
];
const HONEST_CA = ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign,cRLSign"];
const FROM = "20200101000000Z";
const TO = "20491231235959Z";

/** An authority with a CA of its own. */
export class Authority {
  readonly folder: string = mkdtempSync(join(tmpdir(), "runseal-authority-"));
  /** Certificates and keys in PEM. */
  readonly ca: string;
  readonly caKey: string;
  readonly leaf: string;
  readonly key: string;

  constructor(form: AuthorityForm = {}) {
    this.ca = this.at("ca.crt");
    this.caKey = this.at("ca.key");
    this.leaf = this.at("tsa.crt");
    this.key = this.at("tsa.key");
    this.#makeKey(this.caKey, form.caKey ?? "ec");
    this.#makeKey(this.key, form.key ?? "ec");
    const ca = ["-subj", "/CN=Test CA", "-new", "-key", this.caKey];
    const caValidity = ["-not_before", FROM, "-not_after", form.caNotAfter ?? TO];
    this.#certify(ca, ["-signkey", this.caKey, ...caValidity], form.caExtensions ?? HONEST_CA, this.ca);
    const leaf = ["-subj", "/CN=Test TSA", "-new", "-key", this.key];
    const validity = ["-not_before", form.notBefore ?? FROM, "-not_after", form.notAfter ?? TO];
    const by = ["-CA", this.ca, "-CAkey", this.caKey, "-set_serial", "0x1234"];
    const digest = [`-${form.caDigest ?? "sha256"}`];
    const isPlain = form.caKey === "ed25519";
    this.#certify(
      leaf,
      [...by, ...validity, ...(isPlain ? [] : digest)],
      form.extensions ?? HONEST_LEAF,
      this.leaf,
    );
    writeFileSync(this.at("tsa.cnf"), CONFIGURATION);
    writeFileSync(this.at("serial"), "01\n");
  }

  at(name: string): string {
    return join(this.folder, name);
  }

  /** The SHA-256 of a certificate's DER, 64 lowercase hex. */
  digest(which: "ca" | "leaf"): string {
    return createHash("sha256").update(this.der(which)).digest("hex");
  }

  /** A certificate in DER. */
  der(which: "ca" | "leaf"): Buffer {
    return new X509Certificate(readFileSync(this[which])).raw;
  }

  /** The line of a trust file. */
  line(name: string, which: "ca" | "leaf" = "ca", options = ""): string {
    return `[tsa ${name} sha256:${this.digest(which)}${options === "" ? "" : ` ${options}`}]\n`;
  }

  /** Answers a TimeStampReq in DER, as `openssl ts` does. */
  reply(query: Uint8Array): Buffer {
    writeFileSync(this.at("query"), query);
    const files = ["-queryfile", this.at("query"), "-out", this.at("reply")];
    const signer = ["-signer", this.leaf, "-inkey", this.key, "-chain", this.ca];
    this.#openssl(["ts", "-reply", "-config", this.at("tsa.cnf"), ...files, ...signer]);
    return readFileSync(this.at("reply"));
  }

  /** The token in an honest answer over some bytes. */
  token(stamped: Uint8Array): Buffer {
    writeFileSync(this.at("data"), stamped);
    this.#openssl([
      "ts",
      "-query",
      "-data",
      this.at("data"),
      "-sha256",
      "-cert",
      "-out",
      this.at("own-query"),
    ]);
    this.reply(readFileSync(this.at("own-query")));
    this.#openssl(["ts", "-reply", "-in", this.at("reply"), "-token_out", "-out", this.at("token")]);
    return readFileSync(this.at("token"));
  }

  /** What `openssl ts -verify` says of a token: whether it holds for the CA, at the time of the token. */
  opensslAccepts(token: Uint8Array, stamped: Uint8Array, at: Date = new Date()): boolean {
    writeFileSync(this.at("data"), stamped);
    writeFileSync(this.at("checked"), token);
    const moment = ["-attime", String(Math.floor(at.getTime() / 1000))];
    const files = ["-data", this.at("data"), "-in", this.at("checked"), "-token_in", "-CAfile", this.ca];
    return spawnSync("openssl", ["ts", "-verify", ...files, ...moment]).status === 0;
  }

  /** A token as no honest authority makes it. */
  forge(stamped: Uint8Array, forgery: Forgery = {}): Buffer {
    const info = forgery.info ?? encodeInfo(stamped, forgery);
    const signers = Array.from({ length: forgery.signers ?? 1 }, () => this.#signerInfo(info, forgery));
    const certificates = forgery.certificates ?? [this.der("leaf"), this.der("ca")];
    const digest = sequence(oid(OIDS[forgery.digest ?? "sha256"]), NULL);
    return sequence(
      oid("1.2.840.113549.1.7.2"),
      tlv(
        0xa0,
        sequence(
          integer(3),
          tlv(0x31, digest),
          sequence(oid("1.2.840.113549.1.9.16.1.4"), tlv(0xa0, tlv(0x04, info))),
          ...(certificates.length === 0 ? [] : [tlv(0xa0, ...certificates)]),
          tlv(0x31, ...signers),
        ),
      ),
    );
  }

  #signerInfo(info: Buffer, forgery: Forgery): Buffer {
    const { digest = "sha256" } = forgery;
    const leaf = this.der("leaf");
    const named = createHash("sha256")
      .update(forgery.named ?? leaf)
      .digest();
    const content = createHash(digest)
      .update(forgery.signedInfo ?? info)
      .digest();
    const attributes = [
      sequence(
        oid("1.2.840.113549.1.9.3"),
        tlv(0x31, oid(forgery.contentType ?? "1.2.840.113549.1.9.16.1.4")),
      ),
      sequence(oid("1.2.840.113549.1.9.4"), tlv(0x31, tlv(0x04, content))),
      ...(forgery.unnamed === true
        ? []
        : [
            sequence(
              oid("1.2.840.113549.1.9.16.2.47"),
              tlv(0x31, sequence(sequence(sequence(tlv(0x04, named))))),
            ),
          ]),
    ].sort(Buffer.compare);
    const key = createPrivateKey(readFileSync(forgery.key ?? this.key));
    const signature = sign(
      key.asymmetricKeyType === "ed25519" ? null : digest,
      tlv(0x31, ...attributes),
      key,
    );
    const isEc = key.asymmetricKeyType === "ec";
    const algorithm = isEc ? sequence(oid(EC_OIDS[digest])) : sequence(oid("1.2.840.113549.1.1.1"), NULL);
    const { issuer, serial } = partsOfCertificate(leaf);
    return sequence(
      integer(1),
      sequence(issuer, serial),
      sequence(oid(OIDS[digest]), NULL),
      tlv(0xa0, ...attributes),
      algorithm,
      tlv(0x04, signature),
    );
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true });
  }

  #makeKey(path: string, kind: keyof typeof KEYS): void {
    this.#openssl(["genpkey", ...KEYS[kind], "-out", path]);
  }

  #certify(request: readonly string[], by: readonly string[], lines: readonly string[], out: string): void {
    writeFileSync(this.at("ext.cnf"), `${lines.join("\n")}\n`);
    writeFileSync(this.at("req.cnf"), "[req]\ndistinguished_name=dn\n[dn]\n");
    this.#openssl(["req", "-config", this.at("req.cnf"), ...request, "-out", this.at("csr")]);
    this.#openssl([
      "x509",
      "-req",
      "-in",
      this.at("csr"),
      ...by,
      "-extfile",
      this.at("ext.cnf"),
      "-out",
      out,
    ]);
  }

  #openssl(args: readonly string[]): void {
    const { error, status, stderr } = spawnSync("openssl", args, { cwd: this.folder, encoding: "utf8" });
    if (error !== undefined) throw error;
    if (status !== 0) throw new Error(`openssl ${args.join(" ")}: ${stderr}`);
  }
}

const CONFIGURATION = `[tsa]
default_tsa = default
[default]
serial = ./serial
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
accuracy = secs:1
ess_cert_id_alg = sha256
`;

/** What a forged token has otherwise than an honest one. */
export interface Forgery {
  /** Milliseconds since 1970; default: the present second. */
  readonly at?: number;
  /** GeneralizedTime as text, instead. */
  readonly time?: string;
  /** An Accuracy in DER, or none. */
  readonly accuracy?: Buffer;
  readonly nonce?: Buffer;
  /** The whole TSTInfo. */
  readonly info?: Buffer;
  readonly imprintOid?: string;
  readonly imprint?: Buffer;
  /** Another TSTInfo, which the signer signed. */
  readonly signedInfo?: Buffer;
  readonly contentType?: string;
  readonly certificates?: readonly Buffer[];
  /** A certificate in DER that the signer names in place of its own, or none at all. */
  readonly named?: Buffer;
  readonly unnamed?: boolean;
  readonly digest?: "sha1" | "sha256" | "sha384" | "sha512";
  readonly signers?: number;
  /** The path of another private key. */
  readonly key?: string;
  /** Members of TSTInfo behind all others, in DER. */
  readonly later?: readonly Buffer[];
}

const OIDS = {
  sha1: "1.3.14.3.2.26",
  sha256: "2.16.840.1.101.3.4.2.1",
  sha384: "2.16.840.1.101.3.4.2.2",
  sha512: "2.16.840.1.101.3.4.2.3",
} as const;
const EC_OIDS = {
  sha1: "1.2.840.10045.4.1",
  sha256: "1.2.840.10045.4.3.2",
  sha384: "1.2.840.10045.4.3.3",
  sha512: "1.2.840.10045.4.3.4",
} as const;

const NULL = Buffer.from([5, 0]);

function encodeInfo(stamped: Uint8Array, forgery: Forgery): Buffer {
  const seconds = Math.floor((forgery.at ?? Date.now()) / 1000);
  const time = forgery.time ?? new Date(seconds * 1000).toISOString().replace(/[-:T]|\.000/g, "");
  const imprint = forgery.imprint ?? createHash("sha256").update(stamped).digest();
  return sequence(
    integer(1),
    oid("1.2.3.4.1"),
    sequence(sequence(oid(forgery.imprintOid ?? OIDS.sha256), NULL), tlv(0x04, imprint)),
    integer(7),
    tlv(0x18, Buffer.from(time)),
    ...(forgery.accuracy === undefined ? [] : [forgery.accuracy]),
    ...(forgery.nonce === undefined ? [] : [tlv(0x02, forgery.nonce)]),
    ...(forgery.later ?? []),
  );
}

/** Encodes one value in DER. */
export function tlv(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const head =
    length < 0x80
      ? [tag, length]
      : length < 0x100
        ? [tag, 0x81, length]
        : length < 0x10000
          ? [tag, 0x82, length >> 8, length & 255]
          : [tag, 0x83, length >> 16, (length >> 8) & 255, length & 255];
  return Buffer.concat([Buffer.from(head), content]);
}

/** Encodes a SEQUENCE. */
export function sequence(...parts: readonly Uint8Array[]): Buffer {
  return tlv(0x30, ...parts);
}

/** Encodes an INTEGER below 128. */
export function integer(value: number): Buffer {
  return tlv(0x02, Buffer.from([value]));
}

function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  const bytes = [first * 40 + second, ...rest].flatMap((arc) => {
    const digits = [arc & 127];
    for (let left = arc >> 7; left > 0; left >>= 7) digits.unshift((left & 127) | 128);
    return digits;
  });
  return tlv(0x06, Buffer.from(bytes));
}

/** The issuer's name and the serial number of a certificate, as they stand in it. */
function partsOfCertificate(der: Buffer): { readonly issuer: Buffer; readonly serial: Buffer } {
  const [, serial = der, , issuer = der] = childrenOf(childrenOf(der)[0] ?? der);
  return { issuer, serial };
}

/** The values in a constructed one, in DER. */
export function childrenOf(der: Buffer): readonly Buffer[] {
  const children: Buffer[] = [];
  for (let start = headOf(der, 0); start < der.length; ) {
    const end = start + wholeOf(der, start);
    children.push(der.subarray(start, end));
    start = end;
  }
  return children;
}

function headOf(der: Buffer, start: number): number {
  const first = der[start + 1] ?? 0;
  return start + (first < 0x80 ? 2 : 2 + (first & 0x7f));
}

function wholeOf(der: Buffer, start: number): number {
  const first = der[start + 1] ?? 0;
  const head = headOf(der, start);
  const length = first < 0x80 ? first : Number.parseInt(der.subarray(start + 2, head).toString("hex"), 16);
  return head - start + length;
}
