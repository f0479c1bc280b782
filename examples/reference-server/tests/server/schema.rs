//! The JSON Schema of the configuration file, for editors.

use boon::{Compiler, SchemaIndex, Schemas};
use serde_json::Value;

use crate::support::run;

const CHECKED_IN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/imgward.schema.json");

/// The pages that have samples of the file.
const PAGES: [&str; 2] = [
    include_str!("../../README.md"),
    include_str!("../../../../README.md"),
];

struct Schema {
    schemas: Schemas,
    index: SchemaIndex,
}

impl Schema {
    fn read() -> Self {
        let text = std::fs::read_to_string(CHECKED_IN).unwrap();
        let mut compiler = Compiler::new();
        let json = serde_json::from_str(&text).unwrap();
        compiler.add_resource("imgward.json", json).unwrap();
        let mut schemas = Schemas::new();
        let index = compiler.compile("imgward.json", &mut schemas).unwrap();
        Self { schemas, index }
    }

    fn check(&self, text: &str) -> Result<(), String> {
        let value: Value = toml::from_str(text).map_err(|error| error.to_string())?;
        let verdict = self.schemas.validate(&value, self.index);
        verdict.map_err(|error| error.to_string())
    }
}

/// The TOML blocks of a page.
fn samples(page: &str) -> impl Iterator<Item = &str> {
    let blocks = page.split("```toml\n").skip(1);
    blocks.map(|block| block.split("```").next().unwrap())
}

#[test]
fn what_is_checked_in_is_what_is_made() {
    let (status, out, error) = run(&["config", "--schema"]);
    assert_eq!((status, &*error), (Some(0), ""));
    let checked_in = std::fs::read_to_string(CHECKED_IN).unwrap();
    assert!(
        out == checked_in,
        "run: cargo run -p imgward-server -- config --schema > examples/reference-server/imgward.schema.json"
    );
}

#[test]
fn samples_are_accepted() {
    let schema = Schema::read();
    let mut count = 0;
    for sample in PAGES.into_iter().flat_map(samples) {
        assert_eq!(schema.check(sample), Ok(()), "{sample}");
        count += 1;
    }
    assert!(count >= 2);
}

#[test]
fn what_the_server_refuses_by_form_is_refused() {
    let schema = Schema::read();
    let right = [
        "",
        "listen = '127.0.0.1:0'",
        "[ip]\nblock = '''\n10.0.0.0/8\n'''",
        "[transform]\nmax_source_bytes = 5\nquality = { jpeg = 1 }\npresets = { a = 'w:5' }",
        "[signature]\nkeys = [{ id = 'a', secret = 'b' }]",
        "[[mount]]\npath = '/a'\n[mount.ip]\nblock = []\n[[mount.user_agent]]\ncontains = ['a']\naccept = '*/*'",
    ];
    for text in right {
        assert_eq!(schema.check(text), Ok(()), "{text}");
    }
    let wrong = [
        "lisen = '127.0.0.1:0'",
        "environment = 'staging'",
        "report_only = ['ips']",
        "shutdown_timeout = 30",
        "shutdown_timeout = '30'",
        "[ip]\nalow = []",
        "[ip]\nblock = [1]",
        "[geo]\nmode = 'on'",
        "[transform]\ndialect = 'thumbnail'",
        "[transform]\nauto_format = ['heif']",
        "[transform]\nmax_source_bytes = '5mib'",
        "[transform]\nmax_source_bytes = 0",
        "[transform]\nquality = { jpeg = 101 }",
        "[transform]\nquality = { jpg = 80 }",
        "[transform]\npresets = { a = 5 }",
        "[signature]\nkeys = [{ name = 'a' }]",
        "[signature]\nscheme = 'imaginary'",
        "[mount]\npath = '/a'",
        "[[mount]]\npath = '/a'\n[mount.ip]\nalow = []",
        "[[mount]]\npath = '/a'\nlisten = '127.0.0.1:0'",
        "[[user_agent]]\nblock = []",
    ];
    for text in wrong {
        assert!(schema.check(text).is_err(), "{text}");
    }
}
