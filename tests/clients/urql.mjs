// urql against a running server: `node urql.mjs URL`.

import assert from "node:assert/strict";

import { cacheExchange, Client, fetchExchange, gql } from "@urql/core";
import { persistedExchange } from "@urql/exchange-persisted";

const [url] = process.argv.slice(2);

const PRODUCTS = gql`
  query Products($order: [ProductOrderBy!]) {
    products(limit: 20, orderBy: $order) {
      id
      name
      price
    }
  }
`;

for (const preferGetMethod of [false, true]) {
  const client = new Client({ url, preferGetMethod, exchanges: [cacheExchange, fetchExchange] });

  // urql sorts the members of variables: the order of keys must not depend on them.
  const { data, error } = await client.query(PRODUCTS, { order: [{ price: "DESC" }, { name: "ASC" }] });
  assert.equal(error, undefined);
  const prices = data.products.map((product) => Number(product.price));
  assert.deepEqual(prices, prices.slice().sort((a, b) => b - a));

  const two = await client.query(PRODUCTS, { order: [{ price: "DESC", name: "ASC" }] });
  assert.match(two.error.message, /\[\{.*\}, \{.*\}\]/);
  assert.equal(two.error.graphQLErrors[0].extensions.code, "BAD_USER_INPUT");
}

for (const preferGetForPersistedQueries of [false, true]) {
  const client = new Client({
    url,
    preferGetMethod: false,
    exchanges: [persistedExchange({ preferGetForPersistedQueries }), fetchExchange],
  });
  for (const _ of [1, 2]) {
    const { data, error } = await client.query(PRODUCTS, {});
    assert.equal(error, undefined);
    assert.equal(data.products.length, 20);
  }
}
