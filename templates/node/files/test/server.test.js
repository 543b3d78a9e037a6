import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, createServer, get } from 'node:http';
import { connect } from 'node:net';
import { test } from 'node:test';
import { NAME } from '../src/name.js';
import { freePort, listen, run, statsdServer } from './helpers.js';

for (const signal of ['SIGTERM', 'SIGINT']) {
  test(`${signal} lets a request in flight finish, then ends well`, async (t) => {
    const statsd = await statsdServer(t);
    const backend = createServer();
    t.after(() => backend.close());
    const port = await freePort();
    const service = run(t, {
      PORT: String(port),
      STATSD_HOST: '127.0.0.1',
      STATSD_PORT: String(statsd.port),
      BACKEND_URL: `http://127.0.0.1:${await listen(backend)}/`,
    });
    await service.started;

    const inFlight = fetch(`http://127.0.0.1:${port}/__heartbeat__`);
    const [, answer] = await once(backend, 'request');
    const packet = once(statsd.server, 'message');
    service.child.kill(signal);
    while (await accepts(port));
    answer.end();

    const response = await inFlight;
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('connection'), 'close');
    assert.equal((await response.json()).checks.backend, 'ok');
    assert.equal(await service.exit, 0);
    assert.match(String((await packet)[0]), new RegExp(`^${NAME}.request.count.200:1\\|c\n`));
    assert.equal(service.stderr, '');
    assert.deepEqual(
      service.lines.map((line) => line.Type),
      ['app.start', 'request.summary', 'app.stop'],
    );
    assert.deepEqual(service.lines[0].Fields, { port });
  });
}

test('SIGTERM answers what waits in a connection', async (t) => {
  const port = await freePort();
  const service = run(t, { PORT: String(port) });
  await service.started;
  const agent = new Agent({ keepAlive: true });
  t.after(() => agent.destroy());
  const ask = async () => {
    const [response] = await once(get({ agent, host: '127.0.0.1', port }), 'response');
    await once(response.resume(), 'end');
    return response;
  };

  assert.equal((await ask()).headers.connection, 'keep-alive');
  service.child.kill('SIGTERM');
  while (await accepts(port));
  const response = await ask();
  assert.equal(response.statusCode, 200);
  assert.equal(response.headers.connection, 'close');
  assert.equal(await service.exit, 0);
});

test('a bad configuration is one line and exit code 1', async (t) => {
  const service = run(t, { PORT: 'http' });
  assert.equal(await service.exit, 1);
  assert.equal(service.stderr, '');
  assert.equal(service.lines.length, 1);
  const [{ Type, Severity, Fields }] = service.lines;
  assert.deepEqual([Type, Severity], ['app.config', 2]);
  assert.deepEqual(Fields, { error: 'PORT: want an integer from 1 to 65535' });
});

test('a port in use is one line and exit code 1', async (t) => {
  const other = createServer();
  t.after(() => other.close());
  other.listen(0);
  await once(other, 'listening');
  const service = run(t, { PORT: String(other.address().port) });
  assert.equal(await service.exit, 1);
  assert.equal(service.stderr, '');
  assert.equal(service.lines.length, 1);
  const [{ Type, Severity, Fields }] = service.lines;
  assert.deepEqual([Type, Severity], ['app.error', 2]);
  assert.match(Fields.error, /EADDRINUSE/);
  assert.match(Fields.traceback, /EADDRINUSE/);
});

test('what Node and libraries print becomes log lines', async (t) => {
  const script = `
    import { createLogger } from './src/mozlog.js';
    import { captureProcess } from './src/process.js';
    captureProcess(createLogger());
    console.error('hello %s', 'you');
    process.emitWarning('careful');
    setImmediate(() => Promise.reject(new Error('lost')));
  `;
  const service = run(t, {}, ['--input-type=module', '--eval', script]);
  assert.equal(await service.exit, 1);
  assert.equal(service.stderr, '');
  assert.deepEqual(
    service.lines.map((line) => [line.Type, line.Severity, line.Fields.msg ?? line.Fields.error]),
    [
      ['app.console', 3, 'hello you'],
      ['app.warning', 4, 'careful'],
      ['app.error', 2, 'lost'],
    ],
  );
});

function accepts(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => resolve(false));
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}
