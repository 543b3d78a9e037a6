const CONSOLE = { debug: 'debug', log: 'info', info: 'info', warn: 'warn', error: 'error' };

/** Turns whatever a Node process prints by itself into log lines: warnings, console calls, crashes. */
export function captureProcess(log) {
  for (const [method, level] of Object.entries(CONSOLE)) {
    console[method] = (...args) => log[level]({ type: 'app.console' }, ...args);
  }
  process.removeAllListeners('warning');
  process.on('warning', (err) => log.warn({ type: 'app.warning', err }));
  process.on('uncaughtException', (err) => {
    log.fatal({ type: 'app.error', err });
    process.exit(1);
  });
}
