// The page's script, a client of the schemas. Amounts are decimal strings, as in the schemas.

const PAGE = 24;
const CART = "lines { productId sku name subtotal quantity } count total";

let token = sessionStorage.getItem("token");
const byId = id => document.getElementById(id);
const money = new Intl.NumberFormat(document.documentElement.lang, { style: "currency", currency: "EUR" });
const pieces = count => (count === 1 ? "1 piece" : `${count} pieces`);

// Requests.

class Problem extends Error {}

/** Sends a request to a schema and returns its data. Throws a `Problem` with a message for the customer. */
async function ask(schema, query, variables = {}) {
  const headers = { "content-type": "application/json" };
  if (token) headers.authorization = `Bearer ${token}`;

  let response, answer;
  try {
    response = await fetch(`graphql/${schema}/`, { method: "POST", headers, body: JSON.stringify({ query, variables }) });
    answer = await response.json();
  } catch {
    throw new Problem(response ? `The shop answered with status ${response.status}.` : "The shop cannot be reached. Please try again.");
  }

  if (response.status === 401 && token) {
    forget();
    await refresh();
    throw new Problem("Your session has expired. Please sign in again.");
  }
  if (answer.errors) throw new Problem(sentence(answer.errors[0].message));
  return answer.data;
}

/** Returns the payload of a successful change; otherwise throws its errors as a `Problem`. */
function settled(payload) {
  if (!payload.success) throw new Problem(payload.errors.map(error => sentence(error.message)).join(" "));
  return payload;
}

function sentence(text) {
  return text[0].toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? "" : ".");
}

// Elements and messages.

let silence;

/** Shows a message: good news for ten seconds, a problem until the next action. */
function say(text, good = false) {
  clearTimeout(silence);
  byId("notice").textContent = text;
  byId("notice").className = good ? "good" : "";
  if (good) silence = setTimeout(() => say(""), 10_000);
}

