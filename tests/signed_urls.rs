//! Signed URLs, as real clients send them and as hostile ones do.
#![expect(clippy::unwrap_used, reason = "this is test code")]

use std::time::Duration;

use imgward::guard::GuardLayer;
use imgward::mount::MountPath;
use imgward::signature::{Key, Keyring, Scheme, Signer, Verifier};
use imgward_harness::{
    Answer, CodeInHeader, DirOrigin, ManualClock, MemoryOrigin, Server, every_host, photo,
    with_health,
};
use tonic_health::pb::HealthCheckRequest;
use tower::{Layer as _, ServiceBuilder};

const NOW: u64 = 1_800_000_000;

/// A scheme, its keys, a target of one of its dialects, and the path that the origin then sees.
fn schemes() -> [(Scheme, Keyring, &'static str, &'static str); 5] {
    let secret = || Keyring::of_secrets(["mysecret"]);
    let hex = Keyring::of_secrets(["6d79736563726574"]).salt("73616c74");
    let pair = Keyring::new().key("id", Key::new("mysecret"));
    [
        (
            Scheme::imagor(),
            secret(),
            "64x48/photo.jpg",
            "/img/64x48/photo.jpg",
        ),
        (
            Scheme::imgproxy(),
            hex,
            "rs:fit:64:48/plain/photo.jpg",
            "/img/rs:fit:64:48/plain/photo.jpg",
        ),
        (
            Scheme::imagekit(),
            secret(),
            "photo.jpg?tr=w-64",
            "/img/photo.jpg",
        ),
        (
            Scheme::optstuff(),
            pair,
            "w_64/cdn.example.com/photo.jpg",
            "/img/w_64/cdn.example.com/photo.jpg",
        ),
        (
            Scheme::query(),
            secret(),
            "64x48/photo.jpg?a=b",
            "/img/64x48/photo.jpg",
        ),
    ]
}

fn mount() -> MountPath {
    MountPath::new("/img").unwrap()
}

fn get(server: &Server, target: impl AsRef<[u8]>) -> Answer {
    server.client().get(target).send().unwrap()
}

#[test]
fn what_is_signed_is_served_in_every_host() {
    for (scheme, keys, target, path) in schemes() {
        let origin = MemoryOrigin::new().with(path, "image/jpeg", photo::jpeg(8, 8));
        let verifier = Verifier::new(scheme, keys.clone()).unwrap().at(mount());
        let signed = Signer::new(scheme, keys).unwrap().at(mount());
        let signed = signed.sign(target, None).unwrap();
        let stack = GuardLayer::new(verifier).with_responder(CodeInHeader);
        for (host, server) in every_host!(stack, origin) {
            let answer = get(&server, &signed);
            assert_eq!(
                answer.body(),
                photo::jpeg(8, 8),
                "{host}: {signed}: {answer:?}"
            );
            let unsigned = get(&server, path);
            assert_eq!(unsigned.status(), 403, "{host}: {path}");
        }
        assert_eq!(origin.requests(), 4, "{signed}");
    }
}

#[test]
fn no_other_byte_is_served() {
    for (scheme, keys, target, path) in schemes() {
        let origin = MemoryOrigin::new().with(path, "image/jpeg", photo::jpeg(8, 8));
        let verifier = Verifier::new(scheme, keys.clone()).unwrap().at(mount());
        let signed = Signer::new(scheme, keys).unwrap().at(mount());
        let signed = signed.sign(target, None).unwrap();
        let server = Server::hyper(GuardLayer::new(verifier).layer(with_health(origin)));
        for at in 1..signed.len() {
            for change in [
                |byte| byte ^ 0x20,
                |byte| byte ^ 0x01,
                |_| b'%',
                |_| b'/',
                |_| 0xe9,
            ] {
                let mut changed = signed.clone().into_bytes();
                changed[at] = change(changed[at]);
                if changed == signed.as_bytes() {
                    continue;
                }
                let status = get(&server, &changed).status();
                // 400 is the host's answer to what is no URI; 404 the origin's, outside the mount.
                let refused = status == 400 || status == if at < "/img/".len() { 404 } else { 403 };
                assert!(refused, "{status}: {}", changed.escape_ascii());
            }
        }
    }
}

