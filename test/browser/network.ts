// A network between the page and the service that can be cut, frozen and slowed down: TCP on loopback.

import { type AddressInfo, type Server, type Socket, connect, createServer } from 'node:net';

/** `cut`: connections are refused and broken; `frozen`: they stand and carry nothing. */
export type Weather = 'fine' | 'cut' | 'frozen' | 'slow';

const SLOW_BYTES = 64;
const SLOW_EVERY_MS = 250;

export class BadNetwork {
  weather: Weather = 'fine';
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();

  constructor(private readonly upstreamPort: number) {
    this.server = createServer((socket) => this.accept(socket));
  }

  /** Listens; the address of the page. */
  async listen(): Promise<string> {
    await new Promise<void>((resolve) => {
      this.server.listen(0, '127.0.0.1', resolve);
    });
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/`;
  }

  turn(weather: Weather): void {
    this.weather = weather;
    for (const socket of this.sockets) {
      if (weather === 'cut') socket.destroy();
      else if (weather === 'frozen') socket.pause();
      else socket.resume();
    }
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => {
      this.server.close(resolve);
    });
  }

  private accept(client: Socket): void {
    if (this.weather === 'cut') {
      client.destroy();
      return;
    }
    const upstream = connect(this.upstreamPort, '127.0.0.1');
    this.join(client, upstream, false);
    this.join(upstream, client, true);
  }

  private join(from: Socket, to: Socket, isDown: boolean): void {
    this.sockets.add(from);
    from.on('data', (bytes) => {
      if (this.weather === 'slow' && isDown) void this.dribble(from, to, bytes);
      else to.write(bytes);
    });
    from.on('error', () => to.destroy());
    from.on('close', () => {
      this.sockets.delete(from);
      to.destroy();
    });
    if (this.weather === 'frozen') from.pause();
  }

  /** Passes bytes on a few at a time, and takes no more until they are through. */
  private async dribble(from: Socket, to: Socket, bytes: Buffer): Promise<void> {
    from.pause();
    for (let at = 0; at < bytes.length && !to.destroyed; at += SLOW_BYTES) {
      const rest = this.weather === 'slow' ? SLOW_BYTES : bytes.length;
      to.write(bytes.subarray(at, at + rest));
      if (rest > SLOW_BYTES) break;
      await new Promise((resolve) => {
        setTimeout(resolve, SLOW_EVERY_MS);
      });
    }
    if (this.weather !== 'frozen') from.resume();
  }
}
