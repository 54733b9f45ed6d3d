import type {Duplex} from 'node:stream'

/** Says at once that there are no web sockets here: codex asks its own provider for one first, and 404 costs it 10 s. */
export function refuseUpgrade(_request: unknown, socket: Duplex): void {
  socket.end('HTTP/1.1 426 Upgrade Required\r\nconnection: close\r\ncontent-length: 0\r\n\r\n')
}
