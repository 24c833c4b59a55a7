import { padded, type Story, stories } from './stories.js';

/** As many as the sample that comes with this example has. */
const sampleApplications = 46;
const firstMs = Date.parse('2024-03-04T08:00:00Z');
const summerTimeMs = Date.parse('2024-03-31T01:00:00Z');
const hourMs = 3_600_000;
const people = ['anna', 'bram', 'carla', 'daan', 'els'];

/**
 * An XES log of invented loan applications: the same text every time. With `events`, work is added until
 * there are so many in all.
 */
export function sampleLog(applications = sampleApplications, events?: number): string {
  const random = randomNumbers(20_240_304);
  const told = Array.from({ length: applications }, (_, i) => stories[i % stories.length] ?? []);
  const all = events === undefined ? told : padded(told, events);
  const traces = all.map((story, i) => traceOf(story, i, random));
  return `${head}${traces.join('')}</log>\n`;
}

const head = `<?xml version="1.0" encoding="UTF-8"?>
<!-- Invented by examples/loans/sample/sample-log.ts; no row of it comes from a real log. -->
<log xes.version="1.0" xes.features="nested-attributes" xmlns="http://www.xes-standard.org/">
\t<extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
\t<extension name="Lifecycle" prefix="lifecycle" uri="http://www.xes-standard.org/lifecycle.xesext"/>
\t<extension name="Organizational" prefix="org" uri="http://www.xes-standard.org/org.xesext"/>
\t<extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>
\t<classifier name="Activity classifier" keys="concept:name lifecycle:transition"/>
\t<string key="concept:name" value="Invented loan applications"/>
`;

function traceOf(story: Story, index: number, random: () => number): string {
  const amount = 1_000 + 500 * Math.floor(random() * 80);
  let atMs = firstMs + index * 14 * hourMs + Math.floor(random() * 6 * hourMs);
  const registered = localTime(atMs);
  const events = story.map((step) => {
    const event = eventOf(step, atMs, random);
    atMs += gapMs(step, random);
    return event;
  });
  return `\t<trace>
\t\t<date key="REG_DATE" value="${registered}"/>
\t\t<string key="concept:name" value="L-${1001 + index}"/>
\t\t<string key="AMOUNT_REQ" value="${amount}"/>
${events.join('')}\t</trace>
`;
}

function eventOf(step: string, atMs: number, random: () => number): string {
  const [activity = '', lifecycle = 'COMPLETE'] = step.split('|');
  const person = people[Math.floor(random() * (people.length + 1))];
  const resource = person ? `\t\t\t<string key="org:resource" value="${person}"/>\n` : '';
  return `\t\t<event>
${resource}\t\t\t<string key="lifecycle:transition" value="${lifecycle}"/>
\t\t\t<string key="concept:name" value="${activity}"/>
\t\t\t<date key="time:timestamp" value="${localTime(atMs)}"/>
\t\t</event>
`;
}

/** Scheduled work waits for hours or days; the steps within a session follow at once or within minutes. */
function gapMs(step: string, random: () => number): number {
  if (step.endsWith('|COMPLETE') || step.endsWith('|SCHEDULE')) {
    return Math.floor(random() * 60 * hourMs);
  }
  return random() < 0.3 ? 0 : Math.floor(random() * 0.2 * hourMs);
}

/** The time in Amsterdam, with its offset, as banks there log it. */
function localTime(atMs: number): string {
  const offsetHours = atMs < summerTimeMs ? 1 : 2;
  return new Date(atMs + offsetHours * hourMs).toISOString().replace('Z', `+0${offsetHours}:00`);
}

/** Numbers from 0 to 1 by a linear congruential generator: the same on every machine. */
function randomNumbers(seed: number): () => number {
  let last = seed;
  return () => {
    last = (last * 48_271) % 2_147_483_647;
    return last / 2_147_483_647;
  };
}
