//! Tests the page in a real browser: headless Chromium, driven through `WebDriver`. The screenshots are in
//! `target/screenshots`.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use super::server::{Server, shop};

/// A driver with one browser window; dropping this value closes both.
struct Browser {
    driver: Child,
    port: u16,
    http: reqwest::Client,
    session: String,
}

impl Drop for Browser {
    fn drop(&mut self) {
        // A driver that is killed leaves its browser running; one that is told to shut down closes it first.
        if shut_down(self.port).is_err() {
            let _ = self.driver.kill();
        }
        let _ = self.driver.wait();
    }
}

/// Tells the driver on a port to close its browser and to end.
fn shut_down(port: u16) -> std::io::Result<()> {
    let mut socket = TcpStream::connect(("127.0.0.1", port))?;
    socket.set_read_timeout(Some(Duration::from_secs(10)))?;
    write!(socket, "GET /shutdown HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n")?;

    // It answers when the browser is closed.
    socket.read(&mut [0; 64]).map(drop)
}

/// Finds Chromium and its driver. Without them it prints how to install them, and panics on CI.
fn programs() -> Option<(PathBuf, PathBuf)> {
    let find = |names: &[&str]| {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
        names
            .iter()
            .flat_map(|name| folders.iter().map(move |folder| folder.join(name)))
            .find(|file| file.is_file())
    };
    let found = find(&["chromium", "chromium-browser", "google-chrome"]).zip(find(&["chromedriver"]));
    if found.is_none() {
        let message = "Chromium is not installed; install it with `apt-get install chromium chromium-driver`";
        assert!(std::env::var_os("CI").is_none(), "{message}");
        eprintln!("SKIPPED: {message}");
    }
    found
}

