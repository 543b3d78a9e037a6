import Fastify from 'fastify';
import { dockerflow } from './dockerflow.js';
import { handleError, handleNotFound, QuietLog, requestId, requestObserver } from './requests.js';
import { routes } from './routes.js';

// Fastify by itself would wait for a slow client for ever.
const LIMITS = {
  bodyLimit: 1024 * 1024,
  connectionTimeout: 60_000,
  keepAliveTimeout: 75_000, // load balancers commonly keep theirs for 60 s
  requestTimeout: 30_000,
  http: { headersTimeout: 10_000, connectionsCheckingInterval: 5_000, maxHeaderSize: 16 * 1024 },
};

/** Builds the Fastify application; it does not listen yet. */
export function createApp({ log, statsd, checks, versionFile }) {
  const observe = requestObserver(statsd);
  const app = Fastify({
    ...LIMITS,
    loggerInstance: log,
    logController: new QuietLog(),
    genReqId: requestId,
    return503OnClosing: false,
    frameworkErrors(error, request, reply) {
      // Such as a malformed URL: Fastify runs no hooks for it.
      observe(request, reply);
      handleError(error, request, reply);
    },
  });

  app.addHook('onRequest', (request, reply, done) => {
    observe(request, reply);
    done();
  });
  app.addHook('onSend', (_request, reply, payload, done) => {
    // While stopping: a kept-alive connection would hold up the end.
    if (!app.server.listening) reply.header('connection', 'close');
    done(null, payload);
  });
  app.setErrorHandler((error, request, reply) => {
    // Fastify reads a body, and may reject it, before it finds that nobody wants it.
    if (request.is404 && error?.code?.startsWith?.('FST_ERR_CTP_')) handleNotFound(request, reply);
    else handleError(error, request, reply);
  });
  app.setNotFoundHandler(handleNotFound);

  app.register(dockerflow, { checks, versionFile });
  app.register(routes);
  return app;
}
