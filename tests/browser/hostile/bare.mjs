// A careless server: attached files as what they say they are, in place, with
// no word about safety. What an attack does there it must not do with us.

import { createServer } from 'node:http';

/** One page with all `files` in it: {url, close}. */
export async function serveBare(files) {
  const byPath = new Map(files.map((each) => [`/${each.number}`, each]));
  const use = ({ number, asScript, asStyle }) => {
    if (asScript) return `<script src="/${number}"></script>`;
    if (asStyle) return `<link rel="stylesheet" href="/${number}">`;
    return `<iframe src="/${number}"></iframe>`;
  };
  const server = createServer((request, response) => {
    const file = byPath.get(request.url);
    response.setHeader('Content-Type', file?.type ?? 'text/html');
    for (const [name, value] of Object.entries(file?.headers ?? {})) response.setHeader(name, value);
    response.end(file?.bytes ?? `<!doctype html><body>${files.map(use).join('\n')}`);
  });
  await new Promise((done, failed) => {
    server.once('error', failed);
    server.listen(0, '127.0.0.1', done);
  });
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${server.address().port}/`, close };
}
