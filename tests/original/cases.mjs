// Each case is one thing that an application may want of connection state recovery. `run` does it on a server, and answers whether the server does what is asked for.
// The client is the official one; `row` is the row of the table of recovery cases, and `original` what the npm package answers when it is not "no".

// The ordinary case, with every set of options and over the wire that others cut: both servers do it, so that a "no" below says something.
const ordinary = ['plain', 'small', 'checked', 'plain over a link'].map(way => ({
  row: '-', name: way, asked: `an ordinary cut (${way}): recovered, nothing lost`, kind: way.split(' ')[0], original: true,
  async run({ connect, cut, link, server, resume }) {
    const client = await connect(way.includes('link') ? { over: link } : {});
    await cut(client);
    for (const n of [1, 2, 3]) await server.tell('emit', { name: 'n', args: [n] });
    await resume(client);
    await server.tell('emit', { name: 'n', args: [4] });
    await cut(client);
    await resume(client);
    return client.recovered && client.got('n', [1], [2], [3], [4]);
  },
}));

export const cases = [
  ...ordinary,
  {
    row: 'W1', asked: 'the client is back before the server has noticed the cut: recovered, nothing lost',
    async run({ connect, link, server, resume }) {
      const client = await connect({ over: link });
      link.breakUnseen();
      await client.gone;
      await server.tell('emit', { name: 'n', args: [1] });
      await resume(client);
      return client.recovered && client.got('n', [1]);
    },
  },
  {
    row: 'W2', asked: 'cut before the first event: recovered, nothing lost',
    async run({ connect, cut, server, resume }) {
      const client = await connect({ hello: false });
      await cut(client);
      await server.tell('emit', { name: 'n', args: [1] });
      await resume(client);
      return client.recovered && client.got('n', [1]);
    },
  },
  {
    row: 'W3', asked: 'an idle client, whose last event is no longer kept: recovered', kind: 'small',
    async run({ connect, cut, server, resume }) {
      const client = await connect();
      await server.tell('forget');
      await cut(client);
      await server.tell('emit', { name: 'n', args: [1] });
      await resume(client);
      return client.recovered && client.got('n', [1]);
    },
  },
  {
    row: 'W4', asked: 'the last event before the cut is volatile and ends in a string: recovered, nothing lost',
    async run({ connect, cut, server, resume, settle }) {
      const client = await connect();
      await server.tell('emit', { name: 'position', args: ['here'], volatile: true });
      await settle(client);
      await cut(client);
      await server.tell('emit', { name: 'n', args: [1] });
      await resume(client);
      return client.got('position', ['here']) && client.recovered && client.got('n', [1]);
    },
  },
  {
    row: 'W5', asked: 'the application has an `offset` of its own in auth: recovered when nothing was missed', kind: 'small',
    async run({ connect, cut, resume, settle }) {
      const client = await connect({ auth: { offset: 'mine' } });
      await client.pinged();
      await settle(client);
      await cut(client);
      await resume(client);
      return client.recovered;
    },
  },
  {
    row: 'W9', asked: 'missed events are no longer kept: id and rooms come back all the same, and recovered is false', kind: 'small',
    async run({ connect, cut, server, resume }) {
      const client = await connect();
      const { id } = client.socket;
      await server.tell('join', { sid: id, room: 'r' });
      await server.tell('forget');
      await cut(client);
      for (let n = 0; n < 30; n++) await server.tell('emit', { name: 'n', args: [n] });
      await resume(client);
      const state = await server.tell('state', { sid: client.socket.id });
      return client.socket.id === id && state.rooms.includes('r') && !client.recovered && !state.recovered;
    },
  },
  {
    row: 'W12', asked: 'an event while the middlewares of the return run: delivered', kind: 'checked',
    async run({ connect, cut, server, resume }) {
      const client = await connect();
      await cut(client);
      await server.tell('close-gate');
      const back = resume(client);
      await server.tell('at-gate');
      await server.tell('emit', { name: 'n', args: [1] });
      await server.tell('open-gate');
      await back;
      return client.recovered && client.got('n', [1]);
    },
  },
  {
    row: 'W13', asked: 'an emit in a middleware: delivered',
    async run({ connect }) {
      const client = await connect({ auth: { greet: true } });
      return client.got('greeting', []);
    },
  },
  {
    row: 'W14', asked: 'a question from before the cut, answered after the return: the answer arrives',
    async run({ connect, cut, server, resume, settle }) {
      const client = await connect();
      const question = new Promise(resolve => client.socket.once('question', resolve));
      await server.tell('ask', { sid: client.socket.id, name: 'question' });
      const answer = await question;
      await cut(client);
      await resume(client);
      answer('late');
      await settle(client);
      return client.recovered && await server.tell('answer') === 'late';
    },
  },
  {
    row: 'W16', name: 'joined late', asked: 'an event to a room from before the client joined it: not delivered',
    async run({ connect, cut, server, resume }) {
      const client = await connect();
      await server.tell('emit', { room: 'r', name: 'before', args: [] });
      await server.tell('join', { sid: client.socket.id, room: 'r' });
      await cut(client);
      await resume(client);
      return client.recovered && client.got('before');
    },
  },
  {
    row: 'W16', name: 'left early', asked: 'an event to a room that is still on its way when the client leaves the room: delivered',
    async run({ connect, link, server, resume }) {
      const client = await connect({ over: link });
      const { id } = client.socket;
      await server.tell('join', { sid: id, room: 'r' });
      link.hold();
      await server.tell('emit', { room: 'r', name: 'n', args: [1] });
      await server.tell('leave', { sid: id, room: 'r' });
      link.cut();
      await client.gone;
      await server.tell('cut-seen', { sid: id });
      await resume(client);
      return client.recovered && client.got('n', [1]);
    },
  },
  {
    row: 'W17', name: 'disconnected', asked: 'disconnectSockets() for a client that is away: its session is over',
    async run({ connect, cut, server, resume }) {
      const client = await connect();
      const { id } = client.socket;
      await cut(client);
      await server.tell('kick', { sid: id });
      await resume(client);
      return !client.recovered && client.socket.id !== id;
    },
  },
  {
    row: 'W17', name: 'room left', asked: 'socketsLeave() for a client that is away: it comes back without the room',
    async run({ connect, cut, server, resume }) {
      const client = await connect();
      const { id } = client.socket;
      await server.tell('join', { sid: id, room: 'r' });
      await cut(client);
      await server.tell('leave', { sid: id, room: 'r' });
      await server.tell('emit', { room: 'r', name: 'after', args: [] });
      await resume(client);
      return client.recovered && client.got('after') && !(await server.tell('state', { sid: id })).rooms.includes('r');
    },
  },
  {
    row: 'W21', asked: 'a second cut in the middle of the return, wherever it falls: every event once',
    async run({ connect, cut, link, server, resume }) {
      for (const frames of [2, 3, 4]) { // the first opens the connection
        const client = await connect({ over: link });
        await cut(client);
        for (const n of [1, 2, 3]) await server.tell('emit', { name: 'n', args: [n] });
        link.cutAfter(frames);
        await client.loseNext();
        await server.tell('cut-seen', { sid: client.id, count: 2 });
        await resume(client);
        if (!client.recovered || !client.got('n', [1], [2], [3])) return false;
        await cut(client);
      }
      return true;
    },
  },
  {
    row: 'W22', asked: 'the middlewares refuse the client that comes back: it has been sent none of the missed events', kind: 'checked',
    async run({ connect, cut, server }) {
      const client = await connect();
      await cut(client);
      await server.tell('emit', { name: 'n', args: [1] });
      client.socket.auth = { unwanted: true };
      const refused = new Promise(resolve => client.socket.once('connect_error', resolve));
      const events = [];
      client.socket.connect();
      client.socket.io.engine.on('packet', packet => { if (/^2/.test(packet.data)) events.push(packet.data); });
      return (await refused).message === 'unwanted' && events.length === 0;
    },
  },
  {
    row: 'W25', asked: 'an event with more binary values than the client decodes: the connection does not end at the return as well',
    async run({ connect, server, settle, resume }) {
      const client = await connect();
      if (await server.tell('emit-binary', { name: 'binary', count: 11 }) === 'refused') {
        await settle(client);
        return client.socket.connected;
      }
      await client.gone;
      await server.tell('cut-seen', { sid: client.id });
      return await Promise.race([client.loseNext().then(() => false), resume(client).then(() => true)]);
    },
  },
  {
    row: 'W27', asked: 'an object that is changed after it was emitted: replayed as it was emitted',
    async run({ connect, cut, server, resume }) {
      const client = await connect();
      await cut(client);
      await server.tell('emit-then-change', { name: 'object' });
      await resume(client);
      return client.recovered && client.got('object', [{ count: 1 }]);
    },
  },
  {
    row: 'W37', asked: 'two CONNECT packets in one burst: one connection to the namespace',
    async run({ raw }) {
      const answers = await raw(socket => {
        for (let i = 0; i < 2; i++) socket.send('40{"pid":"AAAAAAAAAAAAAAAAAAAAAAAA","offset":"none"}');
      });
      return answers === 1;
    },
  },
];
