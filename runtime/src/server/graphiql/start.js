// Opens GraphiQL for the schema of this page, with the query from the page's URL if there is one.
const place = document.getElementById("graphiql");
const { schema, root } = place.dataset;
const needsAuthentication = place.dataset.authentication === "true";
const endpoint = new URL(`${root}graphql/${schema}/`, location.href);
const given = new URLSearchParams(location.search);
const element = React.createElement;

/**
 * GraphiQL's storage for tabs, history and settings, separate for each schema. Headers, which may contain tokens, are
 * stored for this browser tab only (`sessionStorage`). Items that contain headers among other data are stored there
 * whole, and in `localStorage` without the headers.
 */
const storage = {
  withHeaders: ["graphiql:tabState", "graphiql:queries", "graphiql:favorites"],
  // All schemas share one theme.
  key: name => (name === "graphiql:theme" ? name : `${endpoint.pathname} ${name}`),
  getItem: name => sessionStorage.getItem(storage.key(name)) ?? localStorage.getItem(storage.key(name)),
  setItem(name, value) {
    const key = storage.key(name);
    if (name === "graphiql:headers") {
      sessionStorage.setItem(key, value);
    } else if (storage.withHeaders.includes(name)) {
      sessionStorage.setItem(key, value);
      localStorage.setItem(key, JSON.stringify(JSON.parse(value), (member, kept) => (member === "headers" ? null : kept)));
    } else {
      localStorage.setItem(key, value);
    }
    if (!storage.keepsHeaders()) storage.removeItem("headers");
  },
  /** One of GraphiQL's settings: on unless the user has switched it off. */
  keepsHeaders: () => storage.getItem("graphiql:shouldPersistHeaders") !== "false",
  removeItem(name) {
    sessionStorage.removeItem(storage.key(name));
    localStorage.removeItem(storage.key(name));
  },
  names: () => [sessionStorage, localStorage].flatMap(kept => Object.keys(kept)).filter(key => key.startsWith(storage.key(""))),
  clear: () => storage.names().forEach(key => { sessionStorage.removeItem(key); localStorage.removeItem(key); }),
  get length() { return storage.names().length; },
};

/** Parses the headers; `null` if they are not a JSON object, such as while the user types. */
function parsed(headers) {
  try {
    const value = JSON.parse(headers.trim() || "{}");
    return value !== null && typeof value === "object" && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

/** Explains how to enter headers and how long they are kept. Introspects again shortly after headers have changed. */
function AboutHeaders() {
  const { introspect, fetchError } = GraphiQL.React.useSchemaContext({ nonNull: true });
  const { tabs, activeTabIndex, responseEditor, shouldPersistHeaders } = GraphiQL.React.useEditorContext({ nonNull: true });
  const headers = tabs[activeTabIndex].headers ?? "";
  const sent = JSON.stringify(parsed(headers));
  const asked = React.useRef(sent);
  React.useEffect(() => {
    if (sent === asked.current || sent === "null") return undefined;
    const wait = setTimeout(() => {
      asked.current = sent;
      // A failed introspection shows its error as the answer; clear it.
      if (fetchError) responseEditor?.setValue("");
      introspect();
    }, 600);
    return () => clearTimeout(wait);
  }, [sent, introspect, fetchError, responseEditor]);
  const kept = shouldPersistHeaders
    ? "Headers, including tokens, are kept until this browser tab is closed."
    : "Headers are forgotten when this page is reloaded.";
  if (!needsAuthentication || sent !== "{}") return kept;
  return element(React.Fragment, null, "This schema needs authentication: under “Headers”, enter ",
    element("code", null, '{"Authorization": "Bearer …"}'), ". ", kept);
}

function Page() {
  // New query tabs, and those opened from a URL, start with the headers that were entered last.
  const [headers, setHeaders] = React.useState(storage.getItem("headers") ?? undefined);
  const first = React.useRef(headers);
  const keep = React.useCallback(text => {
    if (text.trim() && storage.keepsHeaders()) sessionStorage.setItem(storage.key("headers"), text);
    else storage.removeItem("headers");
    setHeaders(text || undefined);
  }, []);
  const options = {
    fetcher: React.useMemo(() => GraphiQL.createFetcher({ url: endpoint.href }), []),
    storage,
    shouldPersistHeaders: true,
    defaultHeaders: headers,
    onEditHeaders: keep,
    headers: given.has("query") ? first.current : undefined,
    query: given.get("query") ?? undefined,
    variables: given.get("variables") ?? undefined,
    defaultQuery: "# Ctrl-Space: suggestions\n# Ctrl-Enter: run\n{\n  __typename\n}\n",
  };
  return element(GraphiQL, options, element(GraphiQL.Footer, null, element(AboutHeaders)));
}

/** Fills the schema menu, which opens the page of another schema. */
async function listSchemas() {
  const select = document.getElementById("schemas");
  const response = await fetch(new URL(`${root}schemas/?disabled=true`, location.href));
  if (!response.ok) return;
  const { schemas } = await response.json();
  select.replaceChildren(...schemas.map(({ name, enabled, graphiql, requires_authentication: closed }) => {
    const note = !enabled ? " – disabled" : !graphiql ? " – without GraphiQL" : closed ? " – needs authentication" : "";
    const option = new Option(name + note, name, name === schema, name === schema);
    option.disabled = !enabled || !graphiql;
    return option;
  }));
  select.onchange = () => { location.href = new URL(`${root}graphql/${select.value}/`, location.href).href; };
  // When the user comes back, the browser may restore the last choice.
  addEventListener("pageshow", () => { select.value = schema; });
}

ReactDOM.createRoot(place).render(element(Page));
listSchemas();
