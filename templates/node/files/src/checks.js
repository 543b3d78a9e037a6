/** The dependency checks of /__heartbeat__ by name. A check fails by throwing. */
export function createChecks({ backendUrl }) {
  const checks = {};
  if (backendUrl) checks.backend = (signal) => checkBackend(backendUrl, signal);
  return checks;
}

async function checkBackend(url, signal) {
  const response = await fetch(url, { redirect: 'manual', signal });
  await response.body?.cancel();
  if (response.status >= 500) throw new Error(`answered ${response.status}`);
}
