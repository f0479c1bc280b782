//! As much of a [`WebDriver`](https://www.w3.org/TR/webdriver2/) client as these tests need: JSON over HTTP/1.1.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

/// The key under which `WebDriver` names an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A browser with one page, gone when it is dropped.
pub(super) struct Browser {
    driver: Child,
    address: SocketAddr,
    session: String,
    profile: PathBuf,
}

/// An element of the page.
#[derive(Clone, Debug)]
pub(super) struct Element(String);

impl Browser {
    /// `None` where there is no driver, or no browser for it.
    pub(super) fn start(name: &str) -> Option<Self> {
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let lines = BufReader::new(driver.stdout.take().unwrap()).lines();
        let port = lines.map_while(Result::ok).find_map(|line| {
            let port = line.split("successfully on port ").nth(1)?;
            port.trim_end_matches('.').parse().ok()
        });
        let profile = std::env::temp_dir().join(format!("imgward-{name}-{}", std::process::id()));
        let mut browser = Self {
            driver,
            address: SocketAddr::from(([127, 0, 0, 1], port?)),
            session: String::new(),
            profile,
        };
        let arguments = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--no-proxy-server",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--hide-scrollbars",
            // Nothing is clicked while it scrolls.
            "--force-prefers-reduced-motion",
            "--window-size=1360,1000",
        ];
        let mut arguments = arguments.map(String::from).to_vec();
        arguments.push(format!("--user-data-dir={}", browser.profile.display()));
        let capabilities = json!({ "capabilities": { "alwaysMatch": {
            "goog:chromeOptions": { "args": arguments },
            "goog:loggingPrefs": { "browser": "ALL" },
        } } });
        let session = browser.call("POST", "", &capabilities).unwrap().ok()?;
        browser.session = session["sessionId"].as_str()?.into();
        Some(browser)
    }

    /// What a command comes to, or the error that the driver names.
    fn call(&self, method: &str, path: &str, body: &Value) -> io::Result<Result<Value, Value>> {
        let mut stream = TcpStream::connect(self.address)?;
        stream.set_read_timeout(Some(Duration::from_secs(120)))?;
        let body = if method == "POST" {
            body.to_string()
        } else {
            String::new()
        };
        let session = match self.session.as_str() {
            "" => String::new(),
            session => format!("/{session}"),
        };
        write!(
            stream,
            "{method} /session{session}{path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )?;
        let mut reader = BufReader::new(stream);
        let mut status = String::new();
        reader.read_line(&mut status)?;
        let mut length = 0;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line)?;
            let line = line.trim_end().to_ascii_lowercase();
            if let Some(digits) = line.strip_prefix("content-length:") {
                length = digits.trim().parse().map_err(io::Error::other)?;
            }
            if line.is_empty() {
                break;
            }
        }
        let mut answer = vec![0; length];
        reader.read_exact(&mut answer)?;
        let mut answer: Value = serde_json::from_slice(&answer)?;
        let value = answer["value"].take();
        Ok(if status.contains(" 200 ") {
            Ok(value)
        } else {
            Err(value)
        })
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        let answer = self.call("POST", path, body);
        answer
            .unwrap()
            .unwrap_or_else(|error| panic!("{path} {body}: {error}"))
    }

    pub(super) fn open(&self, url: &str) {
        self.post("/url", &json!({ "url": url }));
    }

    /// What a script returns, or what the promise comes to that it returns.
    pub(super) fn run(&self, script: &str) -> Value {
        self.post("/execute/sync", &json!({ "script": script, "args": [] }))
    }

    /// Runs a script until what it returns is true.
    pub(super) fn wait(&self, condition: &str) {
        for _ in 0..600 {
            if self.run(&format!("return Boolean({condition})")) == true {
                return;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        let text = self.run("return document.body.innerText");
        panic!("not in a minute: {condition}\n{text}\n{:?}", self.errors());
    }

    pub(super) fn find(&self, selector: &str) -> Element {
        let body = json!({ "using": "css selector", "value": selector });
        let element = self.post("/element", &body);
        Element(element[ELEMENT].as_str().unwrap().to_owned())
    }

    pub(super) fn find_all(&self, selector: &str) -> Vec<Element> {
        let body = json!({ "using": "css selector", "value": selector });
        let elements = self.post("/elements", &body);
        let elements = elements.as_array().unwrap().iter();
        elements
            .map(|element| Element(element[ELEMENT].as_str().unwrap().to_owned()))
            .collect()
    }

    pub(super) fn click(&self, element: &Element) {
        self.post(&format!("/element/{}/click", element.0), &json!({}));
    }

    pub(super) fn keys(&self, element: &Element, text: &str) {
        self.post(
            &format!("/element/{}/value", element.0),
            &json!({ "text": text }),
        );
    }

    /// Presses a key, wherever the focus is.
    pub(super) fn press(&self, key: &str) {
        let key = [
            json!({ "type": "keyDown", "value": key }),
            json!({ "type": "keyUp", "value": key }),
        ];
        let actions = json!({ "actions": [{ "type": "key", "id": "keyboard", "actions": key }] });
        self.post("/actions", &actions);
    }

    /// The name by which assistive technology calls an element.
    pub(super) fn label(&self, element: &Element) -> String {
        let label = self.call(
            "GET",
            &format!("/element/{}/computedlabel", element.0),
            &Value::Null,
        );
        label.unwrap().unwrap().as_str().unwrap().to_owned()
    }

    /// A command of the browser's own protocol.
    pub(super) fn command(&self, name: &str, parameters: &Value) {
        self.post(
            "/goog/cdp/execute",
            &json!({ "cmd": name, "params": parameters }),
        );
    }

    /// What the console has complained about since it was last asked.
    pub(super) fn errors(&self) -> Vec<String> {
        let entries = self.post("/se/log", &json!({ "type": "browser" }));
        let entries = entries.as_array().unwrap().iter();
        let severe =
            entries.filter(|entry| entry["level"] == "SEVERE" || entry["level"] == "WARNING");
        severe.map(|entry| entry["message"].to_string()).collect()
    }

    /// Leaves a picture of the whole page, where somebody wants to see it.
    pub(super) fn picture(&self, name: &str) {
        let Some(folder) = std::env::var_os("IMGWARD_SCREENSHOTS") else {
            return;
        };
        let picture = self.post(
            "/goog/cdp/execute",
            &json!({ "cmd": "Page.captureScreenshot", "params": { "captureBeyondViewport": true } }),
        );
        let encoded = picture["data"].as_str().unwrap();
        let bytes = data_encoding::BASE64.decode(encoded.as_bytes()).unwrap();
        std::fs::write(PathBuf::from(folder).join(format!("{name}.png")), bytes).unwrap();
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The driver ends the browser. It must be told so even where a test has failed.
        if !self.session.is_empty() {
            let _ = self.call("DELETE", "", &Value::Null);
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
        let _ = std::fs::remove_dir_all(&self.profile);
    }
}
