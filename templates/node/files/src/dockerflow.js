import { readFile } from 'node:fs/promises';
import { heartbeat } from './heartbeat.js';

const VERSION_FILE = new URL('../version.json', import.meta.url);

/** The three endpoints of Dockerflow. */
export async function dockerflow(app, { checks, versionFile = VERSION_FILE }) {
  app.get('/__version__', async (_request, reply) => {
    try {
      return reply.type('application/json').send(await readFile(versionFile));
    } catch (error) {
      if (error.code !== 'ENOENT') throw error;
      return reply.code(404).send({ error: 'version.json not found' });
    }
  });

  app.get('/__lbheartbeat__', async () => ({ status: 'ok' }));

  app.get('/__heartbeat__', async (request, reply) => {
    const { healthy, body } = await heartbeat(checks, request.log);
    return reply.code(healthy ? 200 : 500).send(body);
  });
}
