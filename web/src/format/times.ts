import { NONE, oneDecimal } from './numbers.js';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A length of time, in milliseconds: `0.42 ms`, `87 ms`, `1.2 s`, `3 min 4 s`, `2 h 5 min`, `3 d 4 h`. */
export function duration(ms: number | undefined): string {
  if (ms === undefined) return NONE;
  if (ms < 0) return `-${duration(-ms)}`;
  if (ms < 1) return ms === 0 ? '0 ms' : `${ms.toFixed(2)} ms`;
  if (ms < 10) return `${oneDecimal(ms)} ms`;
  if (ms < SECOND) return `${Math.round(ms)} ms`;
  if (ms < 10 * SECOND) return `${oneDecimal(ms / SECOND)} s`;
  if (ms < MINUTE) return `${Math.round(ms / SECOND)} s`;
  if (ms < HOUR) return two(ms, [MINUTE, 'min'], [SECOND, 's']);
  return ms < DAY ? two(ms, [HOUR, 'h'], [MINUTE, 'min']) : two(ms, [DAY, 'd'], [HOUR, 'h']);
}

/** A time of day, of this time zone, with milliseconds: `14:03:09.120`. */
export function timeOfDay(at: number): string {
  const time = new Date(at);
  const parts = [time.getHours(), time.getMinutes(), time.getSeconds()].map((part) => pad(part));
  return `${parts.join(':')}.${pad(time.getMilliseconds(), 3)}`;
}

/** Date and time, with this time zone: `2026-11-22 14:03:09 GMT+0100`. */
export function dateAndTime(at: number): string {
  return `${dateOf(at)} ${new Date(at).toTimeString().slice(0, 17)}`;
}

/** A time of day, of another day than today with the date instead of seconds: `2026-11-22 14:03`. */
export function timeOrDate(at: number, now: number): string {
  const [date, time] = [dateOf(at), timeOfDay(at)];
  return date === dateOf(now) ? time : `${date} ${time.slice(0, 5)}`;
}

/** This time zone at a time: `GMT+0100`. */
export function zoneAt(at: number): string {
  return dateAndTime(at).slice(20);
}

function dateOf(at: number): string {
  const time = new Date(at);
  return [time.getFullYear(), pad(time.getMonth() + 1), pad(time.getDate())].join('-');
}

/** How long ago or how soon: `5 s ago`, `in 3 min`, `now`. */
export function fromNow(at: number, now: number): string {
  const passed = now - at;
  if (Math.abs(passed) < SECOND) return 'now';
  const [size, unit] = largest(Math.abs(passed));
  const text = `${Math.floor(Math.abs(passed) / size)} ${unit}`;
  return passed > 0 ? `${text} ago` : `in ${text}`;
}

function largest(ms: number): Unit {
  if (ms < MINUTE) return [SECOND, 's'];
  if (ms < HOUR) return [MINUTE, 'min'];
  return ms < DAY ? [HOUR, 'h'] : [DAY, 'd'];
}

type Unit = readonly [sizeMs: number, name: string];

function two(ms: number, [size, name]: Unit, [part, partName]: Unit): string {
  const rest = Math.floor((ms % size) / part);
  const whole = `${Math.floor(ms / size)} ${name}`;
  return rest === 0 ? whole : `${whole} ${rest} ${partName}`;
}

function pad(value: number, digits = 2): string {
  return String(value).padStart(digits, '0');
}
