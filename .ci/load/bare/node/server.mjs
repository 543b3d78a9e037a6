// Fastify as its guide has it, and pino with one line a request: what the generated service is measured against.
import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { hostname } from 'node:os';
import { join } from 'node:path';

// The packages are those of the generated service, in whose folder this runs.
const require = createRequire(join(process.cwd(), 'package.json'));
const { fastify, LogController } = require('fastify');
const pino = require('pino');

const log = pino({
  base: { Logger: 'bare', Hostname: hostname(), EnvVersion: '2.0', Pid: process.pid },
  formatters: { level: () => ({ Severity: 6 }) },
  timestamp: () => `,"Timestamp":${Date.now()}000000,"Time":"${new Date().toISOString()}"`,
  messageKey: 'Type',
});
const app = fastify({
  loggerInstance: log,
  logController: new LogController({ disableRequestLogging: true }),
  genReqId: () => randomUUID(),
});

app.addHook('onResponse', (request, reply, done) => {
  const code = reply.statusCode;
  const Fields = {
    agent: request.headers['user-agent'] ?? '',
    errno: code < 400 ? 0 : code,
    method: request.method,
    path: request.url,
    code,
    lang: request.headers['accept-language'] ?? '',
    uid: '',
    rid: request.id,
    t: Math.round(reply.elapsedTime),
  };
  log.info({ Fields }, 'request.summary');
  done();
});
app.get('/', async () => ({ service: 'bare' }));
app.get('/__lbheartbeat__', async () => ({ status: 'ok' }));

await app.listen({ host: '::', port: Number(process.env.PORT) });
