// Opens GraphiQL on the schema of this page, with the query of its address if there is one.
const place = document.getElementById("graphiql");
const given = new URLSearchParams(location.search);
const url = `/graphql/${place.dataset.schema}/`;
ReactDOM.createRoot(place).render(
  React.createElement(GraphiQL, {
    fetcher: GraphiQL.createFetcher({ url }),
    query: given.get("query") ?? undefined,
    variables: given.get("variables") ?? undefined,
    defaultQuery: "# Ctrl-Space shows what can be asked here, Ctrl-Enter runs it.\n{\n  __typename\n}\n",
  }),
);
