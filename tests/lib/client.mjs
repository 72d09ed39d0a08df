// A small HTTP client with a cookie jar, the CSRF token and an Origin, on node:http so that a test
// may send any header, leave any out, and see every one that comes back.

import http from 'node:http';

export const BASE = '/api/v1';

export class Answer {
  constructor(status, headers, rawHeaders, text) {
    this.status = status;
    this.headers = headers;
    this.rawHeaders = rawHeaders;
    this.text = text;
  }

  get json() {
    return JSON.parse(this.text);
  }

  /** The stable code of a problem answer, or undefined. */
  get code() {
    try {
      return this.json.code;
    } catch {
      return undefined;
    }
  }
}

export class Client {
  constructor(server, { origin } = {}) {
    this.server = server;
    this.agent = new http.Agent({ keepAlive: true, maxSockets: 16 });
    this.origin = origin;
    this.cookies = new Map();
    this.csrf = null;
    this.user = null;
  }

  get cookie() {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  /**
   * One exchange. `path` starting with "/" is taken below /api/v1 unless `bare` is set. A header
   * given as null is left out. `body`: a string or Buffer is sent as it is, anything else as JSON.
   */
  request(method, path, { body, headers = {}, bare = false, timeout = 15_000 } = {}) {
    const mutation = !['GET', 'HEAD', 'OPTIONS'].includes(method);
    const all = { accept: 'application/json' };
    if (this.cookies.size > 0) all.cookie = this.cookie;
    if (mutation) {
      all.origin = this.origin ?? this.server.origin;
      if (this.csrf) all['x-csrf-token'] = this.csrf;
    }
    let payload;
    if (body !== undefined) {
      payload =
        typeof body === 'string' || Buffer.isBuffer(body)
          ? Buffer.from(body)
          : Buffer.from(JSON.stringify(body));
      all['content-type'] = 'application/json';
    } else if (mutation && method !== 'DELETE') {
      payload = Buffer.from('{}');
      all['content-type'] = 'application/json';
    }
    if (payload) all['content-length'] = payload.length;
    for (const [name, value] of Object.entries(headers)) {
      if (value === null) delete all[name.toLowerCase()];
      else all[name.toLowerCase()] = value;
    }
    return new Promise((resolve, reject) => {
      const request = http.request(
        {
          host: '127.0.0.1',
          port: this.server.port,
          method,
          path: bare ? path : BASE + path,
          headers: all,
          agent: this.agent,
          timeout,
        },
        (response) => {
          const chunks = [];
          response.on('data', (chunk) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () => {
            this.keep(response.headers['set-cookie']);
            resolve(
              new Answer(
                response.statusCode,
                response.headers,
                response.rawHeaders,
                Buffer.concat(chunks).toString('utf8'),
              ),
            );
          });
        },
      );
      request.on('timeout', () => request.destroy(new Error(`${method} ${path} took too long`)));
      request.on('error', reject);
      request.end(payload);
    });
  }

  keep(setCookies) {
    for (const line of setCookies ?? []) {
      const [pair, ...attributes] = line.split(';');
      const at = pair.indexOf('=');
      const name = pair.slice(0, at).trim();
      const value = pair.slice(at + 1).trim();
      const ended = attributes.some((a) => /^\s*max-age\s*=\s*0\s*$/i.test(a)) || value === '';
      if (ended) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
  }

  get(path, options) {
    return this.request('GET', path, options);
  }

  post(path, body, options = {}) {
    return this.request('POST', path, { body: body ?? {}, ...options });
  }

  put(path, body, options = {}) {
    return this.request('PUT', path, { body, ...options });
  }

  patch(path, body, options = {}) {
    return this.request('PATCH', path, { body, ...options });
  }

  delete(path, options) {
    return this.request('DELETE', path, options);
  }

  /** Keeps the identity a sign-in or registration answered with. */
  adopt(answer) {
    const { user, csrf_token } = answer.json;
    this.user = user;
    this.csrf = csrf_token;
    return answer;
  }

  async login(email, password) {
    const answer = await this.post('/auth/login', { email, password });
    if (answer.status !== 200) {
      throw new Error(`sign-in of ${email}: ${answer.status} ${answer.text}`);
    }
    return this.adopt(answer);
  }

  async logout() {
    const answer = await this.post('/auth/logout');
    this.csrf = null;
    return answer;
  }

  close() {
    this.agent.destroy();
  }
}
