//! The playground in a real Chromium, driven over `WebDriver`. Skipped where there is no `chromedriver`.
//!
//! With `IMGWARD_SCREENSHOTS` set to a folder, pictures of the page are left there.

mod webdriver;

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};

use serde_json::{Value, json};

use self::webdriver::Browser;
use crate::playground::server;
use crate::support::{IMAGES, Server};

const TAB: &str = "\u{e004}";
const RIGHT: &str = "\u{e014}";
const HOME: &str = "\u{e011}";

/// The page of a server in a browser, with its first result.
fn page(name: &str) -> Option<(Server, Browser)> {
    let Some(browser) = Browser::start(name) else {
        eprintln!("skipped: there is no chromedriver with a Chromium here");
        return None;
    };
    let server = server();
    browser.open(&format!("http://{}/_imgward/", server.address()));
    settled(&browser);
    Some((server, browser))
}

/// Waits for the result of the controls as they are.
fn settled(browser: &Browser) {
    // Longer than the page waits for the next key.
    std::thread::sleep(std::time::Duration::from_millis(250));
    browser.wait(
        "document.querySelector('#made').naturalWidth > 0 && document.querySelector('#made').src \
         && document.querySelector('#original').naturalWidth > 0 \
         && document.querySelectorAll('#dialects li').length === 4 \
         && !document.querySelector('#stage').classList.contains('busy')",
    );
}

/// Sets a control as a hand would, and waits for what comes of it.
fn set(browser: &Browser, name: &str, value: &str) {
    browser.run(&format!(
        "const field = document.querySelector('#recipe').elements[{name:?}];
         field.type === 'checkbox' ? field.checked = {value:?} === '1' : field.value = {value:?};
         field.dispatchEvent(new Event('input', {{ bubbles: true }}))"
    ));
    settled(browser);
}

fn made(browser: &Browser) -> Value {
    browser.run(
        "const made = document.querySelector('#made');
         return [made.naturalWidth, made.naturalHeight, document.querySelector('#made-facts').textContent.split(',')[0]]",
    )
}

#[test]
fn controls_make_images() {
    let Some((server, browser)) = page("controls") else {
        return;
    };
    assert_eq!(made(&browser), json!([480, 320, "480 × 320 WEBP"]));
    let times = browser.run("return document.querySelector('#times').textContent");
    let times = times.as_str().unwrap();
    for stage in ["load", "decode", "process", "encode", "together"] {
        assert!(times.contains(stage), "{times}");
    }
    // By hand: what is typed counts.
    let width = browser.find("input[name=w]");
    browser.run("document.querySelector('input[name=w]').select()");
    browser.keys(&width, "120");
    settled(&browser);
    assert_eq!(made(&browser), json!([120, 80, "120 × 80 WEBP"]));
    for (name, value, expected) in [
        ("fit", "fill", json!([120, 320, "120 × 320 WEBP"])),
        ("h", "60", json!([120, 60, "120 × 60 WEBP"])),
        ("rotate", "90", json!([120, 60, "120 × 60 WEBP"])),
        ("format", "png", json!([120, 60, "120 × 60 PNG"])),
        ("text", "Hello", json!([120, 60, "120 × 60 PNG"])),
        ("format", "auto", json!([120, 60, "120 × 60 WEBP"])),
    ] {
        set(&browser, name, value);
        assert_eq!(made(&browser), expected, "{name} {value}");
    }
    // Every dialect makes it, and every link opens it.
    for dialect in ["imagekit", "imgproxy", "ipx", "imagor"] {
        browser.click(&browser.find(&format!("#dialects input[value={dialect}]")));
        settled(&browser);
        assert_eq!(
            made(&browser),
            json!([120, 60, "120 × 60 WEBP"]),
            "{dialect}"
        );
    }
    let opened = browser.run(
        "return Promise.all([...document.querySelectorAll('#dialects a')].map(async (link) => {
             const answer = await fetch(link.href);
             return answer.headers.get('content-type');
         }))",
    );
    assert_eq!(opened.as_array().unwrap().len(), 4);
    assert!(
        opened
            .as_array()
            .unwrap()
            .iter()
            .all(|kind| kind.as_str().unwrap().starts_with("image/")),
        "{opened}"
    );
    // The recipe outlives a reload.
    browser.run("location.reload()");
    settled(&browser);
    assert_eq!(made(&browser), json!([120, 60, "120 × 60 WEBP"]));
    browser.click(&browser.find("button[type=reset]"));
    settled(&browser);
    assert_eq!(made(&browser), json!([480, 320, "480 × 320 WEBP"]));
    assert_eq!(browser.errors(), [""; 0]);

    let link = browser.run("return document.querySelector('#dialects a').href");
    browser.open(link.as_str().unwrap());
    assert_eq!(browser.run("return document.contentType"), "image/webp");
    drop(server);
}

