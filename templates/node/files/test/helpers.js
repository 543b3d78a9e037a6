import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { createApp } from '../src/app.js';
import { createLogger } from '../src/mozlog.js';

const ROOT = new URL('..', import.meta.url);

/** A logger that keeps its lines, parsed, in `lines`. */
export function recordingLogger() {
  const lines = [];
  return { log: createLogger({ write: (line) => lines.push(JSON.parse(line)) }), lines };
}

/** The application with its log lines, for app.inject(). */
export function testApp(options) {
  const { log, lines } = recordingLogger();
  const app = createApp({ log, checks: {}, ...options });
  return { app, lines, fields: (type) => lines.find((line) => line.Type === type)?.Fields };
}

export async function listen(server) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server.address().port;
}

export async function freePort() {
  const server = createServer();
  const port = await listen(server);
  server.close();
  await once(server, 'close');
  return port;
}

/** A UDP server on loopback which ends with the test. */
export async function statsdServer(t) {
  const server = createSocket('udp4').bind(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  return { server, port: server.address().port };
}

/** Runs node in a process of its own; `lines` and `stderr` are complete once `exit` has resolved. */
export function run(t, env, args = ['server.js']) {
  const child = spawn(process.execPath, args, { cwd: ROOT, env });
  t.after(() => child.kill('SIGKILL'));
  const service = { child, lines: [], stderr: '' };
  child.stderr.on('data', (chunk) => {
    service.stderr += chunk;
  });
  const stdout = createInterface({ input: child.stdout });
  stdout.on('line', (line) => service.lines.push(JSON.parse(line)));
  service.started = Promise.race([once(stdout, 'line'), once(child, 'close')]);
  service.exit = once(child, 'close').then(([code, signal]) => code ?? signal);
  return service;
}
