import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readConfig } from '../src/config.js';

const DEFAULTS = { port: 8000, logLevel: 'info', statsd: undefined, backendUrl: undefined };

test('unset and empty variables mean the defaults', () => {
  assert.deepEqual(readConfig({}), DEFAULTS);
  const empty = { PORT: '', STATSD_HOST: '', STATSD_PORT: '', LOG_LEVEL: '', BACKEND_URL: '' };
  assert.deepEqual(readConfig(empty), DEFAULTS);
});

test('every variable is read', () => {
  const config = readConfig({
    PORT: '65535',
    STATSD_HOST: 'statsd.example',
    STATSD_PORT: '9125',
    LOG_LEVEL: 'warning',
    BACKEND_URL: 'https://backend.example/health',
  });
  assert.deepEqual(config, {
    port: 65535,
    logLevel: 'warn',
    statsd: { host: 'statsd.example', port: 9125 },
    backendUrl: 'https://backend.example/health',
  });
  assert.deepEqual(readConfig({ STATSD_HOST: '::1' }).statsd, { host: '::1', port: 8125 });
});

const BAD = {
  PORT: ['0', '65536', '80a', '-1', '8000.0', ' 8000', '1e3', '٨٠'],
  STATSD_PORT: ['0', 'statsd'],
  STATSD_HOST: ['http://statsd', 'statsd:8125', 'a b'],
  LOG_LEVEL: ['verbose', 'INFO', 'constructor'],
  BACKEND_URL: [
    'backend',
    'ftp://backend',
    '//backend',
    'http://',
    'http://me@backend',
    'http://:secret@backend',
  ],
};

for (const [variable, values] of Object.entries(BAD)) {
  test(`a bad ${variable} is refused without being repeated`, () => {
    for (const value of values) {
      assert.throws(
        () => readConfig({ [variable]: value }),
        ({ message }) => message.startsWith(`${variable}: want `) && !message.includes(value),
        value,
      );
    }
  });
}