#[test]
fn time_goes_by_in_every_host() {
    let clock = ManualClock::at(NOW);
    let verifier = Verifier::new(Scheme::query(), Keyring::of_secrets(["mysecret"])).unwrap();
    let verifier = verifier
        .at(mount())
        .max_lifetime(Duration::from_secs(86_400))
        .clock(clock.clone());
    let signer = Signer::new(Scheme::query(), Keyring::of_secrets(["mysecret"])).unwrap();
    let signer = signer.at(mount());
    let sign = |expires| signer.sign("photo.jpg", expires).unwrap();
    let minute = sign(Some(NOW + 60));
    let forged = minute.replace("exp=18", "exp=19");
    let cases = [
        (NOW, &minute, None),
        (NOW + 60, &minute, None),
        (NOW + 61, &minute, Some("url_expired")),
        (NOW + 61, &forged, Some("signature_invalid")),
        (NOW, &sign(Some(NOW + 86_400)), None),
        (NOW, &sign(Some(NOW + 86_401)), Some("lifetime_too_long")),
        (NOW, &sign(None), Some("lifetime_too_long")),
    ];
    let origin = MemoryOrigin::new().with("/img/photo.jpg", "image/jpeg", photo::jpeg(8, 8));
    let stack = GuardLayer::new(verifier).with_responder(CodeInHeader);
    for (host, server) in every_host!(stack, origin) {
        for (now, target, code) in cases {
            clock.set(now);
            let answer = get(&server, target);
            assert_eq!(answer.code(), code, "{host}: {target} at {now}: {answer:?}");
            assert_eq!(answer.status() == 200, code.is_none(), "{host}: {answer:?}");
        }
    }
}

#[tokio::test]
async fn outside_the_mount_nothing_is_asked_for() {
    let verifier = Verifier::new(Scheme::imagor(), Keyring::of_secrets(["mysecret"]));
    let stack = GuardLayer::new(verifier.unwrap().at(mount())).with_responder(CodeInHeader);
    let origin = MemoryOrigin::new()
        .with("/about.html", "text/html", "about")
        .with("/images/a.jpg", "image/jpeg", "a photo");
    for (host, server) in every_host!(stack, origin) {
        for path in ["/about.html?sig=none", "/images/a.jpg"] {
            assert_eq!(get(&server, path).status(), 200, "{host}: {path}");
        }
        let refused = get(&server, "/img/about.html");
        assert_eq!(refused.code(), Some("signature_missing"), "{host}");
        let mut health = server.client().health().await.unwrap();
        let answer = health.check(HealthCheckRequest::default()).await;
        assert!(answer.is_ok(), "{host}: {answer:?}");
    }
}

#[test]
fn a_folder_below_the_layers_is_never_left() {
    let origin = DirOrigin::new()
        .with("img/photo.jpg", photo::jpeg(8, 8))
        .with("secret.txt", "a secret");
    let verifier = Verifier::unsigned(Scheme::imagor()).at(mount());
    let app = ServiceBuilder::new()
        .layer(GuardLayer::new(verifier))
        .service(origin.service());
    let server = Server::hyper(app);
    assert_eq!(get(&server, "/img/unsafe/photo.jpg").status(), 200);
    for target in [
        "/img/unsafe/../secret.txt",
        "/img/unsafe/..%2fsecret.txt",
        "/img/unsafe/%2e%2e/secret.txt",
        "/img/unsafe/%252e%252e%252fsecret.txt",
        "/img/../secret.txt",
        "/img/..%5csecret.txt",
        "/img/%2e%2e%2fsecret.txt%00.jpg",
    ] {
        let answer = get(&server, target);
        assert!(!answer.text().contains("a secret"), "{target}: {answer:?}");
        assert_ne!(answer.status(), 200, "{target}: {answer:?}");
    }
}
