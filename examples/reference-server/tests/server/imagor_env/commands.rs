//! The commands, by the same variables.

use super::{FILES, PRODUCTION, SIGNED, UNSAFE, run};
use crate::support::Folder;

#[test]
fn urls_are_signed_as_imagor_signs_them() {
    let (signature, path) = SIGNED;
    let (status, out, error) = run(&["sign", "--imagor-env", path], PRODUCTION);
    assert_eq!((status, &*error), (Some(0), ""));
    assert_eq!(out, format!("/{signature}/{path}\n"));
    let both = ["sign", "--imagor-env", "--config", "imagor.toml", path];
    assert_eq!(run(&both, PRODUCTION).0, Some(2));
    assert_eq!(run(&["sign", path], PRODUCTION).0, Some(2));
}

#[test]
fn check_judges_by_them() {
    let (signature, path) = SIGNED;
    let signed = format!("/{signature}/{path}");
    let cases = [
        (&*signed, PRODUCTION, 1, "source_denied"),
        ("/unsafe/8x8/cat.jpg", PRODUCTION, 1, "signature_missing"),
        ("/unsafe/8x8/cat.jpg", &[UNSAFE, FILES], 0, "pass"),
        ("/healthcheck", PRODUCTION, 0, "pass"),
        ("/healthchecks", PRODUCTION, 1, "signature_missing"),
    ];
    for (target, variables, expected, verdict) in cases {
        let (status, out, _) = run(&["check", "--imagor-env", target], variables);
        let last = out.lines().last().unwrap();
        let says = last.split_whitespace().nth(1);
        assert_eq!(
            (status, says),
            (Some(expected), Some(verdict)),
            "{target}: {out}"
        );
    }
}

#[cfg(unix)]
#[test]
fn the_store_is_warmed_and_purged() {
    let folder = Folder::new("imagor-warm");
    let list = folder.path().join("list.txt");
    std::fs::write(&list, "30x20/shield.png\n").unwrap();
    let results = folder.path().join("results");
    std::fs::create_dir_all(&results).unwrap();
    let variables = [
        UNSAFE,
        FILES,
        ("FILE_RESULT_STORAGE_BASE_DIR", results.to_str().unwrap()),
    ];
    let warm = ["warm", "--imagor-env", list.to_str().unwrap()];
    let (status, out, error) = run(&warm, &variables);
    assert!(
        status == Some(0) && out.starts_with("1 made, "),
        "{out}{error}"
    );
    let purge = ["purge", "--imagor-env", "30x20/shield.png"];
    let (status, out, error) = run(&purge, &variables);
    assert_eq!(
        (status, &*out, &*error),
        (Some(0), "removed 1 result\n", "")
    );
}
