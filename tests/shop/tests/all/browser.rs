//! The page in a real browser: headless Chromium, driven through `WebDriver`. The screenshots are in
//! `target/screenshots`.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use super::server::{Server, shop};

/// A driver with one window; both end with this value.
struct Browser {
    driver: Child,
    http: reqwest::Client,
    session: String,
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// Chromium and its driver, or the words that say how to get them.
fn programs() -> Option<(PathBuf, PathBuf)> {
    let find = |names: &[&str]| {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
        names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name))).find(|file| file.is_file())
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
        let port =
            std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("its address").port();
        let child =
            Command::new(driver).arg(format!("--port={port}")).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let mut browser =
            Self { driver: child.expect("the driver"), http: reqwest::Client::new(), session: String::new() };
        let base = format!("http://127.0.0.1:{port}");
        while browser.http.get(format!("{base}/status")).send().await.is_err() {
            assert!(browser.driver.try_wait().expect("its state").is_none(), "the driver ended");
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
        let id = answer["value"]["sessionId"].as_str().unwrap_or_else(|| panic!("{answer}"));
        browser.session = format!("{base}/session/{id}");
        // What is not there yet is waited for, by the driver.
        browser.post("timeouts", json!({"implicit": 10_000, "script": 30_000})).await;
        Some(browser)
    }

    async fn post(&self, command: &str, body: Value) -> Value {
        let answer = self.http.post(format!("{}/{command}", self.session)).json(&body).send().await.expect("an answer");
        let mut answer: Value = answer.json().await.expect("JSON");
        assert!(answer["value"].get("error").is_none(), "{command} {body}: {answer}");
        answer["value"].take()
    }

    async fn element(&self, xpath: &str) -> String {
        let found = self.post("element", json!({"using": "xpath", "value": xpath})).await;
        let id = found.as_object().and_then(|object| object.values().next()).and_then(Value::as_str);
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
        answer["value"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
    }

    async fn screenshot(&self, name: &str) {
        use base64::Engine as _;
        let answer: Value =
            self.http.get(format!("{}/screenshot", self.session)).send().await.expect("it").json().await.expect("JSON");
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/screenshots");
        std::fs::create_dir_all(&folder).expect("a folder");
        let picture = answer["value"].as_str().expect("a picture");
        let bytes = base64::engine::general_purpose::STANDARD.decode(picture).expect("base64");
        std::fs::write(folder.join(name), bytes).expect("a file");
    }

    /// What the page's scripts complained of.
    async fn complaints(&self) -> Vec<Value> {
        let answer = self.post("se/log", json!({"type": "browser"})).await;
        answer.as_array().cloned().unwrap_or_default().into_iter().filter(|entry| entry["level"] == "SEVERE").collect()
    }
}

async fn orders_of(shop: &Server) -> Value {
    let client = shop.sign_in("user3").await;
    client
        .data("order_management", "{ myOrders(limit: 1) { status total orderItems { quantity product { name } } } }")
        .await["myOrders"][0]
        .clone()
}

#[tokio::test]
async fn somebody_signs_in_browses_fills_a_cart_and_orders() {
    let Some(browser) = Browser::open().await else { return };
    let shop = shop(tests::Engine::Sqlite, "browser").await.expect("SQLite needs no server");
    browser.post("url", json!({"url": format!("{}/", shop.base)})).await;
    browser.element("//body[@data-ready='true']").await;
    browser.screenshot("1-visitor.png").await;
    assert!(browser.text("//ul[@id='products']/li[1]").await.contains("on the shelf"));
    // A wrong password is said in words.
    browser.type_into("//input[@name='username']", "user3").await;
    browser.type_into("//input[@name='password']", "wrong").await;
    browser.click("//button[text()='Sign in']").await;
    browser.element("//p[@id='notice'][contains(., 'not this password')]").await;
    browser.type_into("//input[@name='password']", "correct horse").await;
    browser.click("//button[text()='Sign in']").await;
    browser.element("//span[@id='who'][text()='Hello, user3']").await;
    // The seed left something in the cart.
    let client = shop.sign_in("user3").await;
    let cart = client.data("shopping_cart", "{ myCart { lines { productId name } } }").await;
    for line in cart["myCart"]["lines"].as_array().expect("lines") {
        let name = line["name"].as_str().expect("a name");
        browser.click(&format!("//li[div[text()=\"{name}\"]]//button[text()='Remove']")).await;
        browser.element(&format!("//ul[@id='cart'][not(.//div[text()=\"{name}\"])]")).await;
    }
    browser.type_into("//input[@name='search']", "lamp").await;
    browser.type_into("//input[@name='max']", "300").await;
    browser.click("//button[text()='Find']").await;
    browser.element("//ul[@id='products'][not(li[not(contains(strong, 'Lamp'))])]").await;
    let product = browser.text("//ul[@id='products']/li[not(contains(., 'sold out'))][1]/strong").await;
    browser.click("//ul[@id='products']/li[not(contains(., 'sold out'))][1]//button").await;
    browser.element(&format!("//ul[@id='cart']/li/div[text()='{product}']")).await;
    browser.click("//ul[@id='products']/li[not(contains(., 'sold out'))][1]//button").await;
    browser.element("//ul[@id='cart']//input[@type='number']").await;
    browser.screenshot("2-cart.png").await;
    browser.click("//button[@id='order'][not(@disabled)]").await;
    browser.element("//p[@id='notice'][starts-with(., 'Thank you')]").await;
    browser.element("//ul[@id='orders']/li[1]//span[contains(., 'pending')]").await;
    browser.screenshot("3-ordered.png").await;
    let order = orders_of(&shop).await;
    assert_eq!(order["status"], "pending");
    assert_eq!(order["orderItems"], json!([{"quantity": 2, "product": {"name": product}}]), "{order}");
    let thanks = browser.text("//p[@id='notice']").await;
    assert!(thanks.contains(order["total"].as_str().expect("an amount")), "{thanks}: {order}");
    browser.click("//ul[@id='orders']/li[1]//button[text()='Cancel']").await;
    browser.element("//ul[@id='orders']/li[1]//span[contains(., 'cancelled')]").await;
    assert_eq!(orders_of(&shop).await["status"], "cancelled");
    assert_eq!(browser.complaints().await, Vec::<Value>::new());
}
