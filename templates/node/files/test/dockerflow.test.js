import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { CheckFailure, heartbeat } from '../src/heartbeat.js';
import { recordingLogger, testApp } from './helpers.js';

const ENDPOINTS = ['/', '/__version__', '/__lbheartbeat__', '/__heartbeat__'];

test('/__version__ answers the bytes of version.json', async () => {
  const { app } = testApp();
  const response = await app.inject('/__version__');
  assert.equal(response.statusCode, 200);
  assert.match(response.headers['content-type'], /^application\/json/);
  assert.deepEqual(
    response.rawPayload,
    await readFile(new URL('../version.json', import.meta.url)),
  );
});

test('/__version__ without a version.json is a 404', async () => {
  const { app } = testApp({ versionFile: new URL('./missing.json', import.meta.url) });
  const response = await app.inject('/__version__');
  assert.equal(response.statusCode, 404);
  assert.deepEqual(response.json(), { error: 'version.json not found' });
});

test('/__lbheartbeat__ is well while a dependency is down', async () => {
  const { app } = testApp({ checks: { down: () => Promise.reject(new Error('down')) } });
  const response = await app.inject('/__lbheartbeat__');
  assert.equal(response.statusCode, 200);
  assert.deepEqual(response.json(), { status: 'ok' });
});

test('/__heartbeat__ without a failing check is ok', async () => {
  const { app } = testApp({ checks: { fine: async () => {} } });
  const response = await app.inject('/__heartbeat__');
  assert.equal(response.statusCode, 200);
  assert.deepEqual(response.json(), { status: 'ok', checks: { fine: 'ok' }, details: {} });
});

test('/__heartbeat__ with a failing check is a 500 that says which, and logs why', async () => {
  const checks = {
    fine: async () => {},
    down: () => {
      throw new Error('no such host');
    },
  };
  const { app, fields } = testApp({ checks });
  const response = await app.inject('/__heartbeat__');
  assert.equal(response.statusCode, 500);
  assert.deepEqual(response.json(), {
    status: 'error',
    checks: { fine: 'ok', down: 'error' },
    details: {
      down: { status: 'error', level: 40, messages: { 'down.error': 'no such host' } },
    },
  });
  assert.equal(fields('app.heartbeat').check, 'down');
  assert.equal(fields('app.heartbeat').error, 'no such host');
});

test('a warning is told but still a 200', async () => {
  const checks = { slow: () => Promise.reject(new CheckFailure('lagging', 'warning')) };
  const { app } = testApp({ checks });
  const response = await app.inject('/__heartbeat__');
  assert.equal(response.statusCode, 200);
  assert.equal(response.json().status, 'warning');
  assert.equal(response.json().details.slow.level, 30);
});

test('checks run at once, and one that hangs is an error when its time is up', async () => {
  let aborted = false;
  let running = 0;
  const hang = (signal) => {
    running += 1;
    signal.addEventListener('abort', () => {
      aborted = true;
    });
    return new Promise(() => {});
  };
  const result = heartbeat({ one: hang, two: hang }, recordingLogger().log, 20);
  assert.equal(running, 2);
  const { healthy, body } = await result;
  assert.equal(healthy, false);
  assert.equal(aborted, true);
  assert.deepEqual(body.checks, { one: 'error', two: 'error' });
  assert.deepEqual(body.details.one.messages, { 'one.error': 'no answer within 20 ms' });
});

test('HEAD answers as GET does, without the body', async () => {
  const { app } = testApp();
  for (const url of ENDPOINTS) {
    const get = await app.inject(url);
    const head = await app.inject({ method: 'HEAD', url });
    assert.equal(head.statusCode, 200, url);
    assert.equal(head.body, '', url);
    assert.equal(head.headers['content-length'], get.headers['content-length'], url);
  }
});

test('any Host is served and nothing is redirected', async () => {
  const { app } = testApp();
  for (const url of ENDPOINTS) {
    const response = await app.inject({ url, headers: { host: 'anything.example' } });
    assert.equal(response.statusCode, 200, url);
  }
  for (const url of ['/__version__/', '//__version__', '/__VERSION__']) {
    assert.equal((await app.inject(url)).statusCode, 404, url);
  }
});