#[test]
fn every_sample_is_shown() {
    let Some((_server, browser)) = page("samples") else {
        return;
    };
    let names = browser
        .run("return [...document.querySelectorAll('#images input')].map((radio) => radio.value)");
    let names = names.as_array().unwrap();
    assert!(names.len() >= 5);
    browser.wait("[...document.querySelectorAll('#images img')].every((image) => image.naturalWidth === 160)");
    set(&browser, "w", "100");
    set(&browser, "h", "100");
    for name in names {
        browser.run(&format!(
            "document.querySelector('#images input[value={name}]').click()"
        ));
        settled(&browser);
        let sides = made(&browser);
        let sides = (sides[0].as_u64().unwrap(), sides[1].as_u64().unwrap());
        assert_eq!(sides.0.max(sides.1), 100, "{name}");
        let original = browser.run(
            "const image = document.querySelector('#original'); return image.naturalWidth > image.naturalHeight",
        );
        // Both are upright.
        assert_eq!(original, sides.0 > sides.1, "{name}");
    }
    assert_eq!(browser.errors(), [""; 0]);
}

#[test]
fn an_image_is_dropped_on_the_page() {
    let Some((server, browser)) = page("drop") else {
        return;
    };
    browser.keys(&browser.find("#file"), &format!("{IMAGES}/shield.png"));
    browser.wait(
        "document.querySelector('#images .pick:last-child input').value.startsWith('dropped-')",
    );
    settled(&browser);
    assert_eq!(made(&browser), json!([320, 320, "320 × 320 WEBP"]));
    browser.keys(&browser.find("#file"), &format!("{IMAGES}/README.md"));
    browser.wait("document.querySelector('#upload').textContent.includes('was not taken')");
    // What is refused is told, and does not stay.
    assert!(browser.errors().iter().all(|error| error.contains("415")));
    settled(&browser);
    assert_eq!(made(&browser), json!([320, 320, "320 × 320 WEBP"]));
    drop(server);
}

#[test]
fn a_refusal_is_told() {
    let Some((_server, browser)) = page("refusal") else {
        return;
    };
    browser.run(
        "const field = document.querySelector('#recipe').elements.w;
         field.value = 5000;
         field.dispatchEvent(new Event('input', { bubbles: true }))",
    );
    browser.wait("!document.querySelector('#problem').hidden");
    let problem = browser.run("return document.querySelector('#problem').textContent");
    assert_eq!(problem, "w cannot be \"5000\"");
    set(&browser, "w", "50");
    assert_eq!(made(&browser)[0], 50);
    assert_eq!(
        browser.run("return document.querySelector('#problem').hidden"),
        true
    );
}

#[test]
fn rules_are_tried() {
    let Some((_server, browser)) = page("rules") else {
        return;
    };
    let outcome = "document.querySelector('#outcome').textContent";
    browser.wait(&format!("{outcome} === 'The image would be made.'"));
    for (tried, expected) in [
        ("hotlink", "Refused by referer: referer_denied"),
        ("address", "Refused by ip: ip_blocked"),
        ("country", "Refused by geo: country_blocked"),
        ("bot", "Refused by user_agent_block: user_agent_blocked"),
        ("larger", "Refused by signature: signature_invalid"),
        ("friend", "The image would be made."),
    ] {
        browser.click(&browser.find(&format!("[data-try={tried}]")));
        browser.wait(&format!("{outcome} === {expected:?}"));
    }
    browser.run("document.querySelector('#request [name=referer]').select()");
    browser.keys(
        &browser.find("#request [name=referer]"),
        "https://example.com.evil.example/",
    );
    browser.wait(&format!("{outcome}.includes('referer_denied')"));
    browser.picture("policy");
    // The mount's own URL, by the server's own rules, which has none.
    browser.click(&browser.find("#mounts-details summary"));
    browser.click(&browser.find("#mounts button[aria-label^=Check]"));
    browser.wait(&format!("{outcome} === 'The image would be made.'"));
    let rules = browser.run("return document.querySelector('#rules').value");
    assert_eq!(rules, "server");
    assert_eq!(browser.errors(), [""; 0]);
}

