import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { systemCode } from './error.js';

/** The arguments of a server of ours start like this; no other process's do. */
export function serverArguments(dataDir: string): readonly string[] {
  return ['-D', dataDir, '-c', 'listen_addresses=127.0.0.1'];
}

/**
 * True if process `pid` is the server of `dataDir`, by its command line and, where the system lets us
 * look, by the folder it is in. On Windows nothing can be asked, so it is taken on trust.
 */
export function isServerOf(dataDir: string, pid: number): boolean {
  if (process.platform === 'win32') return true;
  return servesFolder(commandLine(pid), dataDir) && [dataDir, undefined].includes(folderOf(pid));
}

/**
 * Servers of ours that were started on `dataDir` and whose data folder is no longer there. They can
 * be found by their command line, since Postgres lets one folder have one server only: `current`, the
 * one that the folder's `postmaster.pid` names. Where a process's folder is hidden from us, one whose
 * folder was only moved is among them.
 */
export function orphanedServers(dataDir: string, current: number | undefined): number[] {
  return processes()
    .filter(({ pid, line }) => pid !== current && servesFolder(line, dataDir))
    .map(({ pid }) => pid)
    .filter((pid) => [`${dataDir} (deleted)`, undefined].includes(folderOf(pid)));
}

function servesFolder(line: string, dataDir: string): boolean {
  return line.includes(`/postgres ${serverArguments(dataDir).join(' ')} `);
}

function processes(): { pid: number; line: string }[] {
  if (process.platform === 'win32') return [];
  if (process.platform !== 'linux') return processesFromPs();
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ pid: Number(name), line: commandLine(Number(name)) }));
}

function processesFromPs(): { pid: number; line: string }[] {
  const args = ['-axww', '-o', 'pid=,command='];
  const { stdout } = spawnSync('ps', args, { encoding: 'utf8', maxBuffer: 1 << 26 });
  return (stdout ?? '').split('\n').map((row) => ({ pid: Number.parseInt(row, 10), line: row }));
}

function commandLine(pid: number): string {
  if (process.platform !== 'linux') {
    const { stdout } = spawnSync('ps', ['-ww', '-o', 'command=', '-p', String(pid)], {
      encoding: 'utf8',
    });
    return stdout ?? '';
  }
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

/** Undefined where one may not look: a container's root may not, at processes of other users. */
function folderOf(pid: number): string | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch (error) {
    return systemCode(error) === 'EACCES' ? undefined : 'gone';
  }
}
