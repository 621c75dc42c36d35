/**
 * A client for the schema management API and the GraphQL schemas of a server. It needs only `fetch`: a browser,
 * Node 18 or later, Deno or Bun.
 *
 * @typedef {object} Schema
 * @property {string} name
 * @property {string} description
 * @property {string} version
 * @property {string[]} apps
 * @property {string[]} models
 * @property {string[]} exclude_models
 * @property {Record<string, unknown>} settings
 * @property {boolean} auto_discover
 * @property {boolean} enabled
 * @property {"derive" | "manual" | "discovered" | "api"} origin
 * @property {string} registered_at
 * @property {string} updated_at
 * @property {string} graphql_url
 * @property {string[]} warnings
 */

/** A call that the server rejected; `code` is its `error_code`, `field` the invalid field. */
export class RegistryError extends Error {
  /**
   * @param {number} status
   * @param {string} message
   * @param {{error_code?: string, field?: string}} details
   */
  constructor(status, message, details) {
    super(message);
    this.name = "RegistryError";
    this.status = status;
    this.code = details.error_code;
    this.field = details.field;
  }
}

/** A response with errors; `errors` has all of them, `data` the partial result. */
export class GraphQLError extends Error {
  /**
   * @param {{message: string, extensions?: {code?: string}}[]} errors
   * @param {unknown} data
   */
  constructor(errors, data) {
    super(errors[0]?.message ?? "the request failed");
    this.name = "GraphQLError";
    this.errors = errors;
    this.data = data;
  }
}

/** A client for one server. */
export class SchemaRegistry {
  #base;
  #headers;
  #timeout;

  /**
   * @param {string} [baseUrl]
   * @param {{apiKey?: string, timeoutMs?: number}} [options]
   */
  constructor(baseUrl = "http://localhost:8000", { apiKey, timeoutMs = 10_000 } = {}) {
    this.#base = baseUrl.replace(/\/+$/, "");
    this.#timeout = timeoutMs;
    this.#headers = { "Content-Type": "application/json", ...(apiKey ? { Authorization: `Bearer ${apiKey}` } : {}) };
  }

  /**
   * The registered schemas, in the order of their registration.
   * @param {{enabled?: boolean, app?: string, detailed?: boolean}} [filter]
   * @returns {Promise<Schema[]>}
   */
  async schemas({ enabled, app, detailed = false } = {}) {
    const query = new URLSearchParams({ format: detailed ? "detailed" : "summary" });
    if (enabled !== undefined) query.set("enabled", String(enabled));
    if (app !== undefined) query.set("app", app);
    return (await this.#call("GET", `schemas/?${query}`)).schemas;
  }

  /**
   * One schema, with its models resolved to the tables that it serves.
   * @param {string} name
   * @returns {Promise<Schema>}
   */
  async schema(name) {
    return (await this.#call("GET", `schemas/${encodeURIComponent(name)}/`)).schema;
  }

  /**
   * Registers a schema.
   * @param {Partial<Schema> & {name: string}} schema
   * @returns {Promise<Schema>}
   */
  async register(schema) {
    return (await this.#call("POST", "schemas/", schema)).schema;
  }

  /**
   * Changes the fields that are given; `settings` are replaced.
   * @param {string} name
   * @param {Partial<Schema>} fields
   * @returns {Promise<Schema>}
   */
  async update(name, fields) {
    return (await this.#call("PUT", `schemas/${encodeURIComponent(name)}/`, fields)).schema;
  }

  /**
   * Changes the fields that are given; `settings` are merged with the existing ones.
   * @param {string} name
   * @param {Partial<Schema>} fields
   * @returns {Promise<Schema>}
   */
  async patch(name, fields) {
    return (await this.#call("PATCH", `schemas/${encodeURIComponent(name)}/`, fields)).schema;
  }

  /** Deletes a schema. @param {string} name */
  async delete(name) {
    await this.#call("DELETE", `schemas/${encodeURIComponent(name)}/`);
  }

  /** Enables a schema. @param {string} name */
  async enable(name) {
    await this.#call("POST", "management/", { action: "enable", schema_name: name });
  }

  /** Disables a schema: it answers 503. @param {string} name */
  async disable(name) {
    await this.#call("POST", "management/", { action: "disable", schema_name: name });
  }

  /** Deletes all schemas. */
  async clearAll() {
    await this.#call("POST", "management/", { action: "clear_all" });
  }

  /** Registers the program's schemas that are not registered. @returns {Promise<string[]>} the new names */
  async discover() {
    return (await this.#call("POST", "discovery/")).new_schemas;
  }

  /** The health of schemas and database, also if they are unhealthy. */
  async health() {
    return this.#call("GET", "health/", undefined, [503]);
  }

  /** The metrics of schemas, plugins, cache and connections. */
  async metrics() {
    return this.#call("GET", "metrics/");
  }

  /**
   * Queries a schema and returns the response's `data`.
   * @param {string} schema
   * @param {string} document
   * @param {Record<string, unknown>} [variables]
   */
  async query(schema, document, variables) {
    const answer = await (
      await fetch(`${this.#base}/graphql/${encodeURIComponent(schema)}/`, {
        method: "POST",
        headers: this.#headers,
        body: JSON.stringify({ query: document, variables }),
        signal: AbortSignal.timeout(this.#timeout),
      })
    ).json();
    if (answer.errors?.length) throw new GraphQLError(answer.errors, answer.data);
    return answer.data;
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {unknown} [body]
   * @param {number[]} [allowed] error statuses whose data is returned
   */
  async #call(method, path, body, allowed = []) {
    const response = await fetch(`${this.#base}/api/v1/${path}`, {
      method,
      headers: this.#headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(this.#timeout),
    });
    const answer = await response.json();
    if (response.ok || allowed.includes(response.status)) return answer.data;
    throw new RegistryError(response.status, answer.message, answer.data?.details ?? {});
  }
}
