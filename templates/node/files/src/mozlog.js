import { hostname } from 'node:os';
import { format, inspect } from 'node:util';
import pino from 'pino';
import { NAME } from './name.js';

const SEVERITY = { fatal: 2, error: 3, warn: 4, info: 6, debug: 7, trace: 7 };
const BOUND = Symbol('bound fields');

/**
 * A pino logger whose lines are mozlog 2.0: log.info({ type: 'app.start', port }, 'ready') writes
 * Type "app.start" and Fields { port, msg: "ready" }; `err` becomes Fields error and traceback.
 */
export function createLogger(destination = pino.destination({ dest: 1, sync: true })) {
  const log = pino(
    {
      base: { Logger: NAME, Hostname: hostname(), EnvVersion: '2.0', Pid: process.pid },
      formatters: { level: (label) => ({ Severity: SEVERITY[label] }) },
      timestamp,
      hooks: { logMethod },
    },
    destination,
  );
  log[BOUND] = {};

  // pino would write a child's bindings beside Fields; they belong inside.
  const { child } = log;
  log.child = function (bindings, options) {
    const instance = child.call(this, {}, options);
    instance[BOUND] = { ...this[BOUND], ...bindings };
    return instance;
  };
  return log;
}

// Writing out the time is dear: once a millisecond is enough.
let stamped = 0;
let stamp = '';

function timestamp() {
  const now = Date.now();
  if (now !== stamped) {
    stamped = now;
    stamp = `,"Timestamp":${now}000000,"Time":"${new Date(now).toISOString()}"`;
  }
  return stamp;
}

function logMethod(args, method) {
  const details = typeof args[0] === 'object' ? args[0] : null;
  const text = details === args[0] ? args.slice(1) : args;
  const fields = {};
  addFields(fields, this[BOUND]);
  addFields(fields, details instanceof Error ? { err: details } : details);
  if (text.length > 0) fields.msg = format(...text);
  const type = details?.type ?? 'app.log';
  if (Object.keys(fields).length === 0) fields.msg = type;
  method.call(this, { Type: type, Fields: fields });
}

function addFields(fields, source) {
  for (const key in source) {
    const value = source[key];
    if (key === 'err' || value instanceof Error) {
      const error = value instanceof Error ? value : new Error(`thrown: ${inspect(value)}`);
      const { type, message, stack } = pino.stdSerializers.err(error);
      fields.error = message || type;
      fields.traceback = stack;
    } else if (key !== 'type' && value !== null && value !== undefined) {
      fields[key] = scalar(value);
    }
  }
}

function scalar(value) {
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  return Number.isFinite(value) ? value : inspect(value, { breakLength: Infinity });
}
