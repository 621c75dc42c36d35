CREATE TABLE users (
  -- People who buy, and those who run the shop.
  id INTEGER PRIMARY KEY,
  username VARCHAR(50) NOT NULL UNIQUE, -- The name they sign in with
  email VARCHAR(200) NOT NULL UNIQUE,
  full_name VARCHAR(100),
  role TEXT NOT NULL DEFAULT 'customer' CHECK (role IN ('customer', 'staff')),
  is_active BOOLEAN NOT NULL DEFAULT TRUE,
  created_at TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE TABLE categories (
  -- The tree that products are sorted into.
  id INTEGER PRIMARY KEY,
  parent_id INTEGER REFERENCES categories (id), -- Empty at the top of the tree
  name VARCHAR(100) NOT NULL,
  slug VARCHAR(100) NOT NULL UNIQUE,
  description TEXT
);
CREATE TABLE products (
  -- Everything the shop sells.
  id INTEGER PRIMARY KEY,
  category_id INTEGER NOT NULL REFERENCES categories (id),
  sku VARCHAR(40) NOT NULL UNIQUE, -- Printed on the label
  name VARCHAR(200) NOT NULL,
  description TEXT,
  price DECIMAL(10, 2) NOT NULL,
  stock INT NOT NULL DEFAULT 0 CHECK (stock >= 0), -- Pieces on the shelf
  weight REAL,
  is_featured BOOLEAN NOT NULL DEFAULT FALSE,
  attributes JSON,
  created_at TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE TABLE tags (
  -- Words that products are found by.
  id INTEGER PRIMARY KEY,
  name VARCHAR(40) NOT NULL UNIQUE
);
CREATE TABLE product_tags (
  product_id INTEGER NOT NULL REFERENCES products (id),
  tag_id INTEGER NOT NULL REFERENCES tags (id),
  PRIMARY KEY (product_id, tag_id)
);
CREATE TABLE reviews (
  -- What buyers think; one for each user and product.
  id INTEGER PRIMARY KEY,
  product_id INTEGER NOT NULL REFERENCES products (id),
  user_id INTEGER NOT NULL REFERENCES users (id),
  rating SMALLINT NOT NULL, -- From 1 to 5
  body TEXT,
  created_at TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
  UNIQUE (product_id, user_id)
);
CREATE TABLE orders (
  id INTEGER PRIMARY KEY,
  user_id INTEGER NOT NULL REFERENCES users (id),
  status TEXT NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'paid', 'shipped', 'cancelled')),
  total DECIMAL(12, 2) NOT NULL, -- The sum of the items
  note TEXT,
  delivery_date DATE,
  placed_at TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE TABLE order_items (
  id INTEGER PRIMARY KEY,
  order_id INTEGER NOT NULL REFERENCES orders (id),
  product_id INTEGER NOT NULL REFERENCES products (id),
  quantity INT NOT NULL,
  price DECIMAL(10, 2) NOT NULL, -- Of one piece, on the day of the order
  UNIQUE (order_id, product_id)
);
CREATE TABLE carts (
  id INTEGER PRIMARY KEY,
  user_id INTEGER NOT NULL UNIQUE REFERENCES users (id),
  updated_at TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE TABLE cart_items (
  cart_id INTEGER NOT NULL REFERENCES carts (id),
  product_id INTEGER NOT NULL REFERENCES products (id),
  quantity INT NOT NULL,
  PRIMARY KEY (cart_id, product_id)
);
CREATE INDEX categories_parent ON categories (parent_id);
CREATE INDEX products_category ON products (category_id);
CREATE INDEX product_tags_tag ON product_tags (tag_id);
CREATE INDEX reviews_user ON reviews (user_id);
CREATE INDEX orders_user ON orders (user_id);
CREATE INDEX order_items_product ON order_items (product_id);
CREATE INDEX cart_items_product ON cart_items (product_id);
