// node tests/Recovery.Chaos/rounds/main.mjs [--rounds 50] [--processes 3] [--clients 200] [--js 10] [--rooms 20] [--rate 500] [--sync never|interval|always]
// Processes that share a folder, clients in rooms, a steady stream of events; in each round one process is killed with kill -9. Everybody has to be recovered on
// another process, and nobody may have missed an event or got one twice. Exit code 1 when that is not so.

import { parseArgs } from 'node:util';
import { serverCommand, startServer } from '../server.mjs';
import { Rounds } from './rounds.mjs';

for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130)); // the servers end with us

const { values } = parseArgs({
  options: Object.fromEntries(Object.entries({ rounds: '50', processes: '3', clients: '200', js: '10', rooms: '20', rate: '500', sync: 'never' })
    .map(([name, usual]) => [name, { type: 'string', default: usual }])),
});
const [rounds, processes, clients, js, rooms, rate] = ['rounds', 'processes', 'clients', 'js', 'rooms', 'rate'].map(name => Number(values[name]));

const server = await startServer(serverCommand('chaos'), { bus: 'files', processes, sync: values.sync });
const run = new Rounds({ server, clients, js, rooms, rate, print: text => console.log(text) });
const faults = await run.run(rounds);
for (const fault of faults.slice(0, 20)) console.log(fault);
console.log(run.summary());
await server.stop();
process.exit(faults.length > 0 ? 1 : 0); // nothing that a fault left behind keeps us
