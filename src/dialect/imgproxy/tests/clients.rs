//! URLs that real clients made.

use std::sync::Arc;

use super::*;
use crate::dialect::Dialect;
use crate::guard::Guard;
use crate::signature::{Keyring, Scheme, Verifier};

const CLIENTS: &str = include_str!("clients.tsv");

#[test]
fn urls_of_real_clients_verify_and_are_understood() {
    let settings = Imgproxy::new()
        .presets([("thumb", "rs:fill:120:80")])
        .unwrap()
        .watermark("logo.png")
        .unwrap();
    let dialect = Dialect::from(settings.clone());
    let keyring = Keyring::of_secrets(["736563726574"]).salt("68656c6c6f");
    let verifier = Verifier::new(Scheme::imgproxy(), keyring).unwrap();
    let rows = CLIENTS.lines().filter(|line| !line.starts_with('#'));
    let mut count = 0;
    for row in rows {
        let [client, url, name, options] = row.split('\t').collect::<Vec<_>>()[..] else {
            panic!("{row}");
        };
        let (mut head, ()) = http::Request::get(url).body(()).unwrap().into_parts();
        let mut passed = verifier
            .check(&head)
            .unwrap_or_else(|why| panic!("{url}: {why}"));
        verifier.apply(&mut head, &mut passed);
        let read = dialect
            .check(&head)
            .unwrap_or_else(|why| panic!("{url}: {why}"));
        let request = Arc::unwrap_or_clone(read.unwrap());
        assert_eq!(&*request.sources[0], name, "{client}: {url}");
        let mut expected = parsed_by(&settings, &format!("{options}/plain/x")).unwrap();
        expected.sources[0] = name.into();
        assert_eq!(request, expected, "{client}: {url}");
        count += 1;
    }
    assert_eq!(count, 27);
}
