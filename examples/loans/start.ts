import { onStopRequest } from './replay/stop-request.js';
import { FrontDoor } from './serving/front-door.js';

const defaultPort = 8080;
const schema = 'troupe';

/** Serves the loan example until it is asked to stop. Returns the exit code. */
async function main(): Promise<number> {
  const { signal, release } = onStopRequest();
  const door = await FrontDoor.listen(portOf(process.env));
  try {
    console.log(`Troupe: ${door.url}`);
    return await behind(door, signal);
  } catch (error) {
    // Ctrl-C in a terminal reaches the programs that set up a server too.
    if (signal.aborted) return 0;
    throw error;
  } finally {
    await door.close();
    release();
  }
}

/** Loaded once there is somebody to tell that it is loading. */
async function behind(door: FrontDoor, signal: AbortSignal): Promise<number> {
  const { describePlace, placeOf } = await import('./replay/database.js');
  const place = placeOf(process.env, schema);
  console.log(`the log: ${describePlace(place)}`);
  const { serveLoans } = await import('./serving/serve-loans.js');
  return await serveLoans({ place, door, signal });
}

function portOf({ PORT }: NodeJS.ProcessEnv): number {
  if (!PORT) return defaultPort;
  const port = Number(PORT);
  if (/^\d+$/.test(PORT) && port <= 65_535) return port;
  throw new RangeError(`PORT: expected a port from 0 to 65535, got ${PORT}`);
}

try {
  process.exitCode = await main();
} catch (error) {
  const { failureOf } = await import('./replay/failure.js');
  const { text, exitCode } = failureOf(error);
  console.error(`start: ${text}`);
  process.exitCode = exitCode;
}
