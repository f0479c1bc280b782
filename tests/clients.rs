//! URLs that the clients of other image services make: each verifies, is understood, and comes to the size that its service
//! would make.
//!
//! They are checked in, next to the scripts that print them (`clients/`). Where `clients/install.sh` has installed the
//! clients, they are printed again, and have to be the same.
#![expect(clippy::panic, clippy::unwrap_used, reason = "this is test code")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use imgward::dialect::{Dialect, DialectLayer, ImageUrl, Imgproxy};
use imgward::engine::Engine;
use imgward::guard::Guard;
use imgward::recipe::ImageRequest;
use imgward::signature::{Key, Keyring, Scheme, SignatureLayer, Verifier};
use imgward::transform::TransformLayer;
use imgward_harness::{MemoryOrigin, Server, photo};
use tower::ServiceBuilder;

/// A client, and what speaks to it.
struct Client {
    /// The name of its script and of its URLs.
    name: &'static str,
    urls: &'static str,
    rows: usize,
    /// What is there where it is installed.
    installed: &'static str,
    verifier: Verifier,
    dialect: Dialect,
}

fn clients() -> [Client; 5] {
    let secret = || Keyring::of_secrets(["mysecret"]);
    let salted = Keyring::of_secrets(["736563726574"]).salt("68656c6c6f");
    let pair = Keyring::new().key("pk_1", Key::new("mysecret"));
    let verifier = |scheme, keys| Verifier::new(scheme, keys).unwrap();
    let marked = Imgproxy::new().watermark("logo.png").unwrap();
    [
        Client {
            name: "thumbor.py",
            urls: include_str!("clients/thumbor.tsv"),
            rows: 64,
            installed: "python/libthumbor",
            verifier: verifier(Scheme::imagor(), secret()),
            dialect: Dialect::imagor(),
        },
        Client {
            name: "imagekit.mjs",
            urls: include_str!("clients/imagekit.tsv"),
            rows: 85,
            installed: "node_modules/@imagekit/nodejs",
            verifier: verifier(Scheme::imagekit(), secret()),
            dialect: Dialect::imagekit(),
        },
        Client {
            name: "imgproxy.mjs",
            urls: include_str!("clients/imgproxy.tsv"),
            rows: 58,
            installed: "node_modules/@imgproxy/imgproxy-node",
            verifier: verifier(Scheme::imgproxy(), salted),
            dialect: marked.into(),
        },
        Client {
            name: "ipx.mjs",
            urls: include_str!("clients/ipx.tsv"),
            rows: 32,
            installed: "node_modules/unpic",
            verifier: Verifier::unsigned(Scheme::optstuff()),
            dialect: Dialect::ipx(),
        },
        Client {
            name: "optstuff.mjs",
            urls: include_str!("clients/optstuff.tsv"),
            rows: 78,
            installed: "",
            verifier: verifier(Scheme::optstuff(), pair),
            dialect: Dialect::ipx().optstuff(true),
        },
    ]
}

/// URL, name of the image, and size.
fn rows(urls: &'static str) -> impl Iterator<Item = [&'static str; 3]> {
    urls.lines().map(|line| {
        let fields: Vec<_> = line.split('\t').collect();
        fields
            .try_into()
            .unwrap_or_else(|fields| panic!("{fields:?}"))
    })
}

/// What a URL asks for, by what is handed on of it.
fn read(verifier: &Verifier, dialect: &Dialect, url: &str) -> Arc<ImageRequest> {
    let (mut head, ()) = http::Request::get(url).body(()).unwrap().into_parts();
    let pass = verifier.check(&head);
    let mut pass = pass.unwrap_or_else(|why| panic!("{url}: {why}"));
    verifier.apply(&mut head, &mut pass);
    let request = dialect.check(&head);
    let request = request.unwrap_or_else(|why| panic!("{url}: {why}"));
    request.unwrap()
}

#[test]
fn urls_of_clients_verify_name_their_image_and_can_be_written_again() {
    for client in clients() {
        let unsigned = Verifier::unsigned(client.dialect.scheme());
        let mut count = 0;
        for [url, name, _] in rows(client.urls) {
            let request = read(&client.verifier, &client.dialect, url);
            assert_eq!(&*request.sources[0], name, "{url}");
            let written = ImageUrl::of(&client.dialect, (*request).clone()).unsigned();
            let written = written.unwrap_or_else(|why| panic!("{url}: {why}"));
            let again = read(&unsigned, &client.dialect, &written);
            assert_eq!(again, request, "{url}, then {written}");
            count += 1;
        }
        assert_eq!(count, client.rows, "{}", client.name);
    }
}

#[test]
fn urls_of_clients_come_to_the_size_that_their_service_makes() {
    let photo = || photo::jpeg(160, 120);
    let mut origin = MemoryOrigin::new().with("/logo.png", "image/png", photo::png(20, 10));
    for name in [
        "/photo.jpg",
        "/album/photo.jpg",
        "/album/a%20b.jpg",
        "/album/a%20b+c.jpg",
        "/album/a%20b%2Bc.jpg",
        "/album/a%20b@2x.jpg",
        "/album/a%20b%402x.jpg",
        "/album/100%25.jpg",
    ] {
        origin = origin.with(name, "image/jpeg", photo());
    }
    for client in clients() {
        let stack = ServiceBuilder::new()
            .layer(SignatureLayer::new(client.verifier))
            .layer(DialectLayer::new(client.dialect))
            .layer(TransformLayer::new(Engine::default()));
        let server = Server::hyper(stack.service(origin.clone()));
        let mut wrong = Vec::new();
        for [url, _, size] in rows(client.urls) {
            let answer = server.client().get(url).send().unwrap();
            let made = match image::load_from_memory(answer.body()) {
                Ok(image) => format!("{}x{}", image.width(), image.height()),
                Err(_) => format!("{}", answer.status()),
            };
            if made != size {
                wrong.push(format!("{url} is {made}, and not {size}"));
            }
        }
        assert!(wrong.is_empty(), "{}: {wrong:#?}", client.name);
    }
}

/// Where the clients are installed.
fn folder() -> PathBuf {
    let default = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/clients");
    std::env::var_os("IMGWARD_CLIENTS").map_or_else(default, PathBuf::from)
}

#[test]
fn clients_still_print_what_is_checked_in() {
    let folder = folder();
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients");
    for client in clients() {
        let program = match client.name.split_once('.') {
            Some((_, "py")) => "python3",
            _ => "node",
        };
        if !folder.join(client.installed).exists() {
            eprintln!(
                "skipped: {} is not in {} (tests/clients/install.sh)",
                client.installed,
                folder.display()
            );
            continue;
        }
        let printed = Command::new(program)
            .arg(scripts.join(client.name))
            .arg(&folder)
            .env("PYTHONPATH", folder.join("python"))
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .output();
        let Ok(printed) = printed else {
            eprintln!("skipped: there is no {program}");
            continue;
        };
        let errors = String::from_utf8_lossy(&printed.stderr);
        assert!(printed.status.success(), "{}: {errors}", client.name);
        let printed = String::from_utf8(printed.stdout).unwrap();
        assert_eq!(printed, client.urls, "{}", client.name);
    }
}
