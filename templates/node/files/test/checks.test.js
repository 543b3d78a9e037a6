import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { createChecks } from '../src/checks.js';
import { freePort, listen } from './helpers.js';

async function backendAnswering(t, status) {
  const server = createServer((_request, response) => {
    response.writeHead(status, { location: '/elsewhere' }).end('body');
  });
  t.after(() => server.close());
  const backendUrl = `http://127.0.0.1:${await listen(server)}/`;
  return () => createChecks({ backendUrl }).backend(AbortSignal.timeout(1000));
}

test('there is no check without BACKEND_URL', () => {
  assert.deepEqual(createChecks({}), {});
});

test('a backend is well when it answers below 500; redirects are not followed', async (t) => {
  for (const status of [200, 302, 404]) await (await backendAnswering(t, status))();
});

test('a backend that answers 500 or above fails', async (t) => {
  for (const status of [500, 503]) {
    await assert.rejects(await backendAnswering(t, status), { message: `answered ${status}` });
  }
});

test('a backend that is not there fails', async () => {
  const backendUrl = `http://127.0.0.1:${await freePort()}/`;
  await assert.rejects(createChecks({ backendUrl }).backend(AbortSignal.timeout(1000)));
});
