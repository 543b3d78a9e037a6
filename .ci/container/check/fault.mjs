// Breaks the contract of the service that it is loaded into, as $FAULT says.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { Server as HTTP } from 'node:http';
import { Server } from 'node:net';

const answer = (res, code, body, headers) => {
  res.writeHead(code, { 'Content-Type': 'application/json', ...headers });
  res.end(body);
};

/** Answers requests in the service's place, unless it gives false. */
function intercept(handler) {
  const emit = HTTP.prototype.emit;
  HTTP.prototype.emit = function (event, req, res) {
    if (event === 'request' && handler(req, res) !== false) return true;
    return emit.apply(this, arguments);
  };
}

const on = (path, act) => intercept((req, res) => req.url === path && act(req, res));

const faults = {
  'ignores PORT': () => {
    process.env.PORT = '8000';
  },
  'takes any PORT': () => {
    if (!/^\d+$/.test(process.env.PORT)) process.env.PORT = '8000';
  },
  'binds to 127.0.0.1': () => {
    const { listen } = Server.prototype;
    Server.prototype.listen = function (options, ...rest) {
      return listen.call(this, { ...options, host: '127.0.0.1' }, ...rest);
    };
  },
  'another version': () =>
    on('/__version__', (_, res) => existsSync('/app/version.json') &&
      (answer(res, 200, '{"source":"","version":"x","commit":"","build":""}'), true)),
  'crashes without version.json': () =>
    on('/__version__', (_, res) => !existsSync('/app/version.json') && (answer(res, 500, '{}'), true)),
  'lbheartbeat 500': () => on('/__lbheartbeat__', (_, res) => answer(res, 500, '{}')),
  'heartbeat 404': () => on('/__heartbeat__', (_, res) => answer(res, 404, '{"status":"ok","checks":{},"details":{}}')),
  'no HEAD': () => intercept((req, res) => req.method === 'HEAD' && answer(res, 405)),
  'redirects': () =>
    intercept((req, res) => req.headers['x-forwarded-proto'] === 'http' &&
      answer(res, 301, '', { Location: 'https://elsewhere.invalid/' })),
  'prints': () => console.log('starting'),
  'dies of statsd': () => {
    if (process.env.STATSD_HOST) process.exit(3);
  },
  'ignores SIGTERM': () => {
    const { on } = process;
    process.on = (event, listener) => on.call(process, event, event === 'SIGTERM' ? () => {} : listener);
  },
  'exits 1': () => process.on('exit', () => { process.exitCode = 1; process.reallyExit(1); }),
  'writes to its root': () => writeFileSync('/var/tmp/state', ''),
  'wants new privileges': () => {
    if (/^NoNewPrivs:\s+1/m.test(readFileSync('/proc/self/status'))) process.exit(3);
  },
};

faults[process.env.FAULT]();
