/** Connections with TLS through a proxy, used again as those of any agent. @module */

import { Agent, type AgentOptions, type RequestOptions } from "node:https";
import { Duplex } from "node:stream";
import { publishCause } from "../runtime/cause-channel.ts";
import { openTunnel, type TunnelDemand } from "./open-tunnel.ts";

/** Where the tunnels of an agent begin. */
export type TunnelSetting = Pick<TunnelDemand, "milliseconds" | "proxy" | "signal">;

/** Takes a new connection, or why there is none; then the stream is not used. */
type Created = (error: Error | null, stream: Duplex) => void;

/** An agent whose connections are tunnels of one proxy. */
export class TunnelAgent extends Agent {
  readonly #setting: TunnelSetting;

  constructor(options: AgentOptions, setting: TunnelSetting) {
    super(options);
    this.#setting = setting;
  }

  /** Called by Node for each connection that a request needs. */
  override createConnection(options: RequestOptions, created?: Created): undefined {
    void this.#connect(options).then(
      (stream) => created?.(null, stream),
      (thrown: unknown) => {
        publishCause(thrown);
        created?.(thrown instanceof Error ? thrown : new Error("the tunnel failed"), new Duplex());
      },
    );
  }

  async #connect(options: RequestOptions): Promise<Duplex> {
    const host = options.host ?? "";
    const hostname = host.includes(":") ? `[${host}]` : host;
    const socket = await openTunnel({ ...this.#setting, hostname, port: Number(options.port ?? 443) });
    const through = { ...options, socket };
    const stream = super.createConnection(through);
    if (stream === null || stream === undefined) throw new Error("no TLS begins in the tunnel");
    return stream;
  }
}
