//! The configurations of the guides in `docs/`.

use crate::support::{Folder, imgward};

const GUIDES: [(&str, &str); 5] = [
    (
        "behind-a-proxy",
        include_str!("../../../../docs/behind-a-proxy.md"),
    ),
    (
        "from-imagekit",
        include_str!("../../../../docs/from-imagekit.md"),
    ),
    (
        "from-imgproxy",
        include_str!("../../../../docs/from-imgproxy.md"),
    ),
    (
        "from-optstuff",
        include_str!("../../../../docs/from-optstuff.md"),
    ),
    (
        "from-thumbor",
        include_str!("../../../../docs/from-thumbor.md"),
    ),
];

#[test]
fn samples_of_the_guides_check_out() {
    let folder = Folder::new("guides");
    std::fs::create_dir_all(folder.path().join("images")).unwrap();
    std::fs::write(folder.path().join("blocklist.txt"), "10.0.0.0/8\n").unwrap();
    let mut count = 0;
    for (name, guide) in GUIDES {
        for block in guide.split("```toml\n").skip(1) {
            let mut text = block.split("```").next().unwrap().to_owned();
            // What says nothing of an origin is part of a file.
            if !text.contains("origin]") {
                let origin = "[origin]\nfiles = \"images\"\n";
                text = format!("environment = \"development\"\n{text}{origin}");
            }
            let config = folder.config(&text);
            let output = imgward(&["config", "--config", &config])
                .envs(["SECURITY_KEY", "IMAGEKIT_PRIVATE_KEY"].map(|name| (name, "a secret")))
                .envs(["SHOP_SECRET", "SHOP_SECRET_OLD"].map(|name| (name, name)))
                .envs(["IMGPROXY_KEY", "IMGPROXY_SALT"].map(|name| (name, "736563726574")))
                .output()
                .unwrap();
            let error = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(output.status.success(), "{name}: {error}\n{text}");
            count += 1;
        }
    }
    assert!(count >= 8, "{count}");
}
