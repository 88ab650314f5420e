'use strict';
// What rehearsals share: a folder to work in, commands, waiting, and servers that play AWS.
const { spawn } = require('child_process');
const fs = require('fs');
const http = require('http');
const os = require('os');
const path = require('path');

const work = fs.mkdtempSync(path.join(os.tmpdir(), 'rehearsal-'));
const file = (...parts) => path.join(work, ...parts);

function write(name, content, mode) {
  fs.mkdirSync(path.dirname(file(name)), { recursive: true });
  fs.writeFileSync(file(name), content, { mode });
  return file(name);
}

/** A web server that answers with what `answers` has by path; a function may look at the request. */
function serve(answers, port = 0, address = '127.0.0.1') {
  return new Promise((resolve, reject) => {
    const server = http.createServer((request, response) => {
      const answer = answers[request.url];
      const [status, body] = typeof answer === 'function' ? answer(request) : answer === undefined ? [404, ''] : [200, answer];
      response.writeHead(status);
      response.end(body);
    });
    server.on('error', reject);
    server.listen(port, address, () => resolve({ url: `http://${address}:${server.address().port}`, close: () => server.close() }));
  });
}

/**
 * What the instance metadata service answers, to those only who have a token: a value by path, or what a
 * function of the request says.
 */
const metadata = (values) => ({
  '/latest/api/token': (request) => (request.method === 'PUT' && request.headers['x-aws-ec2-metadata-token-ttl-seconds'] ? [200, 'a-token'] : [400, '']),
  ...Object.fromEntries(Object.entries(values).map(([key, value]) => [`/latest/meta-data/${key}`,
    (request) => (request.headers['x-aws-ec2-metadata-token'] === 'a-token' ? [200, typeof value === 'function' ? value(request) : value] : [401, ''])])),
});

/** Asynchronous on purpose: the servers above answer from this same process. */
function run(command, args, env) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { env: { PATH: `${file('bin')}:${process.env.PATH}`, WORK: work, ...env } });
    let out = '', err = '';
    child.stdout.on('data', (d) => { out += d; });
    child.stderr.on('data', (d) => { err += d; });
    child.on('close', (status) => resolve({ status, out, err }));
  });
}

const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

/** Waits no longer than that, also for a condition that never answers. */
async function until(what, condition, seconds = 30) {
  const late = Symbol(what);
  for (const end = Date.now() + seconds * 1000; ;) {
    const answer = await Promise.race([condition(), pause(end - Date.now()).then(() => late)]);
    if (answer === late) throw new Error(`${seconds} s and not yet: ${what}`);
    if (answer) return;
    await pause(100);
  }
}

/** Runs the parts one after the other and says how each ended; what failed leaves its folder. */
async function play(parts, end, { oneStory = false } = {}) {
  let failed = 0, passed = 0;
  for (const part of parts) {
    if (failed && oneStory) break;
    try {
      const note = await part();
      passed++;
      console.log(`ok   rehearsal: ${part.name}${note ? `, ${note}` : ''}`);
    } catch (e) {
      failed++;
      console.log(`FAIL rehearsal: ${part.name}: ${e.message}`);
    }
  }
  await end();
  if (failed) console.log(`what it left is in ${work}`);
  else fs.rmSync(work, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  console.log(`rehearsal: ${passed} passed, ${failed} failed`);
  return failed ? 1 : 0;
}

module.exports = { work, file, write, serve, metadata, run, until, play };
