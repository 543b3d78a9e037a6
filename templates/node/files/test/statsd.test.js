import assert from 'node:assert/strict';
import dns from 'node:dns';
import { once } from 'node:events';
import { test } from 'node:test';
import { NAME } from '../src/name.js';
import { createStatsd } from '../src/statsd.js';
import { freePort, recordingLogger, statsdServer, testApp } from './helpers.js';

const close = (statsd) => new Promise((resolve) => statsd.close(resolve));

test('each request is counted and timed', async (t) => {
  const { server, port } = await statsdServer(t);
  process.env.DD_TAGS = 'no:thanks';
  t.after(() => delete process.env.DD_TAGS);
  const statsd = createStatsd({ host: '127.0.0.1', port }, recordingLogger().log);
  const { app } = testApp({ statsd });

  await app.inject('/');
  await app.inject('/nope');
  const packet = once(server, 'message');
  await close(statsd);

  const metrics = String((await packet)[0]).replace(/:\d+(\.\d{1,3})?\|ms$/gm, ':T|ms');
  assert.deepEqual(metrics.split('\n'), [
    `${NAME}.request.count.200:1|c`,
    `${NAME}.request.time:T|ms`,
    `${NAME}.request.count.404:1|c`,
    `${NAME}.request.time:T|ms`,
  ]);
});

test('a host name is looked up once for many packets, and for IPv4', async (t) => {
  const { server, port } = await statsdServer(t);
  const lookup = t.mock.method(dns, 'lookup', (_name, _options, callback) => {
    callback(null, '127.0.0.1', 4);
  });
  const statsd = createStatsd({ host: 'statsd.test', port }, recordingLogger().log);
  for (let packets = 0; packets < 3; packets += 1) {
    const packet = once(server, 'message');
    statsd.increment('x');
    statsd.flush();
    await packet;
  }
  await close(statsd);

  const asked = lookup.mock.calls.map((call) => call.arguments);
  const forServer = asked.filter(([name]) => name === 'statsd.test');
  assert.deepEqual(
    forServer.map(([, options]) => options),
    [{ family: 4 }],
  );
});

test('nobody listening harms nobody', async () => {
  const { log, lines } = recordingLogger();
  const statsd = createStatsd({ host: '127.0.0.1', port: await freePort() }, log);
  const { app } = testApp({ statsd });
  for (let i = 0; i < 100; i += 1) assert.equal((await app.inject('/')).statusCode, 200);
  await close(statsd);
  assert.deepEqual(lines, []);
});

test('trouble with statsd is logged, once a minute at most', async () => {
  const { log, lines } = recordingLogger();
  const statsd = createStatsd({ host: '127.0.0.1', port: 8125 }, log);
  statsd.errorHandler(new Error('first'));
  statsd.errorHandler(new Error('second'));
  await close(statsd);
  assert.deepEqual(
    lines.map((line) => [line.Type, line.Severity, line.Fields.error]),
    [['app.statsd', 4, 'first']],
  );
});
