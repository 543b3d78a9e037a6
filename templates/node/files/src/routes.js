import { NAME } from './name.js';

/** The service's own routes: replace this one. */
export async function routes(app) {
  app.get('/', async () => ({ service: NAME }));
}
