// What `troupe mcp --options` takes: who may do what, and what may leave.
console.log('imported');

/** @type {Partial<import('troupe/mcp').McpStdioOptions>} */
export default {
  authorize: (request, action) =>
    request.header('Authorization') === 'Bearer a-token-of-some-length' && action.kind !== 'state'
      ? { principal: 'eve', tenant: 'office' }
      : undefined,
  redact: (value, { kind }) => (kind === 'event' ? { text: 'hidden' } : value),
  info: { title: 'Notes', version: '2.0.0' },
};
