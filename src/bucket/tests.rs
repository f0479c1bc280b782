use super::*;

fn open(url: &str) -> Result<Bucket, String> {
    Bucket::open(url, &BucketOptions::new()).map_err(|error| error.to_string())
}

#[test]
fn a_bucket_is_a_url_with_a_scheme_that_is_known() {
    for url in [
        "",
        "photos",
        "/var/cache",
        "s3:photos",
        "s3://",
        "s3:///photos",
        "s3://photos:9000/a",
        "s3://photos/a?versionId=1",
        "s3://photos/a#b",
        "s3://photos/a/../b",
        "s3://photos/%2e%2e/b",
        "s3://photos/a//b",
        "gs://user@photos",
        "ftp://photos/a",
        "https://s3.amazonaws.com/photos",
        "memory:///photos",
        "file:",
        "file:///",
        "file:photos",
        "file://photos/a",
        "file:///photos/../a",
        "file:///photos?a=b",
    ] {
        let error = open(url).unwrap_err();
        let named = error.starts_with(&format!("{url:?} is no bucket: "));
        assert!(named || url.contains('@'), "{error}");
    }
    let secret = open("s3://AKEY:secret@photos/a").unwrap_err();
    assert!(!secret.contains("secret"), "{secret}");
}

#[cfg(feature = "full")]
#[test]
fn each_bucket_has_an_identity_of_its_own() {
    let cases = [
        ("file:///var/images/", "file:///var/images"),
        ("s3://photos", "s3://photos/"),
        ("s3://photos/", "s3://photos/"),
        ("s3://photos/a%20b", "s3://photos/a b"),
        ("gs://photos/a", "gs://photos/a"),
        ("az://photos/a", "az://photos/a at account"),
    ];
    let account = BucketOptions::from_variables([(
        String::from("AZURE_STORAGE_ACCOUNT_NAME"),
        String::from("account"),
    )]);
    for (url, identity) in cases {
        let bucket = Bucket::open(url, &account).unwrap();
        assert_eq!(bucket.identity(), identity);
    }
    let elsewhere = BucketOptions::new().endpoint("http://127.0.0.1:9000/");
    let bucket = Bucket::open("s3://photos", &elsewhere).unwrap();
    assert_eq!(bucket.identity(), "s3://photos/ at http://127.0.0.1:9000");
}

#[test]
fn row_97_a_name_cannot_leave_the_prefix() {
    let bucket = Bucket::in_memory("a/b");
    let cases = [
        ("c.jpg", Some("a/b/c.jpg")),
        ("c/d e~[é].jpg", Some("a/b/c/d e~[é].jpg")),
        ("c%2F..%2Fd", Some("a/b/c%2F..%2Fd")),
        ("c\\..\\d", Some("a/b/c\\..\\d")),
        ("...", Some("a/b/...")),
        ("", None),
        ("/", None),
        ("/c", None),
        ("c/", None),
        ("c//d", None),
        (".", None),
        ("..", None),
        ("../c", None),
        ("c/../../d", None),
        ("c/./d", None),
        ("c\0", None),
        ("c\r\nd", None),
    ];
    for (name, key) in cases {
        let found = bucket.key(name);
        assert_eq!(found.as_ref().map(Path::as_ref), key, "{name:?}");
        if let Some(found) = found {
            assert_eq!(bucket.name(&found).as_deref(), Some(name));
        }
    }
    assert!(bucket.key(&"c".repeat(MAX_KEY + 1)).is_none());
    let folder = open("file:///var/images").unwrap();
    assert!(folder.key("c\\..\\d").is_none());
    assert!(folder.key("c/d").is_some());
}

#[test]
fn options_are_the_variables_of_the_clouds_and_are_never_printed() {
    let variables = |list: &[(&str, &str)]| {
        let list = list.iter();
        BucketOptions::from_variables(list.map(|(name, value)| ((*name).into(), (*value).into())))
    };
    let all = variables(&[
        ("AWS_ACCESS_KEY_ID", "key"),
        ("AWS_SECRET_ACCESS_KEY", "hidden"),
        ("AWS_SESSION_TOKEN", ""),
        ("S3_ENDPOINT", "http://127.0.0.1:9000"),
        ("ENDPOINT", "http://nowhere.example"),
        ("PATH", "/bin"),
    ]);
    let expected = BucketOptions::new()
        .access_key("key", "hidden")
        .endpoint("http://127.0.0.1:9000");
    assert_eq!(all, expected);
    assert!(!format!("{all:?}").contains("hidden"));
    let own = variables(&[
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:1"),
        ("S3_ENDPOINT", "http://127.0.0.1:2"),
    ]);
    assert_eq!(
        own,
        variables(&[("AWS_ENDPOINT_URL", "http://127.0.0.1:1")])
    );
}

#[cfg(feature = "s3")]
#[test]
fn an_endpoint_is_a_url_without_secrets_and_options_must_be_what_they_are() {
    let cases = [
        ("AWS_ENDPOINT", "https://s3.example.com/below", true),
        ("AWS_ENDPOINT", "http://127.0.0.1:9000", true),
        ("AWS_ENDPOINT", "127.0.0.1:9000", false),
        ("AWS_ENDPOINT", "ftp://s3.example.com", false),
        ("AWS_ENDPOINT", "https://user:hidden@s3.example.com", false),
        ("AWS_VIRTUAL_HOSTED_STYLE_REQUEST", "true", true),
        ("AWS_VIRTUAL_HOSTED_STYLE_REQUEST", "hidden", false),
        ("AWS_SECRET_ACCESS_KEY", "hidden", false),
        ("AWS_PROXY_URL", "http://hidden.example", false),
        ("AWS_PROFILE", "default", true),
    ];
    for (name, value, is_valid) in cases {
        let options = BucketOptions::from_variables([(name.into(), value.into())]);
        let opened = Bucket::open("s3://photos", &options);
        assert_eq!(opened.is_ok(), is_valid, "{name} {value} {opened:?}");
        if let Err(error) = opened.map(drop)
            && value != "hidden"
        {
            assert!(!error.to_string().contains("hidden"), "{error}");
        }
    }
}
