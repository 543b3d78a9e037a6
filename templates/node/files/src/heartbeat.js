const LEVELS = { ok: 0, debug: 10, info: 20, warning: 30, error: 40, critical: 50 };

/** A check throws any error to fail; this one if the level is to be another than "error". */
export class CheckFailure extends Error {
  constructor(message, level) {
    super(message);
    this.level = level;
  }
}

/** Runs all checks at once; each is called with an AbortSignal and fails when the time is up. */
export async function heartbeat(checks, log, limit = 1000) {
  const body = { status: 'ok', checks: {}, details: {} };
  await Promise.all(
    Object.entries(checks).map(async ([name, check]) => {
      body.checks[name] = 'ok';
      try {
        await withLimit(check, limit);
      } catch (error) {
        const status = Object.hasOwn(LEVELS, error?.level) ? error.level : 'error';
        log.warn({ type: 'app.heartbeat', check: name, err: error });
        body.checks[name] = status;
        body.details[name] = {
          status,
          level: LEVELS[status],
          messages: { [`${name}.${status}`]: String(error?.message) },
        };
        if (LEVELS[status] > LEVELS[body.status]) body.status = status;
      }
    }),
  );
  return { healthy: LEVELS[body.status] < LEVELS.error, body };
}

async function withLimit(check, limit) {
  const controller = new AbortController();
  let timer;
  const expired = new Promise((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`no answer within ${limit} ms`));
      controller.abort();
    }, limit);
  });
  try {
    await Promise.race([check(controller.signal), expired]);
  } finally {
    clearTimeout(timer);
  }
}
