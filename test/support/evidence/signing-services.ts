/**
 * Stand-ins for Vault's transit engine and AWS KMS on the loopback interface. They answer the requests that sign and give
 * the public key, as the services' documentation has them, with an Ed25519 key of their own.
 *
 * @module
 */

import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** What a service answers to one request: a status and a JSON value. */
type Answer = readonly [status: number, value: unknown];

/** The token that the stand-in for Vault accepts. */
export const VAULT_TOKEN = "hvs.stand-in";

/** A service with a key. */
export class SigningService implements AsyncDisposable {
  readonly #server: Server;
  /** 64 lowercase hex characters. */
  readonly publicKeyHex: string;
  /** `http://127.0.0.1:PORT` */
  readonly address: string;

  private constructor(server: Server, publicKeyHex: string) {
    this.#server = server;
    this.publicKeyHex = publicKeyHex;
    this.address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** Starts a stand-in for Vault. Its key `runseal` has one version. */
  static vault(): Promise<SigningService> {
    return SigningService.#start((request, body, key) => {
      if (request.headers["x-vault-token"] !== VAULT_TOKEN) return [403, { errors: ["permission denied"] }];
      if (request.method === "GET" && request.url === "/v1/transit/keys/runseal") {
        const version = { public_key: rawPublicKey(key.publicKey).toString("base64") };
        return [200, { data: { type: "ed25519", latest_version: 1, keys: { "1": version } } }];
      }
      if (request.method !== "POST" || request.url !== "/v1/transit/sign/runseal")
        return [404, { errors: [] }];
      const { input, key_version } = parse(body);
      if (typeof input !== "string" || key_version !== 1) return [400, { errors: ["invalid request"] }];
      const signature = sign(null, Buffer.from(input, "base64"), key.privateKey).toString("base64");
      return [200, { data: { key_version: 1, signature: `vault:v1:${signature}` } }];
    });
  }

  /** Starts a stand-in for KMS, with the key `alias/runseal`. */
  static kms(): Promise<SigningService> {
    return SigningService.#start((request, body, key) => {
      const refuse = (name: string): Answer => [400, { __type: name, message: "refused" }];
      if (!/^AWS4-HMAC-SHA256 /.test(request.headers.authorization ?? ""))
        return refuse("AccessDeniedException");
      const { KeyId, Message, MessageType, SigningAlgorithm } = parse(body);
      if (KeyId !== "alias/runseal") return refuse("NotFoundException");
      const arn = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
      if (request.headers["x-amz-target"] === "TrentService.GetPublicKey") {
        const PublicKey = key.publicKey.export({ format: "der", type: "spki" }).toString("base64");
        return [200, { KeyId: arn, KeySpec: "ECC_NIST_EDWARDS25519", KeyUsage: "SIGN_VERIFY", PublicKey }];
      }
      if (request.headers["x-amz-target"] !== "TrentService.Sign") return refuse("UnknownOperationException");
      const isPlain = MessageType === "RAW" && SigningAlgorithm === "ED25519_SHA_512";
      const message = Buffer.from(typeof Message === "string" ? Message : "", "base64");
      if (!isPlain || message.length === 0 || message.length > 4096) return refuse("ValidationException");
      const Signature = sign(null, message, key.privateKey).toString("base64");
      return [200, { KeyId: arn, Signature, SigningAlgorithm }];
    });
  }

  static async #start(
    answer: (request: IncomingMessage, body: string, key: KeyPair) => Answer,
  ): Promise<SigningService> {
    const key = generateKeyPairSync("ed25519");
    const server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const [status, value] = answer(request, Buffer.concat(chunks).toString(), key);
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
    });
    await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
    return new SigningService(server, rawPublicKey(key.publicKey).toString("hex"));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

interface KeyPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

function rawPublicKey(key: KeyObject): Buffer {
  return key.export({ format: "der", type: "spki" }).subarray(-32);
}

function parse(body: string): Readonly<Record<string, unknown>> {
  return JSON.parse(body) as Record<string, unknown>;
}
