import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import { test } from 'node:test';
import { createLogger } from '../src/mozlog.js';
import { NAME } from '../src/name.js';
import { recordingLogger } from './helpers.js';

test('a line has the keys of mozlog 2.0 and no others', () => {
  let written = '';
  const log = createLogger({
    write: (line) => {
      written += line;
    },
  });
  const before = Date.now();
  log.info({ type: 'app.start', port: 8000 });

  assert.match(written, /^\{.*"Timestamp":\d{19},.*\}\n$/);
  const { Timestamp, Time, ...rest } = JSON.parse(written);
  const milliseconds = Math.round(Timestamp / 1e6);
  assert.ok(milliseconds >= before && milliseconds <= Date.now());
  assert.equal(Date.parse(Time), milliseconds);
  assert.deepEqual(rest, {
    Type: 'app.start',
    Logger: NAME,
    Hostname: hostname(),
    EnvVersion: '2.0',
    Severity: 6,
    Pid: process.pid,
    Fields: { port: 8000 },
  });
});

test('severities are those of syslog', () => {
  const { log, lines } = recordingLogger();
  log.level = 'debug';
  for (const level of ['fatal', 'error', 'warn', 'info', 'debug']) log[level]('x');
  assert.deepEqual(
    lines.map((line) => line.Severity),
    [2, 3, 4, 6, 7],
  );
});

test('an error becomes error and traceback, with its cause', () => {
  const { log, lines } = recordingLogger();
  const error = new TypeError('outer', { cause: new Error('inner') });
  log.error({ type: 'app.error', err: error });
  log.error(error);
  log.error({ err: 'just text' });

  assert.equal(lines[0].Type, 'app.error');
  assert.deepEqual(lines[0].Fields, lines[1].Fields);
  assert.deepEqual(Object.keys(lines[0].Fields), ['error', 'traceback']);
  assert.equal(lines[0].Fields.error, 'outer: inner');
  assert.match(
    lines[0].Fields.traceback,
    /^TypeError: outer\n.*mozlog\.test\.js[\s\S]*Error: inner\n/,
  );
  assert.equal(lines[2].Fields.error, "thrown: 'just text'");
});

test('Fields is flat, has no null and is never empty', () => {
  const { log, lines } = recordingLogger();
  log.info({ a: null, b: undefined, c: { d: [1] }, e: Number.NaN, f: 10n, g: false });
  log.info({ type: 'app.stop' });
  log.info();

  assert.deepEqual(lines[0].Fields, { c: '{ d: [ 1 ] }', e: 'NaN', f: '10n', g: false });
  assert.deepEqual(lines[1].Fields, { msg: 'app.stop' });
  assert.deepEqual(lines[2].Fields, { msg: 'app.log' });
});

test('messages are formatted and the bindings of children are fields', () => {
  const { log, lines } = recordingLogger();
  log.child({ rid: '1' }).child({ user: 'me' }).info({ n: 2 }, 'found %d in %s', 3, 'box');

  assert.equal(lines[0].Type, 'app.log');
  assert.deepEqual(lines[0].Fields, { rid: '1', user: 'me', n: 2, msg: 'found 3 in box' });
  assert.ok(!('rid' in lines[0]));
});
