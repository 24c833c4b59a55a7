import { PROMETHEUS_TYPE, prometheusText } from '../telemetry/prometheus.js';
import { plain, type Route, type RouteSetup } from './routes.js';

/** The figures of the runtime, for Prometheus. */
export function metricsRoutes({ runtime }: RouteSetup): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/metrics',
      target: () => ({ kind: 'metrics' }),
      async handle() {
        const { shards, subscriptions } = await runtime.metrics();
        return plain(prometheusText(shards, subscriptions), { 'content-type': PROMETHEUS_TYPE });
      },
    },
  ];
}
