const RELOAD_SECONDS = 1;

/** A page that says what is being done, and comes again by itself. */
export function waitingPage(doing: readonly string[]): string {
  const items = doing.map((what) => `<li>${escaped(what)}</li>`).join('');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="refresh" content="${RELOAD_SECONDS}">
<title>Troupe is starting</title>
<style>
body { font: 1.1rem/1.6 system-ui, sans-serif; max-width: 36rem; margin: 15vh auto; padding: 0 1.5rem; }
</style>
</head>
<body>
<main>
<h1>Troupe is starting</h1>
<ul>${items}</ul>
<p>This page reloads itself.</p>
</main>
</body>
</html>
`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
