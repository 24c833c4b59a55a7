import { startRuntime } from 'troupe';
import { openLoop } from './open-loop.js';
import { order, wait, work } from './sagas-domain.js';
import { benchServer, dropSchema, query } from './server.js';
import { percentile } from './statistics.js';
const SCHEMA='bench_lat'; const RATE=Number(process.argv[2]??500), SEC=Number(process.argv[3]??8), SHARDS=Number(process.argv[4]??2);
const server=await benchServer(); const url=server.url;
await dropSchema(url,SCHEMA);
const runtime=await startRuntime({domain:new URL('./sagas-domain.ts',import.meta.url),store:{kind:'postgres',url,schema:SCHEMA},shards:SHARDS,freezeState:false});
const orders=runtime.aggregate(order);
const ended=async(n:number)=>{while((await runtime.saga(work).count({status:'done'}))<n) await new Promise(r=>setTimeout(r,200));};
const pre=Number(process.env.PRE??10000);
{ let next=0; const t=performance.now(); const lane=async()=>{for(let i=next++;i<pre;i=next++) await orders.send(`full-${i}`,{type:'place',data:{dueAt:Date.now()}});};
await Promise.all(Array.from({length:1000},lane)); await ended(pre); console.log('full load steps/s', Math.round(2*pre/((performance.now()-t)/1000))); }
console.log("STEADY", process.pid);
const cpu0=process.cpuUsage();
const start=Date.now();
const r=await openLoop({perSecond:RATE,seconds:SEC,warmUpSeconds:2,send(index){const dueAt=start+index*1000/RATE;const id=`${index<RATE*2?'warm':'steady'}-${index}`;return orders.send(id,{type:'place',data:{dueAt}});}});
console.log('send latency',r);
await ended(pre+RATE*(SEC+2));
const cpu=process.cpuUsage(cpu0); console.log('cpu node s', (cpu.user+cpu.system)/1e6, 'wall', (Date.now()-start)/1000);
const rows=await query<any>(url,`SELECT (p.data->>'dueAt')::float8 AS due, extract(epoch FROM p.recorded_at)::float8*1000 AS o, extract(epoch FROM s.recorded_at)::float8*1000 AS s, extract(epoch FROM d.recorded_at)::float8*1000 AS j, extract(epoch FROM s2.recorded_at)::float8*1000 AS e
 FROM ${SCHEMA}.events p JOIN ${SCHEMA}.events d ON d.aggregate='job' AND d.id=p.id JOIN ${SCHEMA}.events s ON s.aggregate='$saga/work' AND s.id=p.id AND s.version=1 JOIN ${SCHEMA}.events s2 ON s2.aggregate='$saga/work' AND s2.id=p.id AND s2.version=2 WHERE p.aggregate='order' AND p.id LIKE 'steady-%'`);
const show=(n:string,f:(r:any)=>number)=>{const v=rows.map(f).sort((a:number,b:number)=>a-b);console.log(n.padEnd(16),'p50',percentile(v,.5).toFixed(1),'p99',percentile(v,.99).toFixed(1));};
show('due->order tx',r=>r.o-r.due);show('order->step tx',r=>r.s-r.o);show('step->job tx',r=>r.j-r.s);show('job->outcome tx',r=>r.e-r.j);show('due->job tx',r=>r.j-r.due);
const b=await query<any>(url,`SELECT count(*) n, count(DISTINCT recorded_at) b FROM ${SCHEMA}.events WHERE id LIKE 'steady-%'`); console.log('events per batch', b[0].n/b[0].b, 'batches/s', b[0].b/SEC);
await runtime.stop(); await dropSchema(url,SCHEMA); await server.stop();
