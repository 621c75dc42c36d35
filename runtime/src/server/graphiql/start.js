// Opens GraphiQL on the schema of this page.
const place = document.getElementById("graphiql");
const url = `/graphql/${place.dataset.schema}/`;
ReactDOM.createRoot(place).render(
  React.createElement(GraphiQL, {
    fetcher: GraphiQL.createFetcher({ url }),
    defaultQuery: "# Ctrl-Space shows what can be asked here, Ctrl-Enter runs it.\n{\n  __typename\n}\n",
  }),
);
