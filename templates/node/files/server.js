import { createLogger } from './src/mozlog.js';
import { captureProcess } from './src/process.js';

const log = createLogger();
captureProcess(log);

// Imported only now, so that an import which fails is logged as well.
const { main } = await import('./src/main.js');
await main(log, process.env);
