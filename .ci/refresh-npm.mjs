// Brings the npm packages of the project in the working directory up to date. A package stays as it is if the lock file
// would then need a newer Node than the project does, or lack a build for a platform.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const files = ['package.json', 'package-lock.json'];
const read = (file) => JSON.parse(readFileSync(file, 'utf8'));
const npm = (...args) => execFileSync('npm', args, { encoding: 'utf8' });

const globals = npm('root', '--global').trim();
const semver = createRequire(join(globals, 'npm/'))('semver');

function fault() {
  const { packages } = read('package-lock.json');
  const places = Object.keys(packages);
  const least = semver.minVersion(packages[''].engines.node).major;
  for (const [place, { engines, optionalDependencies }] of Object.entries(packages)) {
    if (engines?.node && semver.minVersion(engines.node).major > least) {
      return `${place} wants Node ${engines.node}`;
    }
    for (const name of Object.keys(optionalDependencies ?? {})) {
      if (!places.some((p) => p.endsWith(`node_modules/${name}`))) {
        return `${place} has no ${name}`;
      }
    }
  }
}

function attempt(what, ...args) {
  const before = files.map((file) => readFileSync(file));
  npm(...args, '--package-lock-only', '--no-audit', '--no-fund');
  const why = fault();
  if (why) {
    files.forEach((file, i) => writeFileSync(file, before[i]));
    console.log(`${what} stays: ${why}`);
  }
  return !why;
}

const start = fault();
if (start) throw new Error(start);

if (!attempt('all at once', 'update', '--save')) {
  const names = Object.keys(read('package-lock.json').packages).map((place) => place.split('node_modules/').pop());
  for (const name of new Set(names.filter(Boolean))) attempt(name, 'update', '--save', name);
}
const { dependencies, devDependencies } = read('package.json');
for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
  if (semver.valid(version)) attempt(name, 'install', '--save-exact', `${name}@latest`);
}
