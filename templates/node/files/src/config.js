import { isIP } from 'node:net';

// The names of LOG_LEVEL, and what pino calls them.
const LEVELS = new Map([
  ['debug', 'debug'],
  ['info', 'info'],
  ['warning', 'warn'],
  ['error', 'error'],
  ['critical', 'fatal'],
]);

/** Reads the configuration from the environment; an empty variable counts as unset. */
export function readConfig(env) {
  const read = (variable, parse, fallback) => {
    if (!env[variable]) return fallback;
    try {
      return parse(env[variable]);
    } catch (error) {
      // The value stays out of the message: it may hold a secret.
      throw new Error(`${variable}: want ${error.message}`);
    }
  };

  const statsdHost = read('STATSD_HOST', parseHost);
  const statsdPort = read('STATSD_PORT', parsePort, 8125);
  return {
    port: read('PORT', parsePort, 8000),
    logLevel: read('LOG_LEVEL', parseLevel, 'info'),
    statsd: statsdHost && { host: statsdHost, port: statsdPort },
    backendUrl: read('BACKEND_URL', parseUrl),
  };
}

function parsePort(text) {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65535) throw new Error('an integer from 1 to 65535');
  return port;
}

function parseLevel(text) {
  const level = LEVELS.get(text);
  if (!level) throw new Error(`one of ${[...LEVELS.keys()].join(', ')}`);
  return level;
}

function parseHost(text) {
  if (!isIP(text) && !/^[\w.-]+$/.test(text)) throw new Error('a host name or an IP address');
  return text;
}

function parseUrl(text) {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!/^https?:$/.test(url?.protocol) || url.username || url.password) {
    throw new Error('an http or https URL without user name and password');
  }
  return url.href;
}