function element(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

const row = (...children) => element("div", { className: "row" }, ...children);
const soft = text => element("span", { className: "soft" }, text);

/** Makes an event handler of an action: it runs once at a time, and shows the action's problems. */
function handler(action) {
  return async event => {
    event.preventDefault();
    const target = event.currentTarget;
    if (target.ariaBusy === "true") return;
    target.ariaBusy = "true";
    say("");
    try {
      await action(target);
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      say(problem.message);
    } finally {
      target.ariaBusy = "false";
    }
  };
}

function button(text, ariaLabel, action) {
  return element("button", { ariaLabel, onclick: handler(action) }, text);
}

/** Replaces a list's items. The focus stays on the same item, or moves to the list's heading if the item is gone. */
function redraw(list, heading, items) {
  const focus = list.contains(document.activeElement) ? document.activeElement.id : null;
  list.replaceChildren(...items);
  if (focus !== null) (byId(focus) ?? heading).focus();
}

// Products.

let wanted = {};
let search = 0;

/** Returns the search fields as variables; shows a message and returns `null` if the price is not a number. */
function wishes() {
  const form = byId("search");
  const text = form.max.value.trim().replace(/^€\s*|\s*€$/g, "");
  const isPrice = text === "" || /^\d{1,9}([.,]\d{1,2})?$/.test(text);
  form.max.ariaInvalid = String(!isPrice);
  byId("max-problem").textContent = isPrice ? "" : "Please enter the highest price as a number, such as 50 or 49.90.";
  if (!isPrice) {
    form.max.focus();
    return null;
  }

  return { search: form.search.value.trim() || null, category: form.category.value || null, max: text.replace(",", ".") || null };
}

/** Fetches the next products of the search, plus one that tells whether there are more. */
async function fetchProducts(offset) {
  const { findProducts } = await ask("product_catalog",
    `query($search: String, $category: ID, $max: Decimal, $limit: Int!, $offset: Int!) {
      findProducts(search: $search, category: $category, maxPrice: $max, limit: $limit, offset: $offset) {
        id sku name price stock averageRating reviewCount category { name } } }`,
    { ...wanted, limit: PAGE + 1, offset });
  return findProducts;
}

async function showProducts(offset = 0) {
  const asked = ++search;
  const found = await fetchProducts(offset);
  // Another search may have started meanwhile.
  if (asked !== search) return;

  const items = found.slice(0, PAGE).map(productItem);
  const list = byId("products");
  if (offset === 0) list.replaceChildren();
  list.append(...items);
  byId("more").hidden = found.length <= PAGE;

  const count = list.children.length;
  const all = byId("more").hidden ? "" : "The first ";
  byId("found").textContent = count ? `${all}${count} ${count === 1 ? "product" : "products"}, cheapest first.` : nothing();
  if (offset > 0) items[0]?.focus({ preventScroll: true });
}

function nothing() {
  const { search: text, category, max } = wanted;
  const where = category ? ` in ${byId("search").category.selectedOptions[0].text.trim()}` : "";
  return `No products found${text ? ` for “${text}”` : ""}${where}${max ? ` up to ${money.format(max)}` : ""}. Try a shorter word, another category or a higher price.`;
}

function productItem(product) {
  const rating = product.reviewCount ? `${product.averageRating.toFixed(1)} of 5 (${product.reviewCount})` : "no reviews yet";
  const price = money.format(product.price);
  const offer = [element("span", {}, price)];
  if (product.stock > 0) offer.push(button("Add to cart", `Add to cart: ${product.name}, ${product.sku}`, () => add(product)));
  return element("li", { tabIndex: -1 },
    element("strong", {}, product.name),
    soft(`${product.category.name} · ${rating}`),
    soft(product.stock > 0 ? `${product.stock} in stock` : "sold out"),
    row(...offer));
}

// The cart.

async function add(product) {
  if (!token) {
    say("Please sign in first: your cart belongs to your account.");
    byId("login").username.focus();
    return;
  }
  const { lines } = await change("addToCart", product.id, 1);
  const line = lines.find(line => line.productId === product.id);
  say(`${product.name} is in the cart: ${pieces(line.quantity)}.`, true);
}

/** Changes the cart and shows its new state, whether or not the change succeeded. */
async function change(field, id, quantity) {
  const [head, takes] = quantity === undefined ? ["", ""] : [", $quantity: Int!", ", quantity: $quantity"];
  const { it } = await ask("shopping_cart",
    `mutation($id: ID!${head}) { it: ${field}(productId: $id${takes}) { success errors { message } cart { ${CART} } } }`, { id, quantity });
  showCart(it.cart);
  return settled(it).cart;
}

function cartItem(line) {
  const what = `${line.name}, ${line.sku}`;
  const quantity = element("input", {
    id: `quantity-${line.productId}`, type: "number", min: 1, value: line.quantity, ariaLabel: `Pieces of ${what}`,
    onchange: handler(async input => {
      const wish = Number(input.value);
      if (!Number.isInteger(wish) || wish < 0 || input.value === "") {
        input.value = line.quantity;
        throw new Problem("Please enter the number of pieces as a whole number.");
      }
      await change("updateQuantity", line.productId, wish);
      say(wish ? `${pieces(wish)} of ${line.name}.` : `${line.name} is no longer in the cart.`, true);
    }),
  });

  const remove = button("Remove", `Remove ${what}`, async () => {
    await change("removeFromCart", line.productId);
    say(`${line.name} is no longer in the cart.`, true);
  });
  return element("li", {}, element("div", {}, line.name), soft(line.sku),
    row(quantity, element("span", {}, money.format(line.subtotal)), remove));
}

function showCart(cart) {
  redraw(byId("cart"), byId("cart-heading"), cart.lines.map(cartItem));
  const total = money.format(cart.total);
  byId("cart-count").textContent = cart.count ? `${pieces(cart.count)}, ${total}` : "empty";
  byId("cart-empty").textContent = token ? "Nothing yet. Add a product to order it." : "Sign in to fill a cart.";
  byId("cart-empty").hidden = cart.count > 0;
  byId("total").textContent = total;
  byId("checkout").hidden = byId("order").disabled = cart.count === 0;
}

// Orders.

async function showOrders() {
  const { myOrders } = await ask("order_management",
    "{ myOrders(limit: 5) { id status total orderItems { quantity product { name } } } }");
  redraw(byId("orders"), byId("orders-heading"), myOrders.map(orderItem));
  byId("orders-empty").hidden = myOrders.length > 0;
}

function orderItem(order) {
  const what = order.orderItems.map(item => `${item.quantity} × ${item.product.name}`).join(", ");
  const head = row(element("span", {}, `No. ${order.id}, ${order.status}`), element("span", {}, money.format(order.total)));
  const item = element("li", {}, head, soft(what));
  if (order.status === "pending") item.append(button("Cancel", `Cancel order ${order.id}`, () => cancel(order.id)));
  return item;
}

async function cancel(id) {
  const { cancelOrder } = await ask("order_management",
    "mutation($id: ID!) { cancelOrder(id: $id) { success errors { message } } }", { id });
  settled(cancelOrder);
  say(`Order ${id} is cancelled.`, true);
  await Promise.all([showOrders(), showProducts()]);
}

byId("order").onclick = handler(async () => {
  const { createOrder } = await ask("order_management",
    "mutation { createOrder { success errors { message } order { id total } } }");
  const { order } = settled(createOrder);
  say(`Thank you: order ${order.id} for ${money.format(order.total)}.`, true);
  await refresh();
  byId("orders-heading").focus();
});

// Signing in and out.

function forget() {
  token = null;
  sessionStorage.removeItem("token");
}

/** Redraws the page for the signed-in user, or for a visitor. */
async function refresh() {
  const me = token && (await ask("user_schema", "{ me { username } }")).me;
  if (!me) forget();
  byId("sign-in").hidden = Boolean(me);
  byId("who").hidden = byId("logout").hidden = byId("my-orders").hidden = !me;
  byId("who").textContent = me ? `Hello, ${me.username}` : "";

  const cart = me ? (await ask("shopping_cart", `{ myCart { ${CART} } }`)).myCart : { lines: [], count: 0, total: "0" };
  showCart(cart);
  await Promise.all([showProducts(), me && showOrders()]);
}

byId("login").onsubmit = handler(async form => {
  const { login } = await ask("user_schema",
    `mutation($name: String!, $password: String!) {
      login(username: $name, password: $password) { success token errors { message } } }`,
    { name: form.username.value, password: form.password.value });
  token = settled(login).token;
  sessionStorage.setItem("token", token);
  form.reset();
  await refresh();
});
for (const account of document.querySelectorAll("#demo button")) {
  account.onclick = () => {
    byId("login").username.value = account.textContent;
    byId("login").password.value = document.querySelector("#demo code").textContent;
    byId("login").querySelector("button").focus();
  };
}
byId("logout").onclick = handler(async () => {
  forget();
  say("You are signed out.", true);
  await refresh();
  byId("login").username.focus();
});

// Searching.

byId("search").onsubmit = handler(async () => {
  const wish = wishes();
  if (!wish) return;
  wanted = wish;
  await showProducts();
});
byId("more").onclick = handler(() => showProducts(byId("products").children.length));

async function showCategories() {
  const { categoryTree } = await ask("product_catalog", "{ categoryTree { id name categories { id name categories { id name } } } }");
  const add = (category, depth) => {
    byId("search").category.append(new Option("\u2003".repeat(depth) + category.name, category.id));
    category.categories?.forEach(below => add(below, depth + 1));
  };
  categoryTree.forEach(category => add(category, 0));
}

try {
  await Promise.all([showCategories(), refresh()]);
} catch (problem) {
  if (!(problem instanceof Problem)) throw problem;
  say(problem.message);
}
document.body.dataset.ready = "true";
