//! The helpers of `docs/signing.md`, run as they stand there: what they sign verifies.
#![allow(
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "these are tests"
)]

use std::io::Write as _;
use std::process::{Command, Stdio};

use http::Request;
use imgward::guard::Guard as _;
use imgward::mount::MountPath;
use imgward::signature::{Algorithm, Key, Keyring, Scheme, Verifier};

const PAGE: &str = include_str!("../docs/signing.md");

/// What prints a URL a line, in the order of [`verifiers`].
const JAVASCRIPT: &str = "
for (const url of [
  signImagor('mysecret', '300x200/smart/photo.jpg'),
  signImagor('mysecret', 'filters:expire(4102444800000)/a%20b.jpg', { algorithm: 'sha256', truncate: 40 }),
  signImgproxy('736563726574', '68656c6c6f', '/rs:fill:300:200/plain/local:///photo.jpg'),
  signImageKit('private_key', 'tr:w-300/photo.jpg'),
  signImageKit('private_key', 'tr:w-300/photo.jpg?v=2', 4102444800),
  signOptStuff('pk_1', 'sk_1', 'w_800,f_webp', 'https://cdn.example.com/a b.jpg'),
  signOptStuff('pk_1', 'sk_1', '_', 'cdn.example.com/caf\\u00e9.jpg', 4102444800),
  signQuery('mysecret', '/', '/300x200/photo.jpg'),
  signQuery('mysecret', '/img', '/300x200/photo.jpg?v=2', { expires: 4102444800 }),
  signQuery('mysecret', '/img', '/photo.jpg', { expires: 4102444800, keyId: 'pk_1' }),
]) console.log(url);
";

const PYTHON: &str = "
for url in [
    sign_imagor('mysecret', '300x200/smart/photo.jpg'),
    sign_imagor('mysecret', 'filters:expire(4102444800000)/a%20b.jpg', 'sha256', 40),
    sign_imgproxy('736563726574', '68656c6c6f', '/rs:fill:300:200/plain/local:///photo.jpg'),
    sign_imagekit('private_key', 'tr:w-300/photo.jpg'),
    sign_imagekit('private_key', 'tr:w-300/photo.jpg?v=2', 4102444800),
    sign_optstuff('pk_1', 'sk_1', 'w_800,f_webp', 'https://cdn.example.com/a b.jpg'),
    sign_optstuff('pk_1', 'sk_1', '_', 'cdn.example.com/caf\\u00e9.jpg', 4102444800),
    sign_query('mysecret', '/', '/300x200/photo.jpg'),
    sign_query('mysecret', '/img', '/300x200/photo.jpg?v=2', 4102444800),
    sign_query('mysecret', '/img', '/photo.jpg', 4102444800, 'pk_1'),
]:
    print(url)
";

fn verifiers() -> Vec<Verifier> {
    let at = |path: &str, scheme: Scheme, keys: Keyring| {
        let verifier = Verifier::new(scheme, keys).unwrap();
        verifier.at(MountPath::new(path).unwrap())
    };
    let secret = || Keyring::of_secrets(["mysecret"]);
    let imagekit = || Keyring::of_secrets(["private_key"]);
    let optstuff = || Keyring::new().key("pk_1", Key::new("sk_1"));
    let truncated = Scheme::imagor().algorithm(Algorithm::Sha256).truncate(40);
    vec![
        at("/", Scheme::imagor(), secret()),
        at("/", truncated, secret()),
        at(
            "/",
            Scheme::imgproxy(),
            Keyring::of_secrets(["736563726574"]).salt("68656c6c6f"),
        ),
        at("/", Scheme::imagekit(), imagekit()),
        at("/", Scheme::imagekit(), imagekit()),
        at("/", Scheme::optstuff(), optstuff()),
        at("/", Scheme::optstuff(), optstuff()),
        at("/", Scheme::query(), secret()),
        at("/img", Scheme::query(), secret()),
        at(
            "/img",
            Scheme::query(),
            Keyring::new().key("pk_1", Key::new("mysecret")),
        ),
    ]
}

/// The blocks of a language.
fn blocks(language: &str) -> String {
    let fence = format!("```{language}\n");
    let blocks = PAGE.split(&fence).skip(1);
    blocks
        .map(|block| block.split("```").next().unwrap())
        .collect()
}

/// What a program prints that is read from standard input; `None` where there is no such interpreter.
fn run(interpreter: &[&str], program: &str) -> Option<String> {
    let [name, arguments @ ..] = interpreter else {
        return None;
    };
    let child = Command::new(name)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let Ok(mut child) = child else {
        eprintln!("skipped: there is no {name}");
        return None;
    };
    child
        .stdin
        .take()
        .unwrap()
        .write_all(program.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{name}");
    Some(String::from_utf8(output.stdout).unwrap())
}

fn assert_verify(urls: &str) {
    let urls: Vec<&str> = urls.lines().collect();
    let verifiers = verifiers();
    assert_eq!(urls.len(), verifiers.len(), "{urls:?}");
    for (url, verifier) in urls.into_iter().zip(&verifiers) {
        let check = |url: &str| {
            let request = Request::get(url).body(()).unwrap();
            verifier.check(&request.into_parts().0).map(drop)
        };
        assert!(check(url).is_ok(), "{url}: {:?}", check(url));
        let other = url.replacen(".jpg", ".png", 1);
        assert!(check(&other).is_err(), "{other}");
    }
}

#[test]
fn javascript() {
    let program = blocks("js") + JAVASCRIPT;
    if let Some(urls) = run(&["node", "--input-type=module", "-"], &program) {
        assert_verify(&urls);
    }
}

#[test]
fn python() {
    let program = blocks("python") + PYTHON;
    if let Some(urls) = run(&["python3", "-"], &program) {
        assert_verify(&urls);
    }
}
