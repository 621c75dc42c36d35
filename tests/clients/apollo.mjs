// Apollo Client against a running server: `node apollo.mjs URL URL_OF_A_SCHEMA_THAT_ASKS_WHO_CALLS`.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";

import { ApolloClient, ApolloLink, CombinedGraphQLErrors, gql, HttpLink, InMemoryCache } from "@apollo/client";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";

const [uri, guarded] = process.argv.slice(2);
const sha256 = (text) => createHash("sha256").update(text).digest("hex");

function client(link) {
  return new ApolloClient({ link, cache: new InMemoryCache() });
}

const PRODUCTS = gql`
  query Products($limit: Int) {
    products(limit: $limit, orderBy: [{ name: ASC }, { id: ASC }]) {
      id
      name
    }
  }
`;

// Queries by POST and by GET, kept under the type and the id.
for (const useGETForQueries of [false, true]) {
  const apollo = client(new HttpLink({ uri, useGETForQueries }));
  const { data } = await apollo.query({ query: PRODUCTS, variables: { limit: 3 } });
  assert.equal(data.products.length, 3);
  assert.ok(apollo.cache.extract()[`Product:${data.products[0].id}`]);
}

// A refusal arrives as errors with their codes, not as a status.
const refused = await client(new HttpLink({ uri: guarded }))
  .query({ query: gql`{ things }` })
  .then(assert.fail, (error) => error);
assert.ok(CombinedGraphQLErrors.is(refused), `${refused}`);
assert.equal(refused.errors[0].extensions.code, "AUTHENTICATION_REQUIRED");

const unknown = await client(new HttpLink({ uri }))
  .query({ query: gql`{ nothing }` })
  .then(assert.fail, (error) => error);
assert.ok(CombinedGraphQLErrors.is(unknown), `${unknown}`);

// Persisted queries: the first request sends the hash, the second the text, the third the hash alone.
for (const useGETForHashedQueries of [false, true]) {
  const bodies = [];
  const watched = async (address, options) => {
    bodies.push(options.body ?? new URL(address).search);
    return fetch(address, options);
  };
  const persisted = new PersistedQueryLink({ sha256, useGETForHashedQueries });
  const apollo = client(ApolloLink.from([persisted, new HttpLink({ uri, fetch: watched })]));
  const query = gql`
    query Persisted${Number(useGETForHashedQueries)} {
      products(limit: 1) {
        id
      }
    }
  `;
  for (const _ of [1, 2]) {
    const { data } = await apollo.query({ query, fetchPolicy: "network-only" });
    assert.equal(data.products.length, 1);
  }
  assert.deepEqual(bodies.map((body) => body.includes("products")), [false, true, false]);
}
