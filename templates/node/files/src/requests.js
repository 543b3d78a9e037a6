import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import { LogController } from 'fastify';

const CLIENT_GONE = 499; // nginx's name for a client that did not wait for the answer

/** The client's X-Request-Id if it is fit to be logged, else a new one. */
export function requestId({ headers }) {
  const given = headers['x-request-id'];
  return given && /^[\x20-\x7e]{1,128}$/.test(given) ? given : randomUUID();
}

/** Returns a function that sees to one request's id, summary line and metrics. */
export function requestObserver(statsd) {
  return (request, reply) => {
    reply.header('x-request-id', request.id);
    reply.raw.once('close', () => {
      const code = reply.raw.headersSent ? reply.raw.statusCode : CLIENT_GONE;
      const milliseconds = reply.elapsedTime;
      statsd?.increment(`request.count.${code}`);
      statsd?.timing('request.time', Math.round(milliseconds * 1000) / 1000);
      request.log.info({
        type: 'request.summary',
        agent: request.headers['user-agent']?.slice(0, 256) ?? '',
        errno: code < 400 ? 0 : code,
        method: request.method,
        path: request.url.split('?', 1)[0].slice(0, 1024),
        code,
        lang: request.headers['accept-language']?.slice(0, 256) ?? '',
        uid: '',
        t: Math.round(milliseconds),
      });
    });
  };
}

/** Fastify's own log lines about a request give way to request.summary and request.error. */
export class QuietLog extends LogController {
  constructor() {
    super({ requestIdLogLabel: 'rid' });
  }
  incomingRequest() {}
  requestCompleted() {}
  defaultErrorLog(error, request) {
    logError(error, request);
  }
  serializerError(error, request) {
    logError(error, request);
  }
  streamError(error, request) {
    if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') logError(error, request);
  }
  writeHeadError(error, request) {
    logError(error, request);
  }
}

export function handleError(error, request, reply) {
  const wanted = error?.statusCode;
  const code = wanted >= 400 && wanted <= 599 ? wanted : 500;
  if (code < 500) {
    reply.code(code).send({ error: error.message });
    return;
  }
  logError(error, request);
  reply.code(code).send({ error: STATUS_CODES[code].toLowerCase() });
}

export function handleNotFound(_request, reply) {
  reply.code(404).send({ error: 'not found' });
}

function logError(err, request) {
  request.log.error({ type: 'request.error', err });
}
