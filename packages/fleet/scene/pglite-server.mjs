/**
 * PGlite behind a socket, for several connections. It has one session, so that connections take turns: one has the session for whole
 * requests, up to their Sync, and until its transaction has ended. The server of `pglite-socket` takes turns message by message, so
 * that a statement of one connection is bound by another.
 */
import { createServer } from "node:net";

const PROTOCOL_3 = 196_608;
const SSL_REQUEST = 80_877_103;
const NO_SSL = "N";
/** Messages that end a request: Query, Sync and Terminate. */
const LAST_MESSAGES = "QSX";
/** Messages that name a prepared statement, and how many bytes and texts stand before its name. */
const NAMING = {
  P: { bytes: 0, texts: 0 },
  B: { bytes: 0, texts: 1 },
  D: { bytes: 1, texts: 0 },
  C: { bytes: 1, texts: 0 },
};
const TYPE_AND_LENGTH = 5;

/** Serves a PGlite on a free port of the loopback interface. Gives `{ host, stop() }`. */
export async function servePglite(database) {
  const turns = new Turns(database);
  const sockets = new Set();
  const server = createServer((socket) => {
    sockets.add(socket);
    new Connection(socket, turns);
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    host: `127.0.0.1:${server.address().port}`,
    stop: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
      await turns.last;
    },
  };
}

/** Which connection has the session. */
class Turns {
  #database;
  #waiting = [];
  #owner;
  last = Promise.resolve();
  #isBusy = false;

  constructor(database) {
    this.#database = database;
  }

  /** Sends a request in its turn. */
  ask(connection, request) {
    this.#waiting.push({ connection, request });
    this.#goOn();
  }

  /** Forgets a connection. Its transaction is rolled back. */
  leave(connection) {
    this.#waiting = this.#waiting.filter((waiting) => waiting.connection !== connection);
    if (this.#owner === connection) this.#waiting.push({ connection, request: queryMessage("ROLLBACK") });
    this.#goOn();
  }

  #goOn() {
    if (this.#isBusy) return;
    this.#isBusy = true;
    this.last = this.#work();
  }

  async #work() {
    for (let next = this.#take(); next !== undefined; next = this.#take()) {
      const { connection, request } = next;
      const answer = Buffer.from(await this.#database.execProtocolRaw(request));
      // ReadyForQuery is last, and says whether a transaction is open.
      this.#owner = String.fromCharCode(answer.at(-6), answer.at(-1)) === "ZI" ? undefined : connection;
      connection.answer(answer);
    }
    this.#isBusy = false;
  }

  #take() {
    const index = this.#waiting.findIndex(({ connection }) => [undefined, connection].includes(this.#owner));
    return index === -1 ? undefined : this.#waiting.splice(index, 1)[0];
  }
}

let connections = 0;

/** Cuts what a client sends into requests. */
class Connection {
  #socket;
  #turns;
  #name = `c${connections++}`;
  #unread = Buffer.alloc(0);
  #request = [];

  constructor(socket, turns) {
    this.#socket = socket;
    this.#turns = turns;
    socket.on("data", (bytes) => this.#read(bytes));
    socket.on("error", () => undefined);
    socket.on("close", () => turns.leave(this));
  }

  answer(bytes) {
    if (this.#socket.writable) this.#socket.write(bytes);
  }

  #read(bytes) {
    this.#unread = Buffer.concat([this.#unread, bytes]);
    for (let message = this.#take(); message !== undefined; message = this.#take()) {
      const type = String.fromCharCode(message[0]);
      if (type === "\0") this.#open(message);
      else if (type === "X") this.#socket.end();
      else {
        this.#request.push(ownNames(message, type, this.#name));
        if (!LAST_MESSAGES.includes(type)) continue;
        this.#turns.ask(this, Buffer.concat(this.#request.splice(0)));
      }
    }
  }

  /** The first messages have no type: their length begins with a zero. */
  #take() {
    if (this.#unread.length < TYPE_AND_LENGTH) return undefined;
    const length = this.#unread[0] === 0 ? this.#unread.readInt32BE(0) : 1 + this.#unread.readInt32BE(1);
    if (this.#unread.length < length) return undefined;
    const message = this.#unread.subarray(0, length);
    this.#unread = this.#unread.subarray(length);
    return message;
  }

  #open(message) {
    const code = message.readInt32BE(4);
    if (code === SSL_REQUEST) this.#socket.write(NO_SSL);
    else if (code === PROTOCOL_3) this.#turns.ask(this, message);
    else this.#socket.end();
  }
}

/** Puts the connection before the name of a prepared statement: the session has those of all connections. */
function ownNames(message, type, connection) {
  const place = NAMING[type];
  if (place === undefined) return message;
  if (place.bytes === 1 && String.fromCharCode(message[TYPE_AND_LENGTH]) !== "S") return message;
  let at = TYPE_AND_LENGTH + place.bytes;
  for (let text = 0; text < place.texts; text++) at = message.indexOf(0, at) + 1;
  if (message[at] === 0) return message;
  const named = Buffer.concat([message.subarray(0, at), Buffer.from(connection), message.subarray(at)]);
  named.writeInt32BE(named.length - 1, 1);
  return named;
}

function queryMessage(text) {
  const message = Buffer.from(`Q0000${text}\0`);
  message.writeInt32BE(message.length - 1, 1);
  return message;
}