impl Browser {
    async fn open() -> Option<Self> {
        let (chromium, driver) = programs()?;
        let port = std::net::TcpListener::bind("127.0.0.1:0")
            .expect("a port")
            .local_addr()
            .expect("its address")
            .port();

        let child = Command::new(driver)
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let mut browser = Self {
            driver: child.expect("the driver"),
            port,
            http: reqwest::Client::new(),
            session: String::new(),
        };

        let base = format!("http://127.0.0.1:{port}");
        while browser.http.get(format!("{base}/status")).send().await.is_err() {
            assert!(
                browser.driver.try_wait().expect("its state").is_none(),
                "the driver ended"
            );
            tokio::task::yield_now().await;
        }

        let arguments = json!([
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--window-size=1200,900"
        ]);
        let options = json!({"binary": chromium, "args": arguments});
        let wanted = json!({"capabilities": {"alwaysMatch": {"browserName": "chrome", "goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}}});

        let answer: Value = browser
            .http
            .post(format!("{base}/session"))
            .json(&wanted)
            .send()
            .await
            .expect("it")
            .json()
            .await
            .expect("JSON");
        let id = answer["value"]["sessionId"]
            .as_str()
            .unwrap_or_else(|| panic!("{answer}"));
        browser.session = format!("{base}/session/{id}");

        // The driver waits for elements that are not there yet.
        browser
            .post("timeouts", json!({"implicit": 10_000, "script": 30_000}))
            .await;

        Some(browser)
    }

    async fn post(&self, command: &str, body: Value) -> Value {
        let answer = self
            .http
            .post(format!("{}/{command}", self.session))
            .json(&body)
            .send()
            .await
            .expect("an answer");
        let mut answer: Value = answer.json().await.expect("JSON");
        assert!(answer["value"].get("error").is_none(), "{command} {body}: {answer}");
        answer["value"].take()
    }

    async fn element(&self, xpath: &str) -> String {
        let found = self.post("element", json!({"using": "xpath", "value": xpath})).await;
        let id = found
            .as_object()
            .and_then(|object| object.values().next())
            .and_then(Value::as_str);
        id.unwrap_or_else(|| panic!("{found}")).to_owned()
    }

    async fn click(&self, xpath: &str) {
        let id = self.element(xpath).await;
        self.post(&format!("element/{id}/click"), json!({})).await;
    }

    async fn type_into(&self, xpath: &str, text: &str) {
        let id = self.element(xpath).await;
        self.post(&format!("element/{id}/clear"), json!({})).await;
        self.post(&format!("element/{id}/value"), json!({ "text": text })).await;
    }

    async fn text(&self, xpath: &str) -> String {
        let id = self.element(xpath).await;
        let url = format!("{}/element/{id}/text", self.session);
        let answer: Value = self.http.get(url).send().await.expect("it").json().await.expect("JSON");
        answer["value"]
            .as_str()
            .unwrap_or_else(|| panic!("{answer}"))
            .to_owned()
    }

    async fn run(&self, script: &str) -> Value {
        self.post("execute/sync", json!({"script": script, "args": []})).await
    }

    async fn screenshot(&self, name: &str) {
        use base64::Engine as _;
        let answer: Value = self
            .http
            .get(format!("{}/screenshot", self.session))
            .send()
            .await
            .expect("it")
            .json()
            .await
            .expect("JSON");
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/screenshots");
        std::fs::create_dir_all(&folder).expect("a folder");
        let picture = answer["value"].as_str().expect("a picture");
        let bytes = base64::engine::general_purpose::STANDARD
            .decode(picture)
            .expect("base64");
        std::fs::write(folder.join(name), bytes).expect("a file");
    }

    /// Returns the errors in the browser's log.
    async fn complaints(&self) -> Vec<Value> {
        let answer = self.post("se/log", json!({"type": "browser"})).await;
        answer
            .as_array()
            .cloned()
            .unwrap_or_default()
            .into_iter()
            .filter(|entry| entry["level"] == "SEVERE")
            .collect()
    }
}

async fn orders_of(shop: &Server) -> Value {
    let client = shop.sign_in("user3").await;
    client
        .data(
            "order_management",
            "{ myOrders(limit: 1) { status total orderItems { quantity product { name } } } }",
        )
        .await["myOrders"][0]
        .clone()
}

#[tokio::test]
async fn somebody_signs_in_browses_fills_a_cart_and_orders() {
    let Some(browser) = Browser::open().await else { return };
    let shop = shop(tests::Engine::Sqlite, "browser")
        .await
        .expect("SQLite needs no server");

    browser.post("url", json!({"url": format!("{}/", shop.base)})).await;
    browser.element("//body[@data-ready='true']").await;
    browser.screenshot("1-visitor.png").await;
    assert!(browser.text("//ul[@id='products']/li[1]").await.contains("in stock"));

    // A visitor is told to sign in first, and the focus moves to the form.
    browser
        .click("//ul[@id='products']/li[not(contains(., 'sold out'))][1]//button")
        .await;
    browser.element("//p[@id='notice'][contains(., 'sign in first')]").await;
    assert_eq!(browser.run("return document.activeElement.name").await, "username");

    // A wrong password is reported in words.
    browser.type_into("//input[@name='username']", "user3").await;
    browser.type_into("//input[@name='password']", "wrong").await;
    browser.click("//button[text()='Sign in']").await;
    browser
        .element("//p[@id='notice'][contains(., 'Wrong user name or password')]")
        .await;

    browser.type_into("//input[@name='password']", "correct horse").await;
    browser.click("//button[text()='Sign in']").await;
    browser.element("//span[@id='who'][text()='Hello, user3']").await;

    // The cart has products from the seed.
    let client = shop.sign_in("user3").await;
    let cart = client
        .data("shopping_cart", "{ myCart { lines { productId name } } }")
        .await;
    for line in cart["myCart"]["lines"].as_array().expect("lines") {
        let name = line["name"].as_str().expect("a name");
        browser
            .click(&format!("//li[div[text()=\"{name}\"]]//button[text()='Remove']"))
            .await;
        browser
            .element(&format!("//ul[@id='cart'][not(.//div[text()=\"{name}\"])]"))
            .await;
    }

    browser
        .element("//p[@id='cart-empty'][contains(., 'Nothing yet')]")
        .await;

    browser.type_into("//input[@name='search']", "zebra").await;
    browser.click("//button[text()='Find']").await;
    browser
        .element("//p[@id='found'][contains(., 'No products found for “zebra”')]")
        .await;

    // An invalid price is reported beside its field, and not sent.
    browser.type_into("//input[@name='search']", "lamp").await;
    browser.type_into("//input[@name='max']", "cheap").await;
    browser.click("//button[text()='Find']").await;
    browser
        .element("//p[@id='max-problem'][contains(., 'as a number')]")
        .await;

    browser.type_into("//input[@name='max']", "300,00").await;
    browser.click("//button[text()='Find']").await;
    browser
        .element("//ul[@id='products'][not(li[not(contains(strong, 'Lamp'))])]")
        .await;

    let product = browser
        .text("//ul[@id='products']/li[not(contains(., 'sold out'))][1]/strong")
        .await;
    browser
        .click("//ul[@id='products']/li[not(contains(., 'sold out'))][1]//button")
        .await;
    browser
        .element(&format!("//ul[@id='cart']/li/div[text()='{product}']"))
        .await;
    browser
        .element(&format!(
            "//p[@id='notice'][contains(., '{product} is in the cart: 1 piece.')]"
        ))
        .await;
    browser
        .element("//span[@id='cart-count'][starts-with(., '1 piece, €')]")
        .await;
    browser
        .click("//ul[@id='products']/li[not(contains(., 'sold out'))][1]//button")
        .await;
    browser
        .element("//span[@id='cart-count'][starts-with(., '2 pieces, €')]")
        .await;

    let doubles =
        "const names = [...document.querySelectorAll('button')].map(made => made.ariaLabel ?? made.textContent);
                   return names.filter((name, at) => names.indexOf(name) < at)";
    assert_eq!(browser.run(doubles).await, json!([]), "names of buttons");
    browser.screenshot("2-cart.png").await;

    browser.click("//button[@id='order'][not(@disabled)]").await;
    // The message disappears after ten seconds, so it is read at once.
    let thanks = browser.text("//p[@id='notice'][starts-with(., 'Thank you')]").await;
    browser
        .element("//ul[@id='orders']/li[1]//span[contains(., 'pending')]")
        .await;
    browser.screenshot("3-ordered.png").await;

    let order = orders_of(&shop).await;
    assert_eq!(order["status"], "pending");
    assert_eq!(
        order["orderItems"],
        json!([{"quantity": 2, "product": {"name": product}}]),
        "{order}"
    );
    assert!(
        thanks.contains(order["total"].as_str().expect("an amount")),
        "{thanks}: {order}"
    );

    browser.click("//ul[@id='orders']/li[1]//button[text()='Cancel']").await;
    browser
        .element("//ul[@id='orders']/li[1]//span[contains(., 'cancelled')]")
        .await;
    assert_eq!(orders_of(&shop).await["status"], "cancelled");
    assert_eq!(browser.complaints().await, Vec::<Value>::new());
}

#[tokio::test]
async fn the_shop_fits_a_phone_and_a_desk() {
    let Some(browser) = Browser::open().await else { return };
    let shop = shop(tests::Engine::Sqlite, "widths")
        .await
        .expect("SQLite needs no server");

    for (width, height, name) in [(360, 740, "phone.png"), (1280, 900, "desk.png")] {
        let size = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600});
        let command = json!({"cmd": "Emulation.setDeviceMetricsOverride", "params": size});
        browser.post("goog/cdp/execute", command).await;
        browser.post("url", json!({"url": format!("{}/", shop.base)})).await;
        browser.element("//body[@data-ready='true']").await;

        let is_within = "return document.documentElement.scrollWidth <= innerWidth";
        assert_eq!(
            browser.run(is_within).await,
            true,
            "{width}: the page does not scroll sideways"
        );

        let reached = "const box = document.querySelector('#cart-count').getBoundingClientRect();
                       return box.top >= 0 && box.bottom <= innerHeight && box.right <= innerWidth";
        browser.run("scrollTo(0, 2000)").await;
        assert_eq!(
            browser.run(reached).await,
            true,
            "{width}: the cart stays visible while scrolling"
        );

        browser.run("scrollTo(0, 0)").await;
        let unlabelled = "return [...document.querySelectorAll('input, select')]
                          .filter(field => !field.labels?.length && !field.ariaLabel).map(field => field.name)";
        assert_eq!(
            browser.run(unlabelled).await,
            json!([]),
            "{width}: each field has a label"
        );

        browser.screenshot(name).await;
    }
}

#[tokio::test]
async fn products_come_in_pages() {
    let Some(browser) = Browser::open().await else { return };
    let shop = shop(tests::Engine::Sqlite, "pages")
        .await
        .expect("SQLite needs no server");

    browser.post("url", json!({"url": format!("{}/", shop.base)})).await;
    browser.element("//body[@data-ready='true']").await;
    browser.click("//button[@id='more']").await;
    browser.element("//ul[@id='products']/li[48]").await;
    assert_eq!(
        browser.text("//p[@id='found']").await,
        "The first 48 products, cheapest first."
    );
    assert_eq!(browser.complaints().await, Vec::<Value>::new());
}

#[tokio::test]
async fn graphiql_leads_from_schema_to_schema_and_keeps_the_headers_of_each() {
    let Some(browser) = Browser::open().await else { return };
    let shop = shop(tests::Engine::Sqlite, "graphiql")
        .await
        .expect("SQLite needs no server");

    browser
        .post("url", json!({"url": format!("{}/graphql/", shop.base)}))
        .await;
    browser.click("//a[text()='shopping_cart']").await;
    browser
        .element("//select/option[@selected][text()='shopping_cart – needs authentication']")
        .await;
    browser
        .element("//div[@class='graphiql-footer'][contains(., 'This schema needs authentication')]")
        .await;

    // With a token, GraphiQL loads the types again by itself.
    let login = "mutation { login(username: \"user3\", password: \"correct horse\") { token } }";
    let data = shop.anonymous().data("user_schema", login).await;
    let token = data["login"]["token"].as_str().expect("a token");
    let editor = "const editor = [...document.querySelectorAll('.graphiql-editor-tool .CodeMirror')].at(-1).CodeMirror";
    let headers = json!({"Authorization": format!("Bearer {token}")}).to_string();

    browser.click("//button[text()='Headers']").await;
    browser
        .run(&format!("{editor}; editor.setValue({})", json!(headers)))
        .await;
    browser
        .click("//button[@aria-label='Show Documentation Explorer']")
        .await;
    browser
        .element("//div[@class='graphiql-plugin']//a[text()='CartLine']")
        .await;

    // The headers survive a reload, but are stored for this session only.
    browser.post("refresh", json!({})).await;
    browser
        .click("//button[@aria-label='Show Documentation Explorer']")
        .await;
    browser
        .element("//div[@class='graphiql-plugin']//a[text()='CartLine']")
        .await;

    let kept = browser
        .run("return [localStorage, sessionStorage].map(kept => Object.values(kept).join())")
        .await;
    let holds = |at: usize| kept[at].as_str().expect("text").contains(token);
    assert_eq!([holds(0), holds(1)], [false, true]);

    // Another schema does not get them.
    browser
        .click("//select/option[starts-with(., 'product_catalog')]")
        .await;
    browser.element("//title[text()='product_catalog – GraphiQL']").await;
    browser.element("//div[contains(@class, 'graphiql-container')]").await;
    assert_eq!(browser.run(&format!("{editor}; return editor.getValue()")).await, "");

    // At a phone's width the answer is below the query.
    let narrow = json!({"width": 390, "height": 800, "deviceScaleFactor": 1, "mobile": true});
    let command = json!({"cmd": "Emulation.setDeviceMetricsOverride", "params": narrow});
    browser.post("goog/cdp/execute", command).await;

    let places = "const box = part => document.querySelector(part).getBoundingClientRect();
                  const [query, answer] = [box('.graphiql-query-editor'), box('.result-window')];
                  return query.width > 300 && answer.width > 300 && answer.top >= query.bottom && answer.right <= innerWidth";
    assert_eq!(browser.run(places).await, true);

    // The cart schema answered 401 until it got a token.
    let complaints = browser.complaints().await;
    assert!(
        complaints
            .iter()
            .all(|entry| entry["message"].as_str().is_some_and(|text| text.contains("401"))),
        "{complaints:?}"
    );
}
