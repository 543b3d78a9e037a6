import dns from 'node:dns';
import { isIP } from 'node:net';
import { StatsD } from 'hot-shots';
import { NAME } from './name.js';

const MINUTE = 60_000;

/** A client for plain statsd over UDP: whatever goes wrong is logged once a minute, never thrown. */
export function createStatsd({ host, port }, log) {
  let quietUntil = 0;
  return new StatsD({
    host,
    port,
    prefix: `${NAME}.`,
    maxBufferSize: 1400,
    // Without these two, DD_* variables would add tags to every metric.
    datadog: false,
    includeDataDogTags: false,
    udpSocketOptions: isIP(host) ? {} : { type: 'udp4', lookup: cachedLookup() },
    errorHandler(err) {
      if (Date.now() < quietUntil) return;
      quietUntil = Date.now() + MINUTE;
      log.warn({ type: 'app.statsd', err });
    },
  });
}

// Node looks a name up for every packet, and the client's own cacheDns may find an IPv6 address
// for this IPv4 socket.
function cachedLookup() {
  const cache = new Map();
  return (name, family, callback) => {
    if (!(cache.get(name)?.expires > Date.now())) {
      const address = new Promise((resolve, reject) => {
        dns.lookup(name, { family }, (error, found) => (error ? reject(error) : resolve(found)));
      });
      cache.set(name, { address, expires: Date.now() + MINUTE });
    }
    cache.get(name).address.then((found) => callback(null, found, family), callback);
  };
}
