import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { NAME } from '../src/name.js';
import { testApp } from './helpers.js';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

test('the stub answers the name of the service', async () => {
  const { app } = testApp();
  assert.deepEqual((await app.inject('/')).json(), { service: NAME });
});

test('a request makes one summary line', async () => {
  const { app, lines } = testApp();
  const headers = { 'user-agent': 'tester/1', 'accept-language': 'de', 'x-request-id': 'abc 1' };
  const response = await app.inject({ url: '/?secret=1', headers });

  assert.equal(response.headers['x-request-id'], 'abc 1');
  assert.equal(lines.length, 1);
  assert.equal(lines[0].Type, 'request.summary');
  assert.equal(lines[0].Severity, 6);
  const { t, ...fields } = lines[0].Fields;
  assert.ok(Number.isInteger(t) && t >= 0 && t < 10_000);
  assert.deepEqual(fields, {
    agent: 'tester/1',
    errno: 0,
    method: 'GET',
    path: '/',
    code: 200,
    lang: 'de',
    uid: '',
    rid: 'abc 1',
  });
});

test('a request id that is long or not printable is replaced', async () => {
  for (const id of [undefined, '', 'x'.repeat(129), 'tab\there', 'ünï']) {
    const { app, fields } = testApp();
    const headers = id === undefined ? {} : { 'x-request-id': id };
    const response = await app.inject({ url: '/', headers });
    assert.match(response.headers['x-request-id'], UUID, id);
    assert.equal(fields('request.summary').rid, response.headers['x-request-id']);
  }
});

test('what a client sends is logged in bounded length', async () => {
  const { app, fields } = testApp();
  const long = 'x'.repeat(5000);
  await app.inject({ url: `/${long}`, headers: { 'user-agent': long, 'accept-language': long } });
  const { agent, lang, path } = fields('request.summary');
  assert.deepEqual([agent.length, lang.length, path.length], [256, 256, 1024]);
});

test('an unknown path is a 404 whatever its method and body', async () => {
  const { app, lines } = testApp();
  for (const method of ['GET', 'HEAD', 'POST', 'DELETE']) {
    const body = { headers: { 'content-type': 'application/json' }, payload: '{' };
    const response = await app.inject({ method, url: '/nope', ...(method === 'POST' && body) });
    assert.equal(response.statusCode, 404);
    if (method !== 'HEAD') assert.deepEqual(response.json(), { error: 'not found' });
    assert.match(response.headers['x-request-id'], UUID);
    const { Type, Fields } = lines.at(-1);
    assert.equal(Type, 'request.summary');
    assert.deepEqual([Fields.method, Fields.code, Fields.errno], [method, 404, 404]);
  }
  assert.equal(lines.length, 4);
});

test('a malformed URL is a 400 with its summary', async () => {
  const { app, lines } = testApp();
  const response = await app.inject('/%zz');
  assert.equal(response.statusCode, 400);
  assert.equal(lines.length, 1);
  assert.equal(lines[0].Fields.code, 400);
  assert.equal(lines[0].Fields.rid, response.headers['x-request-id']);
});

test('an uncaught error is logged with its traceback and answered without it', async () => {
  const thrown = [
    new Error('secret'),
    'secret',
    undefined,
    Object.assign(new Error(), { statusCode: 200 }),
  ];
  for (const value of thrown) {
    const { app, lines } = testApp();
    app.get('/boom', async () => {
      throw value;
    });
    const response = await app.inject('/boom');
    assert.equal(response.statusCode, 500);
    assert.deepEqual(response.json(), { error: 'internal server error' });

    const [error, summary] = lines;
    assert.equal(lines.length, 2);
    assert.equal(error.Type, 'request.error');
    assert.equal(error.Severity, 3);
    assert.deepEqual(Object.keys(error.Fields), ['rid', 'error', 'traceback']);
    assert.match(error.Fields.traceback, /\n {4}at /);
    assert.equal(summary.Type, 'request.summary');
    assert.deepEqual([summary.Fields.code, summary.Fields.errno], [500, 500]);
    assert.equal(summary.Fields.rid, error.Fields.rid);
  }
});

test('a stream that breaks off is logged as an error', async () => {
  const { app, lines } = testApp();
  app.get('/stream', (_request, reply) => {
    const body = async function* () {
      yield 'first';
      throw new Error('broken');
    };
    reply.send(Readable.from(body()));
  });
  await assert.rejects(app.inject('/stream'));
  assert.deepEqual(
    lines.map((line) => [line.Type, line.Fields.error]),
    [
      ['request.error', 'broken'],
      ['request.summary', undefined],
    ],
  );
});

test('a slow client is given up', () => {
  const { server } = testApp().app;
  assert.equal(server.headersTimeout, 10_000);
  assert.equal(server.requestTimeout, 30_000);
  assert.equal(server.timeout, 60_000);
  assert.equal(server.keepAliveTimeout, 75_000);
});

test('a body over 1 MiB is refused', async () => {
  const { app, fields } = testApp();
  app.post('/echo', async (request) => request.body);
  const headers = { 'content-type': 'text/plain' };
  const post = (size) =>
    app.inject({ method: 'POST', url: '/echo', headers, payload: 'x'.repeat(size) });
  assert.equal((await post(1024 * 1024 + 1)).statusCode, 413);
  assert.equal(fields('request.summary').code, 413);
  assert.equal((await post(1024 * 1024)).statusCode, 200);
});

test('a client that goes away is told apart from an answered one', async (t) => {
  const { app, fields } = testApp();
  t.after(() => app.close());
  const reached = new Promise((resolve) => {
    app.get('/slow', (_request, reply) => {
      resolve(reply.raw);
      return new Promise(() => {});
    });
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  const client = connect(app.server.address().port, '127.0.0.1');
  client.write('GET /slow HTTP/1.1\r\nHost: x\r\n\r\n');
  const response = await reached;
  client.destroy();
  await once(response, 'close');
  assert.equal(fields('request.summary').code, 499);
});
