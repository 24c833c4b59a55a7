/** Is it an address of this machine's loopback interface? */
export function isLoopbackAddress(address: string): boolean {
  const plain = address.replace(/^::ffff:/i, '');
  return plain === '::1' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(plain);
}

/** May a server without any authorisation be bound to it? */
export function isLoopbackHost(host: string): boolean {
  return host.toLowerCase() === 'localhost' || isLoopbackAddress(host.replace(/^\[(.*)\]$/, '$1'));
}

/**
 * Does the Host header name this machine's loopback interface? A page of a stranger may resolve a name of
 * its own to 127.0.0.1; the browser then sends that name.
 */
export function hostHeaderIsLoopback(header: string): boolean {
  return isLoopbackHost(header.replace(/:\d+$/, ''));
}
