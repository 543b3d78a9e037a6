import { Server } from 'node:net';
import { setTimeout as delay, setImmediate } from 'node:timers/promises';
import { createApp } from './app.js';
import { createChecks } from './checks.js';
import { readConfig } from './config.js';
import { createStatsd } from './statsd.js';

const GRACE = 10_000;
const LULL = 500;

/** Starts the service and stops it on SIGTERM and SIGINT. */
export async function main(log, env) {
  const config = configure(log, env);
  const statsd = config.statsd && createStatsd(config.statsd, log);
  const app = createApp({ log, statsd, checks: createChecks(config) });

  let stopping = false;
  const stop = async (signal) => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => app.server.closeAllConnections(), GRACE).unref();
    // What waits in a connection, not read yet, is answered: the close of an HTTP server would take
    // that connection for idle, and end it.
    Server.prototype.close.call(app.server);
    await delay(LULL);
    await app.close();
    await setImmediate(); // connections that had to be cut report their requests now
    if (statsd) await new Promise((resolve) => statsd.close(resolve));
    log.info({ type: 'app.stop', signal });
    process.exit(0);
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);

  // The empty host is Node's default: all interfaces, IPv6 too where there is any.
  app.log.level = 'silent'; // or Fastify announces each address
  await app.listen({ host: '', port: config.port });
  app.log.level = config.logLevel;
  log.info({ type: 'app.start', port: config.port });
}

function configure(log, env) {
  try {
    const config = readConfig(env);
    log.level = config.logLevel;
    return config;
  } catch (error) {
    log.fatal({ type: 'app.config', error: error.message });
    process.exit(1);
  }
}
