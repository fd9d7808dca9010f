// A network that fails on command, for the two buttons that try it. It lies below the Socket.IO client, which is not told: requests and
// WebSockets break without a word of its protocol, and new ones fail until the network is back. Has to be loaded before the client.

globalThis.network = (() => {
  const open = new Set(); // how to break each connection
  let backAt = 0;
  const isLost = () => performance.now() < backAt;

  globalThis.WebSocket = class extends WebSocket {
    constructor(...address) {
      if (isLost()) return deadSocket();
      super(...address);
      const cut = () => {
        open.delete(cut);
        this.onclose?.(new CloseEvent('close', { code: 1006 })); // at once: nothing that is still on its way is heard
        this.onmessage = this.onerror = this.onclose = null;
        this.close();
      };
      open.add(cut);
      this.addEventListener('close', () => open.delete(cut));
    }
  };

  globalThis.XMLHttpRequest = class extends XMLHttpRequest {
    send(body) {
      if (isLost()) {
        Object.defineProperty(this, 'readyState', { value: XMLHttpRequest.DONE }); // with the status 0 of a request that got no answer
        this.dispatchEvent(new Event('readystatechange'));
        return;
      }
      const cut = () => this.abort();
      open.add(cut);
      this.addEventListener('loadend', () => open.delete(cut));
      super.send(body);
    }
  };

  function deadSocket() {
    const socket = { close() {}, send() {} };
    setTimeout(() => socket.onerror?.(new Event('error')));
    return socket;
  }

  return {
    get isLost() { return isLost(); },

    /** Cuts every connection, and lets no new one through for so long. */
    lose(ms) {
      backAt = Math.max(backAt, performance.now() + ms);
      for (const cut of [...open]) cut();
    },
  };
})();