#[test]
fn it_works_without_a_mouse() {
    let Some((_server, browser)) = page("keys") else {
        return;
    };
    // Everything that can be used has a name.
    set(&browser, "fit", "fill");
    set(&browser, "keep", "point");
    browser
        .run("document.querySelectorAll('details').forEach((details) => { details.open = true; })");
    let elements = browser.find_all("input, select, textarea, button, a, summary");
    assert!(elements.len() > 50, "{}", elements.len());
    for (index, element) in elements.iter().enumerate() {
        let label = browser.label(element);
        assert!(!label.is_empty(), "the element {index} has no name");
    }
    let split = browser.find("#split");
    browser.keys(&split, RIGHT);
    let at =
        || browser.run("return document.querySelector('#stage').style.getPropertyValue('--split')");
    assert_eq!(at(), "51%");
    browser.keys(&split, HOME);
    assert_eq!(at(), "0%");
    let active = || {
        browser.run("return document.activeElement.id || document.activeElement.name || document.activeElement.className")
    };
    assert_eq!(active(), "split");
    let outline = browser
        .run("return getComputedStyle(document.querySelector('.divider span')).outlineStyle");
    assert_eq!(outline, "solid", "where the focus is can be seen");
    // The first stop skips to the result; then they come in the order in which they are seen.
    browser.run("location.reload()");
    settled(&browser);
    let mut stops = Vec::new();
    for _ in 0..9 {
        browser.press(TAB);
        stops.push(active().as_str().unwrap().to_owned());
    }
    assert_eq!(stops[0], "skip");
    assert_eq!(stops[4..], ["image", "file", "w", "h", "fit"]);
    // A choice by arrow keys keeps the focus, though the list is made anew.
    let radio = browser.find("#dialects input[value=imagor]");
    browser.keys(&radio, RIGHT);
    settled(&browser);
    assert_eq!(
        browser.run("return document.activeElement.value"),
        "imagekit"
    );
    assert_eq!(browser.errors(), [""; 0]);
}

#[test]
fn it_fits_narrow_and_dark_screens() {
    let Some((_server, browser)) = page("screens") else {
        return;
    };
    set(&browser, "fit", "fill");
    set(&browser, "text", "imgward");
    browser.picture("light");
    let background =
        || browser.run("return getComputedStyle(document.documentElement).backgroundColor");
    let light = background();
    let dark = json!({ "features": [{ "name": "prefers-color-scheme", "value": "dark" }] });
    browser.command("Emulation.setEmulatedMedia", &dark);
    assert_ne!(background(), light);
    browser.picture("dark");
    for width in [320, 390, 768, 1024] {
        let metrics =
            json!({ "width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 700 });
        browser.command("Emulation.setDeviceMetricsOverride", &metrics);
        let over = browser.run("return document.scrollingElement.scrollWidth - innerWidth");
        assert!(
            over.as_i64().unwrap() <= 0,
            "{width}: {over} pixels too wide"
        );
        browser.picture(&format!("narrow-{width}"));
    }
}

/// A page of somebody else's, on another port of this machine.
fn page_of_another() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(
                b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello",
            );
        }
    });
    address
}

#[test]
fn another_page_cannot_use_it() {
    let Some((server, browser)) = page("other") else {
        return;
    };
    let ours = format!("http://{}/_imgward/", server.address());
    let thumbnail = browser.run("return document.querySelector('#images img').src");
    browser.open(&format!("http://{}/", page_of_another()));
    for (path, options) in [
        ("api/state", "{}"),
        ("api/urls?image=cat.jpg", "{}"),
        ("originals/cat.jpg", "{}"),
        ("", "{ method: 'POST', body: 'x' }"),
    ] {
        let read = browser.run(&format!(
            "return fetch('{ours}{path}', {options}).then(() => 'read', () => 'refused')"
        ));
        assert_eq!(read, "refused", "{path}");
    }
    let shown = browser.run(&format!(
        "return new Promise((done) => {{
             const image = new Image();
             image.onload = () => done('shown');
             image.onerror = () => done('refused');
             image.src = {thumbnail};
         }})"
    ));
    assert_eq!(shown, "refused");
    let framed = browser.run(&format!(
        "return new Promise((done) => {{
             const frame = document.createElement('iframe');
             frame.onload = () => {{
                 try {{ done(frame.contentWindow.location.href); }} catch {{ done('not ours'); }}
             }};
             frame.src = '{ours}';
             document.body.append(frame);
         }})"
    ));
    // What is framed is an error of the browser's, which is a page of its own.
    assert_eq!(framed, "not ours");
    let complaints = browser.errors().join("\n");
    assert!(complaints.contains("frame-ancestors"), "{complaints}");
    // Nobody has left an image.
    browser.open(&ours);
    settled(&browser);
    let dropped = browser.run("return fetch('api/state').then((state) => state.json()).then((state) => state.dropped.length)");
    assert_eq!(dropped, 0);
}
